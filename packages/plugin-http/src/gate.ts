/** A promise that is made when somebody waits and resolved when there is news, again and again. */
export class Gate {
  #waiting: PromiseWithResolvers<void> | undefined;

  /** Resolves at the next {@link open}: the same promise for all who wait. */
  wait(): Promise<void> {
    this.#waiting ??= Promise.withResolvers<void>();
    return this.#waiting.promise;
  }

  /** Lets go whoever waits. */
  open(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    waiting.resolve();
  }
}

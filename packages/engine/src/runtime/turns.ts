/** Milliseconds that one guest may hold the event loop for. */
const sliceMs = 3;
/** The same for all of them in one turn of the event loop, while any waits for its own. */
const turnMs = 9;
/** The least that a guest gets that is called when others have used that up. */
const leastSliceMs = 0.25;

/**
 * What the guests of one engine share: the thread. A guest that has run for its slice waits in line, and one of those goes on in each turn of the event loop. So most
 * calls run from their beginning to their end, however many there are, and what computes for long takes turns with its like.
 */
export class Turns {
  /** Milliseconds after which a guest is ended that runs where nothing can suspend it: a start function, realloc, a destructor. */
  readonly blockedLimitMs: number;
  readonly #line: (() => void)[] = [];
  #turnStart = 0;

  constructor(blockedLimitMs: number) {
    this.blockedLimitMs = blockedLimitMs;
  }

  /** How long a guest may run that was found running at `now`, both in milliseconds. */
  slice(now: number): number {
    if (this.#line.length === 0) return sliceMs;
    return Math.min(sliceMs, Math.max(leastSliceMs, this.#turnStart + turnMs - now));
  }

  /** Resolves with the time, in milliseconds, when the guest that asks may go on. */
  wait(): Promise<number> {
    return new Promise((resolve) => {
      const isFirst = this.#line.push(() => resolve(this.#turnStart)) === 1;
      if (!isFirst) return;
      this.#turnStart = performance.now();
      setImmediate(this.#next);
    });
  }

  readonly #next = (): void => {
    this.#turnStart = performance.now();
    this.#line.shift()?.();
    if (this.#line.length > 0) setImmediate(this.#next);
  };
}

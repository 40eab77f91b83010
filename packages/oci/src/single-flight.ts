/** How one of several callers waits. */
export interface WaitOptions<Progress> {
  /** Ends this caller's wait. The work ends when nobody waits any more. */
  readonly signal?: AbortSignal | undefined;
  /** The error of a caller who gave up. */
  readonly abortError: (reason: unknown) => Error;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

interface Flight<T, Progress> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  readonly listeners: Set<(progress: Progress) => void>;
  waiting: number;
}

/** Lets callers who want the same at the same time share the work for it. */
export class SingleFlight<T, Progress> {
  readonly #flights: Map<string, Flight<T, Progress>> = new Map();

  /**
   * Joins the work for `key`, or begins it.
   *
   * @param start Gets a signal that aborts when the last caller has given up, and tells progress to all of them.
   */
  async join(
    key: string,
    options: WaitOptions<Progress>,
    start: (signal: AbortSignal, tell: (progress: Progress) => void) => Promise<T>,
  ): Promise<T> {
    const { signal, abortError, onProgress } = options;
    if (signal?.aborted === true) throw abortError(signal.reason);
    const flight = this.#flights.get(key) ?? this.#begin(key, start);
    const listener = onProgress === undefined ? undefined : (progress: Progress): void => onProgress(progress);
    if (listener !== undefined) flight.listeners.add(listener);
    flight.waiting++;
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(abortError(signal?.reason));
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([flight.result, aborted.promise]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      if (listener !== undefined) flight.listeners.delete(listener);
      flight.waiting--;
      if (flight.waiting === 0) this.#end(key, flight);
    }
  }

  #begin(
    key: string,
    start: (signal: AbortSignal, tell: (progress: Progress) => void) => Promise<T>,
  ): Flight<T, Progress> {
    const controller = new AbortController();
    const listeners = new Set<(progress: Progress) => void>();
    const result = start(controller.signal, (progress) => {
      for (const listener of listeners) listener(progress);
    });
    const flight: Flight<T, Progress> = { result, controller, listeners, waiting: 0 };
    this.#flights.set(key, flight);
    const forget = (): void => this.#forget(key, flight);
    result.then(forget, forget);
    return flight;
  }

  /** Nobody waits: a new caller must not join what is being aborted. */
  #end(key: string, flight: Flight<T, Progress>): void {
    this.#forget(key, flight);
    flight.controller.abort();
  }

  #forget(key: string, flight: Flight<T, Progress>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}

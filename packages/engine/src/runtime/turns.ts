/** Milliseconds that one guest may run for before it waits in line. */
const sliceMs = 3;
/** The same, in one turn of the event loop and while any waits in the long line, for all that are called in it, and for all together that had no slice yet. */
const turnMs = 12;

/** Makes a guest go on, from a time in milliseconds. */
type Resume = (now: number) => void;

/**
 * What the guests of one engine share: the thread. Two lines, as schedulers of processes have them: a guest that has used up a slice waits in
 * the long one, of which one goes on in each turn of the event loop. As long as there is one, guests that are called when many are, without a slice, wait in the short
 * one, all of which go on as soon as there is time. So calls run from their beginning to their end unless they are long, and the memories of few guests are in use at once.
 */
export class Turns {
  /** Milliseconds after which a guest is ended that runs where nothing can suspend it: a start function, realloc, a destructor. */
  readonly blockedLimitMs: number;
  readonly #long: Resume[] = [];
  readonly #short: Resume[] = [];
  /** Whether none waits in the long line; known anew in each turn. */
  #isIdle = true;
  #turnStart = 0;
  /** Whether one of the short line has gone on in this turn. */
  #isServed = false;
  /** When the first guest was found running that was called in this turn; 0: none was. */
  #callsStart = 0;

  constructor(blockedLimitMs: number) {
    this.blockedLimitMs = blockedLimitMs;
  }

  /** Milliseconds for which a guest that was called, and found running at `now`, may go on: a slice, or none. */
  slice(now: number): number {
    if (this.#isIdle) return sliceMs;
    if (this.#callsStart === 0) this.#callsStart = now;
    return now - this.#callsStart < turnMs ? sliceMs : 0;
  }

  /**
   * Waits until a guest may go on; resolves with the end of its slice.
   *
   * @param hadSlice whether it has used one up
   */
  wait(hadSlice: boolean): Promise<number> {
    return new Promise((resolve) => {
      (hadSlice ? this.#long : this.#short).push((now) => resolve(now + sliceMs));
      if (!hadSlice) setImmediate(this.#resumeShort);
      else if (this.#isIdle) {
        this.#isIdle = false;
        setImmediate(this.#turn);
      }
    });
  }

  /** The first of all immediates in its turn of the event loop. */
  readonly #turn = (): void => {
    this.#turnStart = performance.now();
    this.#callsStart = 0;
    this.#isServed = false;
    this.#isIdle = this.#long.length === 0;
    if (this.#isIdle) return;
    setImmediate(this.#turn);
    this.#long.shift()?.(this.#turnStart);
  };

  readonly #resumeShort = (): void => {
    const now = performance.now();
    if (this.#isServed && !this.#isIdle && now - this.#turnStart >= turnMs) {
      setImmediate(this.#resumeShort);
      return;
    }
    // One goes on in any case, however long the guest of the long line was kept by its host.
    this.#isServed = true;
    this.#short.shift()?.(now);
  };
}

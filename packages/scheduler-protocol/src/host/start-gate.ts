/** Options of {@link StartGate}. */
export interface StartGateOptions {
  /** Starts that go on at the same time. */
  readonly maxConcurrent: number;
  /** Starts that go on or wait. */
  readonly maxPending: number;
  /** Bytes of the requests of all of them. */
  readonly maxPendingBytes: number;
}

/** One start. Its holder must {@link StartTicket.release} it. */
export interface StartTicket {
  /** Settles when it is this start's turn, in the order of the calls; rejects with the signal's reason when that aborts first. */
  turn(signal: AbortSignal): Promise<void>;
  /** Lets the next one go on. Idempotent. */
  release(): void;
}

/** Bounds how many starts load at the same time, and how many wait for it. */
export class StartGate {
  readonly #options: StartGateOptions;
  readonly #waiting = new Set<() => void>();
  #active = 0;
  #pending = 0;
  #pendingBytes = 0;

  constructor(options: StartGateOptions) {
    this.#options = options;
  }

  /** Starts that go on or wait. */
  get pending(): number {
    return this.#pending;
  }

  /** A place for a start whose request has so many bytes; `undefined`: there is none. */
  admit(bytes: number): StartTicket | undefined {
    const { maxPending, maxPendingBytes } = this.#options;
    if (this.#pending >= maxPending || this.#pendingBytes + bytes > maxPendingBytes) return undefined;
    this.#pending += 1;
    this.#pendingBytes += bytes;
    let isReleased = false;
    let isActive = false;
    return {
      turn: async (signal) => {
        await this.#wait(signal);
        if (isReleased) this.#end();
        else isActive = true;
      },
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.#pending -= 1;
        this.#pendingBytes -= bytes;
        if (isActive) this.#end();
      },
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#active < this.#options.maxConcurrent) {
      this.#active += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.delete(go);
        reject(signal.reason);
      };
      this.#waiting.add(go);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Hands the place over, so that nobody who comes later overtakes. */
  #end(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#active -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

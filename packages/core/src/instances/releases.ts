import type { Logger } from '../logger.js';
import type { Cleanup } from '../scope.js';

/** The clean-ups of one workload: runs them, logs what they throw, and knows which are not through yet. */
export class Releases {
  readonly #logger: Logger;
  readonly #pending = new Set<PromiseLike<void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** How many asynchronous clean-ups are on their way. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Runs all of `cleanups`, newest first, whatever some of them throw. */
  runAll(cleanups: readonly Cleanup[]): void {
    for (let index = cleanups.length - 1; index >= 0; index -= 1) {
      const cleanup = cleanups[index];
      if (cleanup !== undefined) this.run(cleanup);
    }
  }

  /** Runs one clean-up now; what it throws is logged. */
  run(cleanup: Cleanup): void {
    try {
      const pending = cleanup();
      if (pending !== undefined) this.#track(pending);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Settles when no clean-up is on its way any more; never rejects. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  #track(pending: PromiseLike<void>): void {
    const tracked: PromiseLike<void> = pending.then(
      () => {
        this.#pending.delete(tracked);
      },
      (error: unknown) => {
        this.#pending.delete(tracked);
        this.#failed(error);
      },
    );
    this.#pending.add(tracked);
  }

  #failed(error: unknown): void {
    this.#logger.log('warn', 'a clean-up failed', { error });
  }
}

import { OciError } from './oci-error.js';

/** One pull, push or resolve while it runs. */
export interface Transfer {
  /** Aborts with the error that the caller gets. */
  readonly signal: AbortSignal;
  /** When the time is up, on the clock of `performance.now()`. */
  readonly deadline: number;
}

/** Runs transfers within their time, and ends them all on close. */
export class Transfers {
  readonly #timeoutMs: number;
  /** What runs, with its end. Work whose caller has been told already is still in here while it comes to its end. */
  readonly #running: Map<AbortController, Promise<unknown>> = new Map();
  #isClosed = false;

  /** @param timeoutMs For each of them. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Runs `work` until it ends, its time is up, `signal` aborts or {@link Transfers.close} is called, whatever comes first.
   *
   * @param what For the message: `Pulling registry.example/acme/hello:1.0.0`.
   * @throws OciError `ERR_TRANSFER_TIMEOUT`, `ERR_TRANSFER_ABORTED`, `ERR_CLIENT_CLOSED`, and what `work` throws
   */
  async run<T>(what: string, signal: AbortSignal | undefined, work: (transfer: Transfer) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw closed();
    if (signal?.aborted === true) throw aborted(signal.reason);
    const controller = new AbortController();
    const ended = Promise.withResolvers<never>();
    // Not only what listens to the signal ends: a file system that hangs does not hold up the caller.
    controller.signal.addEventListener('abort', () => ended.reject(controller.signal.reason), { once: true });
    ended.promise.catch(() => {});
    const onAbort = (): void => controller.abort(aborted(signal?.reason));
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => controller.abort(this.#timeout(what)), this.#timeoutMs);
    const result = work({ signal: controller.signal, deadline: performance.now() + this.#timeoutMs });
    const forget = (): boolean => this.#running.delete(controller);
    this.#running.set(controller, result.then(forget, forget));
    try {
      return await Promise.race([result, ended.promise]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Ends what runs, refuses what comes, and resolves once nothing runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const controller of this.#running.keys()) controller.abort(closed());
    await Promise.all(this.#running.values());
  }

  #timeout(what: string): OciError {
    const text = `${what} took longer than ${this.#timeoutMs} ms: look for what is slow, or raise timeoutMs.`;
    return new OciError('ERR_TRANSFER_TIMEOUT', text, { details: { timeoutMs: this.#timeoutMs }, isRetryable: true });
  }
}

/** The error of a caller whose signal aborted. */
export function aborted(reason: unknown): OciError {
  return new OciError('ERR_TRANSFER_ABORTED', 'The transfer was given up by its caller, whose signal aborted.', {
    cause: reason,
  });
}

function closed(): OciError {
  return new OciError('ERR_CLIENT_CLOSED', 'The client has been closed: make another one.');
}

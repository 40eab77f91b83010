import { HostError } from '../errors.js';

/** Milliseconds that a hook or a loader has to notice that its work was given up. */
const noticeMs = 1_000;

/**
 * A span of time that several things share. When it is over its signal aborts and nothing is waited for any more.
 * {@link Patience.end} must be called, or its timer stays.
 */
export class Patience {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;

  /** `what` is taking its time, for the message. */
  constructor(ms: number, what: string) {
    const isOver = (): void => {
      this.#controller.abort(new HostError('ERR_CALL_TIMEOUT', `${what} took more than ${ms} ms and was left behind`));
    };
    this.#timer = setTimeout(isOver, ms);
    if (ms <= 0) isOver();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Settles as `work` does, or rejects with `ERR_CALL_TIMEOUT` when the time is over. */
  wait<T>(work: PromiseLike<T>): Promise<T> {
    return orAbort(work, this.signal);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** Settles as `work` does, or rejects with the signal's reason as soon as it aborts. Never leaves a rejection unhandled. */
export function orAbort<T>(work: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    const settle = (): void => signal.removeEventListener('abort', giveUp);
    signal.addEventListener('abort', giveUp);
    work.then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
    if (signal.aborted) {
      settle();
      giveUp();
    }
  });
}

/** Settles as `work` does; once `signal` aborts it has another second, then the promise rejects with the signal's reason. */
export async function orAbandon<T>(work: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  const abandoned = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hurry = (): void => {
    timer = setTimeout(() => abandoned.abort(signal.reason), noticeMs);
  };
  if (signal.aborted) hurry();
  else signal.addEventListener('abort', hurry);
  try {
    return await orAbort(work, abandoned.signal);
  } finally {
    signal.removeEventListener('abort', hurry);
    clearTimeout(timer);
  }
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', wake);
  });
}

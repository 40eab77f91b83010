import type { ConfigSource } from '../backend.js';

interface Opened {
  readonly source: Promise<ConfigSource | undefined>;
  users: number;
}

/** One open bucket for everybody who reads it: a host with a thousand workloads of one namespace has one watch. */
export class SharedBuckets {
  readonly #opened = new Map<string, Opened>();
  readonly #open: (bucket: string) => Promise<ConfigSource | undefined>;

  constructor(open: (bucket: string) => Promise<ConfigSource | undefined>) {
    this.#open = open;
  }

  /** Buckets that somebody reads. */
  get size(): number {
    return this.#opened.size;
  }

  /** A source of its own for the caller; the bucket is closed with the last one. */
  async use(bucket: string, signal: AbortSignal): Promise<ConfigSource | undefined> {
    signal.throwIfAborted();
    const opened = this.#opened.get(bucket) ?? { source: this.#open(bucket), users: 0 };
    this.#opened.set(bucket, opened);
    opened.users += 1;
    try {
      const source = await orAborted(opened.source, signal);
      if (source !== undefined)
        return {
          get: (key) => source.get(key),
          entries: () => source.entries(),
          close: once(() => this.#release(bucket, opened)),
        };
    } catch (error) {
      await this.#release(bucket, opened);
      throw error;
    }
    await this.#release(bucket, opened);
    return undefined;
  }

  async #release(bucket: string, opened: Opened): Promise<void> {
    opened.users -= 1;
    if (opened.users > 0) return;
    if (this.#opened.get(bucket) === opened) this.#opened.delete(bucket);
    // Who gave up does not wait for what may never come.
    opened.source.then((source) => source?.close()).catch(() => undefined);
  }
}

/** `work`, or the reason of `signal` when that comes first; the work then goes on unheard. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.catch(() => undefined);
  }
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    closing ??= close();
    return closing;
  };
}

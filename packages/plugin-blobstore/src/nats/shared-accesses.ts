import { abortable } from '../abortable.js';
import type { NatsAccess } from './bucket.js';

interface Opened {
  readonly access: Promise<NatsAccess>;
  users: number;
}

/** A connection for one user of it. */
export interface AccessLease {
  readonly access: NatsAccess;
  /** Ends the use. Waits for nothing, and may happen twice. */
  release(): void;
}

/**
 * Connections to the servers that entries name: one per url, closed after its last user. Those of the host live as long as the host, which has workloads
 * with ever new urls.
 */
export class SharedAccesses {
  readonly #opened = new Map<string, Opened>();
  readonly #closing = new Set<Promise<void>>();
  readonly #open: (url: string) => Promise<NatsAccess>;

  constructor(open: (url: string) => Promise<NatsAccess>) {
    this.#open = open;
  }

  /** Opens a connection, or shares the one that is there. */
  async use(url: string, signal: AbortSignal): Promise<AccessLease> {
    signal.throwIfAborted();
    const opened = this.#opened.get(url) ?? { access: this.#open(url), users: 0 };
    this.#opened.set(url, opened);
    opened.users += 1;
    let isReleased = false;
    const release = (): void => {
      if (!isReleased) this.#release(url, opened);
      isReleased = true;
    };
    try {
      return { access: await abortable(opened.access, signal), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Closes all, whoever uses them, and waits for those that were to be closed before. */
  async close(): Promise<void> {
    for (const opened of this.#opened.values()) this.#close(opened);
    this.#opened.clear();
    await Promise.all(this.#closing);
  }

  #release(url: string, opened: Opened): void {
    opened.users -= 1;
    // After a stop there may be a newer one.
    if (opened.users > 0 || this.#opened.get(url) !== opened) return;
    this.#opened.delete(url);
    this.#close(opened);
  }

  #close({ access }: Opened): void {
    // Of one that could not be opened everybody was told who waited for it.
    const closing = access.then(end).catch(() => undefined);
    this.#closing.add(closing);
    closing.then(() => this.#closing.delete(closing));
  }
}

/** What can be removed now is removed before. */
async function end({ client, writes, removals, stopping }: NatsAccess): Promise<void> {
  await Promise.allSettled(writes);
  stopping.abort();
  await Promise.all(removals);
  await client.close();
}

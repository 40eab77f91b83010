import type { Logger } from '@lodge/core';
import type { NatsClient } from '@lodge-internal/nats';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { abortable } from '../abortable.js';
import { BlobstoreError } from '../errors.js';
import { isFailure, toBlobstoreError } from './errors.js';

/** A client with what JetStream needs of it. */
export interface NatsAccess {
  readonly client: NatsClient;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly logger: Logger;
  /** Writes that are under way: what of them is to be removed is known when they end. */
  readonly writes: Set<Promise<unknown>>;
  /** Removals that nobody waits for but whoever closes this. */
  readonly removals: Set<Promise<void>>;
  /** Aborted at the end: what could not be removed stays. */
  readonly stopping: AbortController;
}

/** Attempts to remove chunks from a server that is there. */
const maxRemovals = 8;

/** Prepares JetStream on a connection. Asks the server nothing. */
export async function natsAccess(client: NatsClient, logger: Logger): Promise<NatsAccess> {
  const options = { timeout: client.timeoutMs, checkAPI: false };
  const manager = await client.call(() => jetstreamManager(client.connection, options));
  return {
    client,
    manager,
    logger,
    writes: new Set(),
    removals: new Set(),
    stopping: new AbortController(),
    js: jetstream(client.connection, options),
  };
}

/** One NATS object store: a stream with the subjects of chunks (`C`) and records (`M`). */
export class Bucket {
  readonly name: string;
  readonly access: NatsAccess;
  readonly #signal: AbortSignal;

  /** @param signal Ends every {@link Bucket.call}. */
  constructor(access: NatsAccess, name: string, signal: AbortSignal) {
    this.access = access;
    this.name = name;
    this.#signal = signal;
  }

  get stream(): string {
    return `OBJ_${this.name}`;
  }

  /** The subject of the chunks of one content. */
  chunkSubject(nuid: string): string {
    return `$O.${this.name}.C.${nuid}`;
  }

  /** The subject of the record of an object, by the token of its name; `>` for all. */
  recordSubject(token: string): string {
    return `$O.${this.name}.M.${token}`;
  }

  /** Runs an operation on the stream. @throws BlobstoreError, `no-such-container` when the stream is gone. */
  async call<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await abortable(this.access.client.call(operation), this.#signal);
    } catch (error) {
      throw toBlobstoreError(await this.#explain(error));
    }
  }

  /** Removes all messages of a subject. @throws BlobstoreError. */
  async purge(filter: string, before?: number): Promise<void> {
    const { manager } = this.access;
    await this.call(() =>
      manager.streams.purge(this.stream, before === undefined ? { filter } : { filter, seq: before }),
    );
  }

  /**
   * Removes what is of no use to anyone, without being waited for: now, or once the server is back. A host that ends before leaves it in the
   * bucket.
   */
  discard(filter: string): void {
    const { access, name } = this;
    // Whoever gave up the operation wants this all the more.
    const removal = remove(new Bucket(access, name, new AbortController().signal), filter);
    access.removals.add(removal);
    removal.then(() => access.removals.delete(removal));
  }

  /** Nobody answers for a stream that is gone, nor for one of a server that has just started; what was under way at that moment has no answer at all. */
  async #explain(error: unknown): Promise<unknown> {
    if (!isFailure(error, 'no-responders') && !isFailure(error, 'timeout')) return error;
    const { client, manager } = this.access;
    try {
      await client.call(() => manager.streams.info(this.stream));
      return error;
    } catch (reason) {
      return isFailure(reason, 'not-found') ? reason : error;
    }
  }
}

async function remove(bucket: Bucket, filter: string): Promise<void> {
  const { logger, stopping } = bucket.access;
  for (let attempt = 1; ; attempt++) {
    try {
      return await bucket.purge(filter);
    } catch (error) {
      if (BlobstoreError.is(error, 'no-such-container')) return;
      if (stopping.signal.aborted || attempt === maxRemovals) {
        logger.log('warn', 'chunks of an object could not be removed', { bucket: bucket.name, filter, error });
        return;
      }
    }
    await serverIsBack(bucket.access, attempt);
  }
}

/** Waits for the connection, or if it is there, for a server that is not ready yet; not beyond the stop. */
function serverIsBack({ client, stopping }: NatsAccess, attempt: number): Promise<void> {
  return new Promise((resolve) => {
    const undo = client.onReconnect(finish);
    const timer = client.isConnected ? setTimeout(finish, 100 * 2 ** attempt) : undefined;
    stopping.signal.addEventListener('abort', finish);
    if (stopping.signal.aborted) finish();
    function finish(): void {
      clearTimeout(timer);
      undo();
      stopping.signal.removeEventListener('abort', finish);
      resolve();
    }
  });
}

import { HostError, type Logger } from '@lodge/core';
import { type NatsClient, NatsFailure } from '@lodge-internal/nats';
import { type KV, Kvm, type KvWatchEntry } from '@nats-io/kv';
import type { ConfigSource } from '../backend.js';
import { BucketCheck } from './bucket-check.js';
import { fromBucketKey } from './names.js';
import { Snapshot, type SnapshotLimits } from './snapshot.js';

/** What {@link FollowedBucket} works with. */
export interface FollowedBucketOptions {
  readonly client: NatsClient;
  readonly bucket: string;
  readonly limits: SnapshotLimits;
  /** Milliseconds between two looks at whether the watch still tells the truth. */
  readonly checkMs: number;
  readonly logger: Logger;
}

type Watch = Awaited<ReturnType<KV['watch']>>;

const decoder = new TextDecoder();
const maxRetryMs = 5_000;

/**
 * A bucket whose values are in memory and follow every change. After a reconnect all values are read again, since what was removed meanwhile is
 * told to nobody; until then the last known ones stay.
 */
export class FollowedBucket implements ConfigSource {
  readonly #options: FollowedBucketOptions;
  readonly #stopReconnect: () => void;
  #snapshot: Snapshot;
  #watch: Watch | undefined;
  #check: BucketCheck | undefined;
  #revision = 0;
  #isClosed = false;
  #retryTimer: { readonly timer: ReturnType<typeof setTimeout>; readonly wake: () => void } | undefined;

  private constructor(options: FollowedBucketOptions) {
    this.#options = options;
    this.#snapshot = new Snapshot(options.limits);
    this.#stopReconnect = options.client.onReconnect(() => {
      this.#watch?.stop();
      this.#retryTimer?.wake();
    });
  }

  /** Settles when all values are there. @throws NatsFailure, HostError `ERR_LIMIT_EXCEEDED` */
  static async open(options: FollowedBucketOptions): Promise<FollowedBucket> {
    const followed = new FollowedBucket(options);
    try {
      const changes = await followed.#read();
      followed.#follow(changes).catch((error: unknown) => {
        options.logger.log('error', 'a config bucket is not followed any more', { bucket: options.bucket, error });
      });
      return followed;
    } catch (error) {
      await followed.close();
      throw error;
    }
  }

  get(key: string): string | undefined {
    return this.#snapshot.get(key);
  }

  entries(): [string, string][] {
    return this.#snapshot.entries();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopReconnect();
    this.#check?.stop();
    this.#watch?.stop();
    this.#retryTimer?.wake();
  }

  /** Reads every value into a new snapshot, and answers with what comes after them. */
  async #read(): Promise<AsyncIterator<KvWatchEntry>> {
    const { client, bucket, limits, checkMs } = this.#options;
    this.#check?.stop();
    this.#watch?.stop();
    const { kv, status, watch } = await inTime(client, async () => {
      const kv = await new Kvm(client.connection).open(bucket);
      // The watch does not tell that nothing is there, so it is asked for before.
      const status = await kv.status();
      const watch = await kv.watch();
      this.#adopt(watch);
      return { kv, status, watch };
    });
    const { created, state } = status.streamInfo;
    const check = { client, kv, created, everyMs: checkMs, revision: () => this.#revision, onLost: () => watch.stop() };
    const entries = watch[Symbol.asyncIterator]();
    const snapshot = new Snapshot(limits);
    let isComplete = status.values === 0;
    this.#revision = isComplete ? state.last_seq : 0;
    while (!isComplete) {
      const next = await inTime(client, () => entries.next());
      if (next.done === true) throw new NatsFailure('unavailable', 'the watch ended while values were read');
      if (!apply(next.value, snapshot)) throw tooLarge(bucket, limits);
      this.#revision = next.value.revision;
      isComplete = next.value.isUpdate;
    }
    this.#snapshot = snapshot;
    this.#check = new BucketCheck(check);
    // Closed while it was opened again: nobody else would end these.
    if (this.#isClosed) await this.close();
    return entries;
  }

  /** One that comes too late is stopped with the next, or at once. */
  #adopt(watch: Watch): void {
    this.#watch?.stop();
    this.#watch = watch;
    if (this.#isClosed) watch.stop();
  }

  async #follow(first: AsyncIterator<KvWatchEntry>): Promise<void> {
    const { bucket, logger } = this.#options;
    let changes: AsyncIterator<KvWatchEntry> | undefined = first;
    for (let attempt = 0; !this.#isClosed; attempt++) {
      try {
        changes ??= await this.#read();
        attempt = 0;
        await this.#applyAll(changes);
      } catch (error) {
        logger.log('warn', 'a config bucket cannot be read; its last known values stay', { bucket, error });
        await this.#pause(Math.min(maxRetryMs, 250 * 2 ** attempt));
      }
      changes = undefined;
    }
    this.#watch?.stop();
  }

  async #applyAll(changes: AsyncIterator<KvWatchEntry>): Promise<void> {
    const { bucket, logger } = this.#options;
    for (let next = await changes.next(); next.done !== true; next = await changes.next()) {
      this.#revision = next.value.revision;
      if (!apply(next.value, this.#snapshot)) {
        logger.log('warn', 'a config bucket is full; a new value is left out', { bucket, key: next.value.key });
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isClosed) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#retryTimer = { timer, wake };
    });
    this.#retryTimer = undefined;
  }
}

function apply({ key, operation, value }: KvWatchEntry, snapshot: Snapshot): boolean {
  return snapshot.set(fromBucketKey(key), operation === 'PUT' ? decoder.decode(value) : undefined);
}

/** A server that is there and says nothing must not hold up the start of a workload for ever. */
async function inTime<T>(client: NatsClient, operation: () => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const failure = new NatsFailure('timeout', 'the values of a bucket did not come in time');
  const timer = setTimeout(() => late.reject(failure), client.timeoutMs);
  try {
    return await Promise.race([client.call(operation), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(bucket: string, { maxKeys, maxLength }: SnapshotLimits): HostError {
  const bounds = `${maxKeys} keys and ${maxLength} characters`;
  return new HostError('ERR_LIMIT_EXCEEDED', `The config bucket '${bucket}' has more than ${bounds}; make it smaller.`);
}

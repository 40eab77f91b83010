import type { NatsClient } from '@lodge-internal/nats';
import type { JetStreamClient, JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type {
  KeyPage,
  KeyValueBucket,
  KeyValueChange,
  KeyValueEntry,
  ListKeysOptions,
  WatchOptions,
} from '../backend.js';
import { KeyValueError } from '../errors.js';
import { deleteFirst } from './deletion.js';
import { isFailure, toKeyValueError } from './errors.js';
import { listKeys } from './list-keys.js';
import { encodeKey } from './names.js';
import { watchBucket } from './watch.js';

/** What a bucket is made of. */
export interface NatsBucketParts {
  readonly nats: NatsClient;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly kv: KV;
  readonly stream: StreamConfig;
}

/** A NATS key-value bucket. Versions are sequence numbers of its stream. */
export class NatsBucket implements KeyValueBucket {
  readonly #parts: NatsBucketParts;
  #isGone = false;

  constructor(parts: NatsBucketParts) {
    this.#parts = parts;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  async get(key: string): Promise<KeyValueEntry> {
    const { kv } = this.#parts;
    const encoded = encodeKey(key);
    const entry = await this.#call(() => kv.get(encoded));
    if (entry === null) return { value: undefined, version: 0n };
    const version = BigInt(entry.revision);
    // What is left of a deleted key is an entry as well.
    return entry.operation === 'PUT' ? { value: entry.value, version } : { value: undefined, version };
  }

  async set(key: string, value: Uint8Array): Promise<void> {
    const { kv } = this.#parts;
    const encoded = encodeKey(key);
    await this.#call(() => kv.put(encoded, value));
  }

  async delete(key: string): Promise<void> {
    const { kv } = this.#parts;
    const encoded = encodeKey(key);
    // The server would note the deletion of what never was, and keep the note for ever.
    const { value, version } = await this.get(key);
    if (value === undefined) return;
    try {
      await this.#call(() => kv.delete(encoded));
    } catch (error) {
      if (!(error instanceof KeyValueError) || !isFailure(error.cause, 'full')) throw error;
      await this.#call(() => deleteFirst(this.#parts, { encodedKey: encoded, version })).catch(async (failure) => {
        // Whoever wrote the key in between came after this deletion.
        if ((await this.get(key)).version === version) throw failure;
      });
    }
  }

  async swap(key: string, value: Uint8Array, version: bigint): Promise<boolean> {
    const { kv } = this.#parts;
    const encoded = encodeKey(key);
    try {
      await this.#call(() => kv.put(encoded, value, { previousSeq: Number(version) }));
      return true;
    } catch (error) {
      if (error instanceof KeyValueError && isFailure(error.cause, 'conflict')) return false;
      throw error;
    }
  }

  listKeys(options: ListKeysOptions): Promise<KeyPage> {
    return this.#call(() => listKeys(this.#parts, options));
  }

  async watch({ signal }: WatchOptions): Promise<AsyncIterable<KeyValueChange>> {
    try {
      return await watchBucket(this.#parts, signal);
    } catch (error) {
      throw toKeyValueError(error);
    }
  }

  async #call<T>(operation: () => Promise<T>): Promise<T> {
    const { nats } = this.#parts;
    try {
      return await nats.call(operation);
    } catch (error) {
      throw await this.#explain(error);
    }
  }

  /** Nobody answers for a bucket that does not exist any more; for one without a leader at the moment neither. */
  async #explain(error: unknown): Promise<KeyValueError> {
    const { nats, manager, stream } = this.#parts;
    let reason = error;
    if (isFailure(error, 'no-responders')) {
      reason = await nats
        .call(() => manager.streams.info(stream.name))
        .then(
          () => error,
          (failure: unknown) => failure,
        );
    }
    if (isFailure(reason, 'not-found')) this.#isGone = true;
    return toKeyValueError(reason);
  }
}

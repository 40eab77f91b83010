import { InputStream } from '@lodge/wasi/io';
import type { BlobReading } from '../backend.js';
import type { BoundStore } from '../bound-store.js';
import { iterableSource } from '../byte-sources.js';
import { BlobstoreError, toStreamFailure, toWitError } from '../errors.js';

/** Bytes that `incoming-value-consume-sync` gives at most: 64 MiB, half of what one crossing into a guest could lift. */
const maxSyncBytes = 67_108_864;

/** `wasi:blobstore/types`, `resource incoming-value`. */
export class IncomingValue {
  readonly #reading: BlobReading;
  readonly #store: BoundStore;

  /** Made by `get-data` of a container. */
  constructor(reading: BlobReading, store: BoundStore) {
    this.#reading = reading;
    this.#store = store;
  }

  /** `incoming-value-consume-sync: static func(this: incoming-value) -> result<incoming-value-sync-body, error>`. At most 64 MiB. */
  static async incomingValueConsumeSync(value: IncomingValue): Promise<Uint8Array> {
    const { size, bytes } = value.#reading;
    const { logger, signal } = value.#store;
    try {
      if (size > maxSyncBytes) throw new BlobstoreError('too-large', { limit: maxSyncBytes });
      const all = new Uint8Array(size);
      let offset = 0;
      for await (const chunk of bytes) {
        signal.throwIfAborted();
        if (offset + chunk.length > size)
          throw new BlobstoreError('other', { cause: new Error('a reading is too long') });
        all.set(chunk, offset);
        offset += chunk.length;
      }
      if (offset < size) throw new BlobstoreError('other', { cause: new Error('a reading is too short') });
      return all;
    } catch (error) {
      throw toWitError(error, logger);
    }
  }

  /** `incoming-value-consume-async: static func(this: incoming-value) -> result<incoming-value-async-body, error>` */
  static incomingValueConsumeAsync(value: IncomingValue): InputStream {
    const { logger, quota } = value.#store;
    try {
      const release = quota.take();
      const source = iterableSource(value.#reading.bytes, (error) => toStreamFailure(error, logger));
      const close = (): void => {
        release();
        source.close();
      };
      return new InputStream({ ...source, close });
    } catch (error) {
      throw toWitError(error, logger);
    }
  }

  /** `size: func() -> u64`. Bytes of the range that was asked for. */
  size(): bigint {
    return BigInt(this.#reading.size);
  }

  /** A reading that was not begun holds nothing. */
  [Symbol.dispose](): void {}
}

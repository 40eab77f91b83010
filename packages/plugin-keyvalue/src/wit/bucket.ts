import type { KeyValueBucket, MaybePromise } from '../backend.js';
import { KeyValueError, throwWitError, toWitError } from '../errors.js';
import type { HeldBytes } from '../held-bytes.js';
import { checkKey, checkValue, type KeyValueLimits } from '../limits.js';
import { andThen, forGuest } from '../maybe-promise.js';
import type { Counters } from './counter.js';

/** A bucket and what the plugin adds to it; one for all handles of a workload. */
export interface OpenedBucket {
  readonly stored: KeyValueBucket;
  readonly counters: Counters;
  readonly limits: KeyValueLimits;
  readonly held: HeldBytes;
}

/** What both drafts of `resource bucket` have in common. */
abstract class BucketHandle {
  /** What is behind it, for `atomics` and `batch`. */
  readonly opened: OpenedBucket;
  protected readonly stored: KeyValueBucket;
  protected readonly limits: KeyValueLimits;

  constructor(opened: OpenedBucket) {
    this.opened = opened;
    this.stored = opened.stored;
    this.limits = opened.limits;
  }

  /** `get: func(key: string) -> result<option<list<u8>>, error>` */
  get(key: string): MaybePromise<Uint8Array | undefined> {
    try {
      checkKey(key);
      const entry = this.stored.get(key);
      return entry instanceof Promise ? entry.then(({ value }) => value, throwWitError) : entry.value;
    } catch (error) {
      throw toWitError(error);
    }
  }

  /** `set: func(key: string, value: list<u8>) -> result<_, error>` */
  set(key: string, value: Uint8Array): MaybePromise<void> {
    try {
      checkKey(key);
      checkValue(value, this.limits);
      const written = this.stored.set(key, value);
      return written instanceof Promise ? written.catch(throwWitError) : undefined;
    } catch (error) {
      throw toWitError(error);
    }
  }

  /** `delete: func(key: string) -> result<_, error>` */
  delete(key: string): MaybePromise<void> {
    return forGuest(() => {
      checkKey(key);
      return this.stored.delete(key);
    });
  }

  /** `exists: func(key: string) -> result<bool, error>` */
  exists(key: string): MaybePromise<boolean> {
    return forGuest(() => {
      checkKey(key);
      return andThen(this.stored.get(key), ({ value }) => value !== undefined);
    });
  }

  [Symbol.dispose](): void {}
}

/** `record key-response` of the first draft. */
export interface KeyResponse {
  readonly keys: readonly string[];
  readonly cursor: bigint | undefined;
}

/** `record key-response` of the second draft. */
export interface KeyResponse2 {
  readonly keys: readonly string[];
  readonly cursor: string | undefined;
}

/** `wasi:keyvalue/store@0.2.0-draft`, `resource bucket`. */
export class Bucket extends BucketHandle {
  /** `list-keys: func(cursor: option<u64>) -> result<key-response, error>` */
  listKeys(cursor: bigint | undefined): MaybePromise<KeyResponse> {
    return forGuest(() =>
      andThen(this.stored.listKeys({ cursor: cursor ?? 0n, limit: this.limits.pageSize }), (page) => ({
        keys: page.keys,
        cursor: page.cursor,
      })),
    );
  }
}

/** `wasi:keyvalue/store@0.2.0-draft2`, `resource bucket`. */
export class Bucket2 extends BucketHandle {
  /** `list-keys: func(cursor: option<string>) -> result<key-response, error>` */
  listKeys(cursor: string | undefined): MaybePromise<KeyResponse2> {
    return forGuest(() =>
      andThen(this.stored.listKeys({ cursor: parseCursor(cursor), limit: this.limits.pageSize }), (page) => ({
        keys: page.keys,
        cursor: page.cursor?.toString(),
      })),
    );
  }
}

/** A bucket of either draft. */
export type AnyBucket = Bucket | Bucket2;

function parseCursor(cursor: string | undefined): bigint {
  if (cursor === undefined) return 0n;
  if (!/^\d{1,20}$/.test(cursor) || BigInt.asUintN(64, BigInt(cursor)) !== BigInt(cursor)) {
    throw new KeyValueError('other', 'the cursor is not from an earlier answer');
  }
  return BigInt(cursor);
}

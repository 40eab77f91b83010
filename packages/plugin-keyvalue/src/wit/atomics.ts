import { WitError } from '@lodge/core';
import type { KeyValueEntry, MaybePromise } from '../backend.js';
import { KeyValueError, type StoreError, toStoreError, toWitError } from '../errors.js';
import { checkKey, checkValue } from '../limits.js';
import { andThen, forGuest } from '../maybe-promise.js';
import type { Bucket, Bucket2, OpenedBucket } from './bucket.js';
import { signed, unsigned } from './counter.js';

/** `wasi:keyvalue/atomics@0.2.0-draft` */
export interface Atomics {
  /** `increment: func(bucket: borrow<bucket>, key: string, delta: u64) -> result<u64, error>` */
  increment(bucket: Bucket, key: string, delta: bigint): MaybePromise<bigint>;
}

/** `wasi:keyvalue/atomics@0.2.0-draft2` */
export interface Atomics2 {
  readonly Cas: typeof Cas;
  /** `increment: func(bucket: borrow<bucket>, key: string, delta: s64) -> result<s64, error>` */
  increment(bucket: Bucket2, key: string, delta: bigint): MaybePromise<bigint>;
  /** `swap: func(cas: cas, value: list<u8>) -> result<_, cas-error>` */
  swap(cas: Cas, value: Uint8Array): MaybePromise<void>;
}

/** `variant cas-error` */
export type CasError =
  | { readonly tag: 'store-error'; readonly val: StoreError }
  | { readonly tag: 'cas-failed'; readonly val: Cas };

/** `resource cas`: what a key held when it was made. */
export class Cas {
  readonly #opened: OpenedBucket;
  readonly #key: string;
  readonly #entry: KeyValueEntry;
  readonly #release: () => void;

  /** @throws KeyValueError `other` when the handles of the workload hold too much */
  private constructor(opened: OpenedBucket, key: string, entry: KeyValueEntry) {
    this.#release = opened.held.take(entry.value?.length ?? 0);
    this.#opened = opened;
    this.#key = key;
    this.#entry = entry;
  }

  /** `new: static func(bucket: borrow<bucket>, key: string) -> result<cas, error>` */
  static new({ opened }: Bucket2, key: string): MaybePromise<Cas> {
    return forGuest(() => {
      checkKey(key);
      return Cas.#read(opened, key);
    });
  }

  /** `current: func() -> result<option<list<u8>>, error>`: the value that a swap would replace, not one that came later. */
  current(): Uint8Array | undefined {
    return this.#entry.value;
  }

  /** What `swap` does, to which the handle belongs from then on. @throws WitError with a `cas-error` */
  static swap(cas: Cas, value: Uint8Array): MaybePromise<void> {
    cas.#release();
    try {
      const done = Cas.#swap(cas, value);
      return done instanceof Promise ? done.catch(throwCasError) : done;
    } catch (error) {
      return throwCasError(error);
    }
  }

  static #read(opened: OpenedBucket, key: string): MaybePromise<Cas> {
    return andThen(opened.stored.get(key), (entry) => new Cas(opened, key, entry));
  }

  static #swap(cas: Cas, value: Uint8Array): MaybePromise<void> {
    const opened = cas.#opened;
    const key = cas.#key;
    checkValue(value, opened.limits);
    return andThen(opened.stored.swap(key, value, cas.#entry.version), (isSwapped) => {
      if (isSwapped) return undefined;
      return andThen(Cas.#read(opened, key), (fresh) => {
        throw new WitError<CasError>({ tag: 'cas-failed', val: fresh });
      });
    });
  }

  [Symbol.dispose](): void {
    this.#release();
  }
}

/** The first draft. */
export const atomics: Atomics = Object.freeze({
  increment: ({ opened }: Bucket, key: string, delta: bigint) =>
    forGuest(() => {
      checkKey(key);
      return opened.counters.increment({ key, delta, type: unsigned });
    }),
});

/** The second draft. */
export const atomics2: Atomics2 = Object.freeze({
  Cas,
  increment: ({ opened }: Bucket2, key: string, delta: bigint) =>
    forGuest(() => {
      checkKey(key);
      return opened.counters.increment({ key, delta, type: signed });
    }),
  swap: Cas.swap,
});

function throwCasError(error: unknown): never {
  if (!KeyValueError.is(error)) throw toWitError(error);
  throw new WitError<CasError>({ tag: 'store-error', val: toStoreError(error) }, error.message);
}

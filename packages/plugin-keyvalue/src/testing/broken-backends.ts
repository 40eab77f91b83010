import type { BucketAddress, KeyValueBackend, KeyValueBucket, KeyValueChange, KeyValueEntry } from '../backend.js';

/** What a broken backend does otherwise. */
export type Fault = (backend: KeyValueBackend) => Partial<KeyValueBackend>;

/** A bucket whose answers are all at once: the in-memory one. */
export interface SyncBucket extends KeyValueBucket {
  get(key: string): KeyValueEntry;
  set(key: string, value: Uint8Array): void;
  swap(key: string, value: Uint8Array, version: bigint): boolean;
}

/** What is under a key that there is not. */
export const missing: KeyValueEntry = { value: undefined, version: 0n };

/** A backend with other buckets. */
export function buckets(override: (bucket: SyncBucket) => Partial<KeyValueBucket>): Fault {
  return (backend) => ({
    open(address, config) {
      const bucket = backend.open(address, config) as SyncBucket;
      return delegate(bucket, override(bucket));
    },
  });
}

export function delegate(bucket: KeyValueBucket, override: Partial<KeyValueBucket>): KeyValueBucket {
  return {
    get: (key) => bucket.get(key),
    set: (key, value) => bucket.set(key, value),
    delete: (key) => bucket.delete(key),
    swap: (key, value, version) => bucket.swap(key, value, version),
    listKeys: (options) => bucket.listKeys(options),
    watch: (options) => bucket.watch?.(options) ?? Promise.reject(new Error('no watch')),
    ...override,
  };
}

/** A backend that mistakes keys. */
export function keys(spoil: (key: string) => string): Fault {
  return buckets((bucket) => ({
    get: (key) => bucket.get(spoil(key)),
    set: (key, value) => bucket.set(spoil(key), value),
  }));
}

/** A backend that mistakes addresses. */
export function addresses(spoil: (address: BucketAddress) => BucketAddress): Fault {
  return (backend) => ({ open: (address, config) => backend.open(spoil(address), config) });
}

/** A backend whose watches show something else. */
export function changes(
  spoil: (all: AsyncIterable<KeyValueChange>, bucket: KeyValueBucket) => AsyncIterable<KeyValueChange>,
): Fault {
  return buckets((bucket) => ({
    async watch(options) {
      const all = await bucket.watch?.(options);
      if (all === undefined) throw new Error('no watch');
      return spoil(all, bucket);
    },
  }));
}

export async function* filter<T>(all: AsyncIterable<T>, keep: (item: T) => boolean): AsyncIterable<T> {
  for await (const item of all) if (keep(item)) yield item;
}

export async function* map<T>(all: AsyncIterable<T>, change: (item: T) => T): AsyncIterable<T> {
  for await (const item of all) yield change(item);
}

export function aliasing(direction: 'in' | 'out'): Fault {
  return buckets((bucket) => {
    const values = new Map<string, Uint8Array>();
    return {
      set: (key, value) => {
        bucket.set(key, value);
        values.set(key, direction === 'in' ? value : value.slice());
      },
      get: (key) => {
        const value = values.get(key);
        return { ...bucket.get(key), value: direction === 'in' ? value?.slice() : value };
      },
    };
  });
}

/** A version that is made of the value. */
export function versionsByValue(): Fault {
  return buckets((bucket) => {
    const versionOf = (key: string): bigint => BigInt((bucket.get(key).value?.[0] ?? -1) + 1);
    return {
      get: (key) => ({ value: bucket.get(key).value, version: versionOf(key) }),
      swap: (key, value, version) => versionOf(key) === version && bucket.swap(key, value, bucket.get(key).version),
    };
  });
}

/** A version that begins anew with each life of a key. */
export function versionsPerLife(): Fault {
  return buckets((bucket) => {
    const writes = new Map<string, bigint>();
    const versionOf = (key: string): bigint => writes.get(key) ?? 0n;
    return {
      get: (key) => ({ value: bucket.get(key).value, version: versionOf(key) }),
      set: (key, value) => {
        bucket.set(key, value);
        writes.set(key, versionOf(key) + 1n);
      },
      async delete(key) {
        writes.delete(key);
        await bucket.delete(key);
      },
      swap: (key, value, version) => versionOf(key) === version && bucket.swap(key, value, bucket.get(key).version),
    };
  });
}

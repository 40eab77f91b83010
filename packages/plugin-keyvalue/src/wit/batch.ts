import type { MaybePromise } from '../backend.js';
import { KeyValueError } from '../errors.js';
import { checkBatch, checkKey, checkValue } from '../limits.js';
import { andThen, forGuest } from '../maybe-promise.js';
import type { AnyBucket } from './bucket.js';

/** A key and its value. */
type KeyValue = readonly [string, Uint8Array];

/** `wasi:keyvalue/batch`, equal in both drafts. A failure leaves what was done before it. */
export interface Batch {
  /** `get-many: func(bucket: borrow<bucket>, keys: list<string>) -> result<list<option<tuple<string, list<u8>>>>, error>` */
  getMany(bucket: AnyBucket, keys: readonly string[]): MaybePromise<(KeyValue | undefined)[]>;
  /** `set-many: func(bucket: borrow<bucket>, key-values: list<tuple<string, list<u8>>>) -> result<_, error>` */
  setMany(bucket: AnyBucket, keyValues: readonly KeyValue[]): MaybePromise<void>;
  /** `delete-many: func(bucket: borrow<bucket>, keys: list<string>) -> result<_, error>` */
  deleteMany(bucket: AnyBucket, keys: readonly string[]): MaybePromise<void>;
}

/** Operations of one batch that are under way at once. */
const maxConcurrency = 128;

/** Both drafts. */
export const batch: Batch = Object.freeze({
  getMany: ({ opened: { stored, limits } }: AnyBucket, keys: readonly string[]) =>
    forGuest(() => {
      checkBatch(keys.length, limits);
      keys.forEach(checkKey);
      let bytes = 0;
      return forEach(keys, (key) =>
        andThen(stored.get(key), ({ value }): KeyValue | undefined => {
          if (value === undefined) return undefined;
          bytes += value.length;
          if (bytes > limits.maxBatchBytes) {
            throw new KeyValueError('other', `the values have more than ${limits.maxBatchBytes} bytes: ask for fewer`);
          }
          return [key, value];
        }),
      );
    }),
  setMany: ({ opened: { stored, limits } }: AnyBucket, keyValues: readonly KeyValue[]) =>
    forGuest(() => {
      checkBatch(keyValues.length, limits);
      for (const [key, value] of keyValues) {
        checkKey(key);
        checkValue(value, limits);
      }
      // Of a key that comes twice the later value shall stay, although writes overtake each other.
      return andThen(
        forEach([...new Map(keyValues)], ([key, value]) => stored.set(key, value)),
        () => undefined,
      );
    }),
  deleteMany: ({ opened: { stored, limits } }: AnyBucket, keys: readonly string[]) =>
    forGuest(() => {
      checkBatch(keys.length, limits);
      keys.forEach(checkKey);
      return andThen(
        forEach([...new Set(keys)], (key) => stored.delete(key)),
        () => undefined,
      );
    }),
});

/** Results in the order of `items`, at once if none has to wait. */
function forEach<T, R>(items: readonly T[], operation: (item: T) => MaybePromise<R>): MaybePromise<R[]> {
  const [first, ...rest] = items;
  if (first === undefined) return [];
  const begun = operation(first);
  if (!(begun instanceof Promise)) return [begun, ...rest.map((item) => operation(item) as R)];
  return overlapped(items, begun, operation);
}

async function overlapped<T, R>(
  items: readonly T[],
  begun: Promise<R>,
  operation: (item: T) => MaybePromise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 1;
  let isFailed = false;
  const keepStoring = async (index: number, result: MaybePromise<R>): Promise<void> => {
    results[index] = await result;
    while (next < items.length && !isFailed) {
      const at = next++;
      results[at] = await operation(items[at] as T);
    }
  };
  const workers = [keepStoring(0, begun)];
  while (next < items.length && workers.length < maxConcurrency) {
    const at = next++;
    workers.push(keepStoring(at, operation(items[at] as T)));
  }
  const outcomes = await Promise.allSettled(
    workers.map((worker) =>
      worker.catch((error: unknown) => {
        isFailed = true;
        throw error;
      }),
    ),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return results;
}

import type { BucketAddress, KeyValueBackend } from '../backend.js';
import { KeyValueError } from '../errors.js';
import { InMemoryBucket } from './bucket.js';
import { Budget } from './budget.js';

/** Options of {@link inMemoryKeyValue}. */
export interface InMemoryKeyValueOptions {
  /** Bytes that all buckets together may hold. @default 268_435_456 (256 MiB) */
  readonly maxBytes?: number;
}

/**
 * Buckets in the memory of the host: they live as long as it does, also between two runs of a workload. Everything answers at
 * once, so that guests are never suspended.
 */
export function inMemoryKeyValue(options: InMemoryKeyValueOptions = {}): KeyValueBackend {
  const budget = new Budget(options.maxBytes ?? 268_435_456);
  const buckets = new Map<string, InMemoryBucket>();
  let isStopped = false;
  return {
    name: 'in-memory',
    isSynchronous: true,
    supports: { watch: true },
    open(address: BucketAddress): InMemoryBucket {
      if (isStopped) throw new KeyValueError('other', 'the store is closed');
      const { namespace, store, bucket } = address;
      const place = JSON.stringify(namespace === undefined ? [bucket] : [namespace, store, bucket]);
      let found = buckets.get(place);
      if (found === undefined) {
        budget.take(place.length + 512);
        found = new InMemoryBucket(budget);
        buckets.set(place, found);
      }
      return found;
    },
    async stop() {
      isStopped = true;
      for (const bucket of buckets.values()) bucket.close();
      buckets.clear();
    },
  };
}

import type { WorkloadInfo } from '@lodge/core';
import type { BucketAddress, KeyValueBucket, MaybePromise } from './backend.js';
import type { EntryConfig } from './config.js';
import { KeyValueError } from './errors.js';
import { HeldBytes } from './held-bytes.js';
import { checkKey, type KeyValueLimits } from './limits.js';
import { andThen } from './maybe-promise.js';
import type { OpenedBucket } from './wit/bucket.js';
import { Counters } from './wit/counter.js';

/** What one entry lets one workload open. Buckets stay open as long as the workload runs: a fresh instance per call opens them each time. */
export class StoreAccess {
  readonly entry: EntryConfig;
  readonly #workload: WorkloadInfo;
  readonly #limits: KeyValueLimits;
  readonly #buckets = new Map<string, MaybePromise<OpenedBucket>>();

  constructor(entry: EntryConfig, workload: WorkloadInfo, limits: KeyValueLimits) {
    this.entry = entry;
    this.#workload = workload;
    this.#limits = limits;
  }

  /**
   * The bucket that the guest means.
   *
   * @throws KeyValueError `access-denied` for one that the entry does not allow, else as the backend says
   */
  readonly open = (bucket: string): MaybePromise<OpenedBucket> => {
    const known = this.#buckets.get(bucket);
    if (known !== undefined && (known instanceof Promise || known.stored.isGone !== true)) return known;
    const { buckets } = this.entry;
    if (buckets !== undefined && !buckets.has(bucket)) {
      throw new KeyValueError('access-denied', 'the configuration does not allow this bucket');
    }
    checkKey(bucket);
    if (known === undefined && this.#buckets.size >= this.#limits.maxBuckets) {
      throw new KeyValueError('other', `no more than ${this.#limits.maxBuckets} buckets can be opened`);
    }
    const { backend, config } = this.entry;
    const opening = andThen(backend.open(this.#addressOf(bucket), config), (stored) => this.#keep(bucket, stored));
    if (opening instanceof Promise) {
      this.#buckets.set(bucket, opening);
      opening.catch(() => {
        if (this.#buckets.get(bucket) === opening) this.#buckets.delete(bucket);
      });
    }
    return opening;
  };

  #keep(bucket: string, stored: KeyValueBucket): OpenedBucket {
    const opened = {
      stored,
      counters: new Counters(stored),
      limits: this.#limits,
      held: new HeldBytes(this.#limits.maxHeldBytes),
    };
    this.#buckets.set(bucket, opened);
    return opened;
  }

  #addressOf(bucket: string): BucketAddress {
    const { isShared, store } = this.entry;
    return { namespace: isShared ? undefined : this.#workload.namespace, store, bucket };
  }
}

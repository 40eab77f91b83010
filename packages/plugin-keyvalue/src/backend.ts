import type { HookOptions, PluginContext } from '@lodge/core';

/** A value now, or later where the backend has to wait. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * The storage side of the plugin, and what a third party writes. Errors that a guest shall see are `KeyValueError`s; anything else that is
 * thrown ends the guest's instance and is logged. `testKeyValueBackend` of `./conformance` proves an implementation.
 */
export interface KeyValueBackend {
  /** The value of `backend` in a host interface entry that chooses it, such as `in-memory`. Unique per plugin. */
  readonly name: string;
  /**
   * Whether `open` and every function of its buckets but `watch` answer without a promise. Guests then run without ever being suspended;
   * a promise would end them.
   */
  readonly isSynchronous: boolean;
  readonly supports: KeyValueSupport;
  /** Keys of a host interface entry that are this backend's own. Any other key is an error at the start of the workload. */
  readonly configKeys?: readonly string[];
  /** Once, at the start of the host. */
  start?(context: PluginContext, options: HookOptions): Promise<void>;
  /**
   * For each host interface entry of each workload, before its components are compiled. Check {@link configKeys} here, and connect.
   *
   * @throws HostError `ERR_CONFIG_INVALID` naming the key.
   */
  bind?(config: BackendConfig, options: HookOptions): Promise<void>;
  /**
   * The bucket at `address`, created if need be. Asked for once per workload and address and then kept.
   *
   * @throws KeyValueError `no-such-store` | `access-denied` | `other`
   */
  open(address: BucketAddress, config: BackendConfig): MaybePromise<KeyValueBucket>;
  /** Once, at the end of the host. Idempotent. What is still called afterwards fails, and does not hang. */
  stop?(options: HookOptions): Promise<void>;
}

/** What a backend may lack; the conformance suite skips what is `false` here, and nothing else. */
export interface KeyValueSupport {
  /** {@link KeyValueBucket.watch}. */
  readonly watch: boolean;
}

/** The `config` of a host interface entry. */
export type BackendConfig = Readonly<Record<string, string>>;

/** Which bucket is meant. Any two addresses that differ in any part are different buckets, whatever characters the parts have. */
export interface BucketAddress {
  /** The namespace of the workload; unset: a bucket that all namespaces share, where `store` plays no part. */
  readonly namespace: string | undefined;
  /** The `store` of the entry. */
  readonly store: string;
  /** What the guest calls it. */
  readonly bucket: string;
}

/**
 * One bucket. Keys are any well-formed strings of at most 1,024 bytes in UTF-8, the empty one included. Values are copied: nobody
 * changes a stored value through an array that was given or got.
 */
export interface KeyValueBucket {
  /** The value and its version. */
  get(key: string): MaybePromise<KeyValueEntry>;
  set(key: string, value: Uint8Array): MaybePromise<void>;
  /** Nothing happens, and no watch sees anything, when there is no such key. */
  delete(key: string): MaybePromise<void>;
  /**
   * Sets the value if nobody has written the key since `version` was read; one atomic step for whoever else uses the store. Answers whether it did.
   */
  swap(key: string, value: Uint8Array, version: bigint): MaybePromise<boolean>;
  /**
   * Up to `limit` keys after `cursor`, in whatever order. A key that exists from the first page to the last is on one of them, whatever is written
   * meanwhile.
   */
  listKeys(options: ListKeysOptions): MaybePromise<KeyPage>;
  /**
   * What is written from now on, by anyone, in order per key. The last state of each key comes in any case; states in between may be left out
   * for who is slow. The iteration ends when `signal` aborts.
   */
  watch?(options: WatchOptions): Promise<AsyncIterable<KeyValueChange>>;
  /** Whether the bucket was removed behind our back: the next `open` of a guest asks the backend again. */
  readonly isGone?: boolean;
}

/** What is stored under a key. */
export interface KeyValueEntry {
  /** Unset: there is no such key. */
  readonly value: Uint8Array | undefined;
  /** Different after each write to the key; for a key that does not exist as well. Means something to the same bucket only. */
  readonly version: bigint;
}

/** Options of {@link KeyValueBucket.listKeys}. */
export interface ListKeysOptions {
  /** From the page before; 0 for the first one. */
  readonly cursor: bigint;
  /** At least 1. */
  readonly limit: number;
}

/** Some keys of a bucket. */
export interface KeyPage {
  readonly keys: readonly string[];
  /** Where the next page begins, 1 to 2^64 - 1; unset: this is the last one. */
  readonly cursor?: bigint;
}

/** Options of {@link KeyValueBucket.watch}. */
export interface WatchOptions {
  readonly signal: AbortSignal;
}

/** One write. */
export interface KeyValueChange {
  readonly key: string;
  /** Unset: the key was deleted. */
  readonly value: Uint8Array | undefined;
}

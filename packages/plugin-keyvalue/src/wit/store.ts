import type { MaybePromise } from '../backend.js';
import { andThen, forGuest } from '../maybe-promise.js';
import { Bucket, Bucket2, type OpenedBucket } from './bucket.js';

/** `wasi:keyvalue/store@0.2.0-draft` */
export interface Store {
  readonly Bucket: typeof Bucket;
  /** `open: func(identifier: string) -> result<bucket, error>` */
  open(identifier: string): MaybePromise<Bucket>;
}

/** `wasi:keyvalue/store@0.2.0-draft2` */
export interface Store2 {
  readonly Bucket: typeof Bucket2;
  /** `open: func(identifier: string) -> result<bucket, error>` */
  open(identifier: string): MaybePromise<Bucket2>;
}

/** Opens what an entry of the workload grants. */
export type OpenBucket = (identifier: string) => MaybePromise<OpenedBucket>;

/** The first draft over what `open` grants. */
export function store(open: OpenBucket): Store {
  return {
    Bucket,
    open: (identifier) => forGuest(() => andThen(open(identifier), (opened) => new Bucket(opened))),
  };
}

/** The second draft over what `open` grants. */
export function store2(open: OpenBucket): Store2 {
  return {
    Bucket: Bucket2,
    open: (identifier) => forGuest(() => andThen(open(identifier), (opened) => new Bucket2(opened))),
  };
}

/** What the component uses of `wasi:keyvalue`, as `jco` has it in JavaScript. A `result` that is an error is thrown. */
declare module 'wasi:keyvalue/store@0.2.0-draft' {
  export interface Bucket {
    [Symbol.dispose](): void;
  }
  export function open(name: string): Bucket;
}

declare module 'wasi:keyvalue/atomics@0.2.0-draft' {
  import type { Bucket } from 'wasi:keyvalue/store@0.2.0-draft';
  export function increment(bucket: Bucket, key: string, delta: bigint): bigint;
}

/** What the component uses of its imports, as `jco` has them in JavaScript. A `result` that is an error is thrown, with its value as `payload`. */
declare module 'wasi:config/store@0.2.0-rc.1' {
  export function get(key: string): string | undefined;
}

declare module 'wasi:logging/logging@0.1.0-draft' {
  export function log(level: 'debug' | 'info' | 'warn' | 'error', context: string, message: string): void;
}

declare module 'wasi:keyvalue/store@0.2.0-draft' {
  export interface Bucket {
    get(key: string): Uint8Array | undefined;
  }
  export function open(name: string): Bucket;
}

declare module 'wasi:keyvalue/atomics@0.2.0-draft' {
  import type { Bucket } from 'wasi:keyvalue/store@0.2.0-draft';
  export function increment(bucket: Bucket, key: string, delta: bigint): bigint;
}

declare module 'wasi:blobstore/blobstore@0.2.0-draft' {
  import type { Container } from 'wasi:blobstore/container@0.2.0-draft';
  export function containerExists(name: string): boolean;
  export function createContainer(name: string): Container;
  export function getContainer(name: string): Container;
}

declare module 'wasi:blobstore/container@0.2.0-draft' {
  import type { IncomingValue, OutgoingValue } from 'wasi:blobstore/types@0.2.0-draft';
  export interface Container {
    getData(name: string, start: bigint, end: bigint): IncomingValue;
    writeData(name: string, data: OutgoingValue): void;
    hasObject(name: string): boolean;
  }
}

declare module 'wasi:blobstore/types@0.2.0-draft' {
  export class OutgoingValue {
    static newOutgoingValue(): OutgoingValue;
    static finish(value: OutgoingValue): void;
    outgoingValueWriteBody(): { blockingWriteAndFlush(contents: Uint8Array): void; [Symbol.dispose](): void };
  }
  export class IncomingValue {
    static incomingValueConsumeSync(value: IncomingValue): Uint8Array;
    size(): bigint;
  }
}

declare module 'wasmcloud:messaging/consumer@0.2.0' {
  export interface BrokerMessage {
    subject: string;
    body: Uint8Array;
    replyTo?: string;
  }
  export function publish(message: BrokerMessage): void;
}

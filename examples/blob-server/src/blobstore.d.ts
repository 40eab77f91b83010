/** What the component uses of `wasi:blobstore`, as `jco` has it in JavaScript. A `result` that is an error is thrown, with the text as its `payload`. */
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
    listObjects(): StreamObjectNames;
    deleteObject(name: string): void;
    hasObject(name: string): boolean;
    objectInfo(name: string): { readonly size: bigint; readonly createdAt: bigint };
  }
  export interface StreamObjectNames {
    readStreamObjectNames(len: bigint): [names: string[], isLast: boolean];
  }
}

declare module 'wasi:blobstore/types@0.2.0-draft' {
  export class OutgoingValue {
    static newOutgoingValue(): OutgoingValue;
    static finish(value: OutgoingValue): void;
    outgoingValueWriteBody(): OutputStream;
    [Symbol.dispose](): void;
  }
  export class IncomingValue {
    static incomingValueConsumeAsync(value: IncomingValue): InputStream;
    size(): bigint;
  }
  export interface OutputStream {
    blockingWriteAndFlush(contents: Uint8Array): void;
    [Symbol.dispose](): void;
  }
  export interface InputStream {
    blockingRead(len: bigint): Uint8Array;
    [Symbol.dispose](): void;
  }
}

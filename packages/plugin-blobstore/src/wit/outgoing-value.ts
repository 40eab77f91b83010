import { WitError } from '@lodge/core';
import { OutputStream, StreamFailure } from '@lodge/wasi/io';
import { type BoundStore, checkName, checkWritable, placeOf } from '../bound-store.js';
import { BlobstoreError, toStreamFailure, toWitError } from '../errors.js';
import { OutgoingBody } from '../outgoing-body.js';
import type { StreamQuota } from '../stream-quota.js';

/** A write that has begun. */
interface Upload {
  readonly store: BoundStore;
  /** Settles when the object is visible, or why it is not. Never rejects. */
  readonly outcome: Promise<{ readonly error?: unknown }>;
  abort(reason: Error): void;
}

/** `wasi:blobstore/types`, `resource outgoing-value`. */
export class OutgoingValue {
  readonly #quota: StreamQuota;
  /** Made when it is needed: it counts as an open stream. */
  #body: OutgoingBody | undefined;
  #isBodyTaken = false;
  #upload: Upload | undefined;

  /** Made by `new-outgoing-value`. */
  constructor(quota: StreamQuota) {
    this.#quota = quota;
  }

  /** `finish: static func(this: outgoing-value) -> result<_, error>`. The object is visible from here on, not before. */
  static async finish(value: OutgoingValue): Promise<void> {
    const upload = value.#upload;
    if (upload === undefined) {
      value[Symbol.dispose]();
      throw new WitError<string>(new BlobstoreError('value-unwritten').message);
    }
    value.#body?.end();
    const { error } = await upload.outcome;
    if (error !== undefined) throw toWitError(error, upload.store.logger);
  }

  /** `outgoing-value-write-body: func() -> result<output-stream>`. Once, and while the workload has not too many streams open. */
  outgoingValueWriteBody(): OutputStream {
    if (this.#isBodyTaken) throw new WitError<undefined>(undefined);
    try {
      this.#body ??= new OutgoingBody(this.#quota);
    } catch {
      // This error has no text in WIT.
      throw new WitError<undefined>(undefined);
    }
    this.#isBodyTaken = true;
    return new OutputStream(this.#body.sink);
  }

  /** What `write-data` of a container does. @throws BlobstoreError when the value is written already, or must not be written there. */
  writeTo(store: BoundStore, container: string, name: string): void {
    if (this.#upload !== undefined) throw new BlobstoreError('value-written');
    checkWritable(store);
    const place = placeOf(store, container);
    checkName(name);
    this.#body ??= new OutgoingBody(this.#quota);
    const body = this.#body;
    const controller = new AbortController();
    const abort = (reason: Error): void => {
      controller.abort(reason);
      body.fail(failureOf(reason));
    };
    const onStoreEnd = (): void => abort(new StreamFailure('the workload has stopped'));
    store.signal.addEventListener('abort', onStoreEnd, { once: true });
    if (store.signal.aborted) onStoreEnd();
    const bytes = bounded(body.bytes(), store.maxObjectBytes);
    const run = async (): Promise<{ readonly error?: unknown }> => {
      try {
        await store.backend.write(place, checkName(name), bytes, { signal: controller.signal });
        return {};
      } catch (error) {
        const failure = controller.signal.aborted ? controller.signal.reason : error;
        // The guest may be writing still: its stream tells it, and `finish` too.
        body.fail(failureOf(toStreamFailure(failure, store.logger)));
        return { error: failure };
      } finally {
        store.signal.removeEventListener('abort', onStoreEnd);
        await body.close();
      }
    };
    this.#upload = { store, abort, outcome: run() };
  }

  /** A value that is dropped without `finish` was never written. */
  [Symbol.dispose](): void {
    const reason = new StreamFailure('the value was dropped');
    if (this.#upload === undefined) {
      this.#body?.fail(reason);
      this.#body?.close().catch(() => {});
    } else {
      this.#upload.abort(reason);
    }
  }
}

/** The class as guests of one workload have it. */
export interface OutgoingValueClass {
  readonly prototype: OutgoingValue;
  /** `new-outgoing-value: static func() -> outgoing-value` */
  newOutgoingValue(): OutgoingValue;
  /** `finish: static func(this: outgoing-value) -> result<_, error>` */
  finish(value: OutgoingValue): Promise<void>;
}

/** The class for a workload whose streams count in `quota`. */
export function outgoingValueClass(quota: StreamQuota): OutgoingValueClass {
  return class WorkloadOutgoingValue extends OutgoingValue {
    static newOutgoingValue(): OutgoingValue {
      return new WorkloadOutgoingValue(quota);
    }
  };
}

async function* bounded(bytes: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > limit) throw new BlobstoreError('too-large', { limit });
    yield chunk;
  }
}

function failureOf(error: unknown): StreamFailure {
  return StreamFailure.is(error) ? error : new StreamFailure('the write failed', error);
}

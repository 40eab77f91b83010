import { type ByteSink, bytePipe, StreamFailure } from '@lodge/wasi/io';
import { sourceBytes } from './byte-sources.js';
import { Spool } from './spool.js';
import type { StreamQuota } from './stream-quota.js';

/** Bytes of one body in memory, each write counted as 64 bytes more than it brings. */
const maxBufferedBytes = 262_144;

/** Bytes of one chunk that the reader of a body gets. */
const maxChunkBytes = 131_072;

/**
 * What a guest writes into an outgoing value. A bounded buffer between guest and backend; WASI lets a guest write before
 * `write-data` names the object, so until then a full buffer goes to a temporary file.
 */
export class OutgoingBody {
  readonly #pipe = bytePipe(maxBufferedBytes);
  readonly #spool = new Spool();
  readonly #quota: StreamQuota;
  readonly #release: () => void;
  #spooling: Promise<void> | undefined;
  #hasReader = false;
  #isClosed = false;
  #failure: StreamFailure | undefined;

  /** For the guest's output stream. A flush waits for nothing: what counts is `finish`. */
  readonly sink: ByteSink;

  /** @throws BlobstoreError when `quota` has no stream left. */
  constructor(quota: StreamQuota) {
    this.#quota = quota;
    this.#release = quota.take();
    const { sink } = this.#pipe;
    this.sink = {
      ...sink,
      write: (bytes) => {
        sink.write(bytes);
        if (!this.#hasReader && sink.capacity() === 0) this.#spooling ??= this.#fillSpool();
      },
      flush: () => undefined,
      // A guest drops its stream before it finishes the value, and only that ends the body.
      close() {},
    };
  }

  /** Nothing more comes: `finish`. A stream that the guest still has is closed. */
  end(): void {
    this.#pipe.sink.close();
  }

  /** Breaks the body: both the guest's stream and whoever reads it fail with `failure`. */
  fail(failure: StreamFailure): void {
    this.#failure ??= failure;
    this.#pipe.fail(failure);
  }

  /**
   * The body, once, as it is written, until {@link OutgoingBody.end}. Whoever reads it closes it, and says before why, if it did not end well.
   *
   * @throws StreamFailure of {@link OutgoingBody.fail}.
   */
  async *bytes(): AsyncGenerator<Uint8Array> {
    this.#hasReader = true;
    // One more piece may be on its way to the file.
    await this.#spooling;
    for await (const bytes of this.#spool.bytes()) {
      this.#check();
      yield bytes;
    }
    await this.#disposeSpool();
    yield* sourceBytes(this.#pipe.source, maxChunkBytes);
    this.#check();
  }

  /** Lets go of everything; the guest's stream is closed. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hasReader = true;
    this.#pipe.source.close();
    await this.#spooling;
    await this.#disposeSpool();
    this.#release();
  }

  async #disposeSpool(): Promise<void> {
    const { size } = this.#spool;
    await this.#spool[Symbol.asyncDispose]();
    this.#quota.releaseSpooled(size);
  }

  async #fillSpool(): Promise<void> {
    const { source } = this.#pipe;
    try {
      while (!this.#hasReader) {
        const bytes = source.read(maxChunkBytes);
        if (bytes === undefined) return;
        if (bytes.length === 0) break;
        if (!this.#quota.takeSpooled(bytes.length)) {
          throw new StreamFailure('too much is written before write-data says where to');
        }
        await this.#spool.append(bytes);
      }
    } catch (error) {
      this.fail(StreamFailure.is(error) ? error : new StreamFailure('the body could not be kept', error));
    } finally {
      if (!this.#hasReader) this.#spooling = undefined;
    }
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

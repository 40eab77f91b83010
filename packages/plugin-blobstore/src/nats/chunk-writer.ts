import { createHash, randomUUID } from 'node:crypto';
import type { Bucket } from './bucket.js';
import { ChunkIndex } from './chunk-index.js';
import { indexMetadata, type ObjectRecord } from './object-record.js';

/** Bytes of one chunk, as all clients have it. */
const chunkBytes = 131_072;

/** Chunks that are on their way at a time. */
const maxInFlight = 4;

/** Writes a content chunk by chunk; nobody sees it before its record is there. */
export async function writeChunks(
  bucket: Bucket,
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<ObjectRecord> {
  const writer = new ChunkWriter(bucket, signal);
  try {
    for await (const piece of bytes) await writer.add(piece);
    return await writer.finish(name);
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

class ChunkWriter {
  readonly #bucket: Bucket;
  readonly #signal: AbortSignal;
  readonly #nuid = randomUUID().replaceAll('-', '');
  readonly #hash = createHash('sha256');
  readonly #index = new ChunkIndex();
  readonly #maxPayload: number;
  readonly #chunkBytes: number;
  /** Acknowledgements in the order of the chunks. */
  readonly #inFlight: Promise<number>[] = [];
  /** Buffers that the server has acknowledged: large ones are costly to make anew. */
  readonly #free: Uint8Array[] = [];
  #buffer: Uint8Array;
  #used = 0;
  #size = 0;
  #chunks = 0;

  constructor(bucket: Bucket, signal: AbortSignal) {
    this.#bucket = bucket;
    this.#signal = signal;
    this.#maxPayload = bucket.access.client.connection.info?.max_payload ?? chunkBytes;
    this.#chunkBytes = Math.min(chunkBytes, this.#maxPayload);
    this.#buffer = new Uint8Array(this.#chunkBytes);
  }

  async add(piece: Uint8Array): Promise<void> {
    for (let offset = 0; offset < piece.length; ) {
      const part = piece.subarray(offset, offset + this.#chunkBytes - this.#used);
      this.#buffer.set(part, this.#used);
      this.#used += part.length;
      offset += part.length;
      if (this.#used === this.#chunkBytes) await this.#send();
    }
  }

  async finish(name: string): Promise<ObjectRecord> {
    if (this.#used > 0) await this.#send();
    while (this.#inFlight.length > 0) await this.#acknowledged();
    this.#signal.throwIfAborted();
    const digest = this.#hash.digest('base64url');
    return {
      name,
      bucket: this.#bucket.name,
      nuid: this.#nuid,
      size: this.#size,
      chunks: this.#chunks,
      mtime: new Date().toISOString(),
      digest: `SHA-256=${digest.padEnd(Math.ceil(digest.length / 4) * 4, '=')}`,
      deleted: false,
      options: { max_chunk_size: this.#chunkBytes },
      metadata: indexMetadata(this.#index, this.#maxPayload),
    };
  }

  /** Takes back what was sent, once nothing is on its way any more. */
  async discard(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
    if (this.#chunks > 0) this.#bucket.discard(this.#bucket.chunkSubject(this.#nuid));
  }

  async #send(): Promise<void> {
    this.#signal.throwIfAborted();
    const { js, client } = this.#bucket.access;
    const buffer = this.#buffer;
    const payload = buffer.subarray(0, this.#used);
    this.#hash.update(payload);
    this.#size += payload.length;
    this.#chunks += 1;
    const subject = this.#bucket.chunkSubject(this.#nuid);
    const sent = this.#bucket.call(async () => {
      const { seq } = await js.publish(subject, payload, { timeout: client.timeoutMs });
      this.#free.push(buffer);
      return seq;
    });
    // Looked at in order, later: until then a failure is not unhandled.
    sent.catch(() => {});
    this.#inFlight.push(sent);
    if (this.#inFlight.length >= maxInFlight) await this.#acknowledged();
    this.#buffer = this.#free.pop() ?? new Uint8Array(this.#chunkBytes);
    this.#used = 0;
  }

  async #acknowledged(): Promise<void> {
    const sequence = await this.#inFlight[0];
    this.#inFlight.shift();
    if (sequence !== undefined) this.#index.add(sequence);
  }
}

import { createHash } from 'node:crypto';
import { BlobstoreError } from '../errors.js';
import type { Bucket } from './bucket.js';
import type { ChunkIndex } from './chunk-index.js';
import type { StoredRecord } from './object-record.js';

/** Chunks that are asked for at a time. */
const maxInFlight = 4;

/** What is read. `end` is not included. */
export interface ChunkRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The bytes of a range, chunk by chunk, with a bounded read-ahead. Nothing of it lives on the server, so there is nothing to be lost with a connection
 * and nothing to clean up. A whole object is held against its digest.
 */
export async function* readChunks(
  bucket: Bucket,
  stored: StoredRecord,
  range: ChunkRange,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { record, index } = stored;
  if (range.start >= range.end) return;
  const hash = range.start === 0 && range.end === record.size ? createHash('sha256') : undefined;
  const subject = bucket.chunkSubject(record.nuid);
  const chunks =
    index === undefined ? findChunks(bucket, subject) : indexedChunks(bucket, subject, stored, index, range);
  let offset =
    index === undefined ? 0 : Math.floor(range.start / record.options.max_chunk_size) * record.options.max_chunk_size;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    const bytes = chunk.subarray(Math.max(0, range.start - offset), Math.max(0, range.end - offset));
    offset += chunk.length;
    hash?.update(bytes);
    if (bytes.length > 0) yield bytes;
    if (offset >= range.end) break;
  }
  if (offset < range.end) throw changed();
  if (hash !== undefined && !record.digest.startsWith(`SHA-256=${hash.digest('base64url')}`)) {
    throw new BlobstoreError('other', { cause: new Error('the digest of an object does not fit its content') });
  }
}

/** The chunks that the range touches, several at a time: their places are known. */
async function* indexedChunks(
  bucket: Bucket,
  subject: string,
  { record }: StoredRecord,
  index: ChunkIndex,
  range: ChunkRange,
): AsyncGenerator<Uint8Array> {
  const { max_chunk_size: size } = record.options;
  const first = Math.floor(range.start / size);
  const last = Math.floor((range.end - 1) / size);
  const sequences = index.sequences(first, last);
  const inFlight: Promise<Uint8Array>[] = [];
  const ask = (): void => {
    const { value, done } = sequences.next();
    if (done === true) return;
    const chunk = chunkAt(bucket, subject, value);
    // Looked at in order, later: until then a failure is not unhandled.
    chunk.catch(() => {});
    inFlight.push(chunk);
  };
  while (inFlight.length < maxInFlight && inFlight.length <= last - first) ask();
  for (let number = first; number <= last; number++) {
    const chunk = await inFlight.shift();
    if (chunk === undefined) throw changed();
    if (number < record.chunks - 1 && chunk.length !== size) throw changed();
    ask();
    yield chunk;
  }
}

/** All chunks from the first on, one after the other. */
async function* findChunks(bucket: Bucket, subject: string): AsyncGenerator<Uint8Array> {
  const { manager } = bucket.access;
  for (let sequence = 1; ; ) {
    const query = { seq: sequence, next_by_subj: subject };
    const message =
      (await bucket.call(() => manager.direct.getMessage(bucket.stream, query))) ??
      (await bucket.call(() => manager.streams.getMessage(bucket.stream, query)));
    if (message === null) return;
    sequence = message.seq + 1;
    yield message.data;
  }
}

async function chunkAt(bucket: Bucket, subject: string, sequence: number): Promise<Uint8Array> {
  const { manager } = bucket.access;
  const query = { seq: sequence };
  const isChunk = (message: { readonly subject: string } | null): boolean =>
    message !== null && message.subject === subject;
  const found = await bucket.call(() => manager.direct.getMessage(bucket.stream, query));
  if (found !== null && isChunk(found)) return found.data;
  // A server that answers directly may not have it yet; the leader knows.
  const known = await bucket.call(() => manager.streams.getMessage(bucket.stream, query));
  if (known !== null && isChunk(known)) return known.data;
  throw changed();
}

function changed(): BlobstoreError {
  return new BlobstoreError('object-changed');
}

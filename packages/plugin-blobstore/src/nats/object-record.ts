import type { ObjectInfo } from '../backend.js';
import { BlobstoreError } from '../errors.js';
import { ChunkIndex } from './chunk-index.js';

/** Where our own index is in {@link ObjectRecord.metadata}. */
const indexKey = 'lodge-chunks';

/** What is known of an object, as every client of NATS object stores writes it. */
export interface ObjectRecord {
  readonly name: string;
  readonly bucket: string;
  /** Names the subject of the chunks. */
  readonly nuid: string;
  readonly size: number;
  readonly chunks: number;
  readonly mtime: string;
  /** `SHA-256=` and the hash in base64url. */
  readonly digest: string;
  readonly deleted: boolean;
  readonly options: { readonly max_chunk_size: number };
  readonly metadata: Readonly<Record<string, string>>;
}

/** A record in its stream. */
export interface StoredRecord {
  readonly record: ObjectRecord;
  readonly sequence: number;
  /** Milliseconds since 1970: when the server stored it. */
  readonly storedAt: number;
  /** Unset: the chunks must be found one after the other, as with objects that another client wrote. */
  readonly index: ChunkIndex | undefined;
}

/** Puts the index where {@link parseRecord} finds it, if it fits into a message of so many bytes. */
export function indexMetadata(index: ChunkIndex, maxPayload: number): Readonly<Record<string, string>> {
  const text = index.format(maxPayload >> 2);
  return text === undefined || text === '' ? {} : { [indexKey]: text };
}

/**
 * Reads a record, which another client may have written.
 *
 * @throws BlobstoreError `other` for what is no record, or one of an object that is somewhere else.
 */
export function parseRecord(data: Uint8Array, sequence: number, storedAt: number): StoredRecord {
  const value = parseJson(data);
  const { options = {}, metadata } = value as {
    options?: { max_chunk_size?: unknown; link?: unknown };
    metadata?: unknown;
  };
  const record: ObjectRecord = {
    name: text(value['name']),
    bucket: text(value['bucket']),
    nuid: text(value['nuid']),
    size: count(value['size']),
    chunks: count(value['chunks']),
    mtime: text(value['mtime'] ?? ''),
    digest: text(value['digest'] ?? ''),
    deleted: value['deleted'] === true,
    options: { max_chunk_size: count(options?.max_chunk_size) },
    metadata: {},
  };
  if (options?.link !== undefined && options.link !== null) throw unreadable('it is a link');
  // It becomes part of a subject, of a deleted object too: what is left of it is removed.
  if (!/^[-\w]{1,64}$/.test(record.nuid)) throw unreadable('its nuid is none');
  const indexText = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, indexKey) : undefined;
  const index = typeof indexText === 'string' ? ChunkIndex.parse(indexText) : undefined;
  const isUsable = index !== undefined && index.length === record.chunks && record.options.max_chunk_size > 0;
  return { record, sequence, storedAt, index: isUsable ? index : undefined };
}

/** What the plugin is told. */
export function toObjectInfo({ record, sequence, storedAt }: StoredRecord): ObjectInfo {
  return { size: record.size, createdAt: storedAt, version: String(sequence) };
}

function parseJson(data: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(data));
  } catch {
    throw unreadable('it is not JSON');
  }
  if (typeof value !== 'object' || value === null) throw unreadable('it is not an object');
  return value as Record<string, unknown>;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw unreadable('a text is missing');
  return value;
}

function count(value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw unreadable('a number is none');
  return value;
}

function unreadable(why: string): BlobstoreError {
  return new BlobstoreError('other', { cause: new Error(`the record of an object cannot be read: ${why}`) });
}

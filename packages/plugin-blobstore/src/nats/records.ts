import { NatsFailure } from '@lodge-internal/nats';
import { headers } from '@nats-io/transport-node';
import { BlobstoreError } from '../errors.js';
import type { Bucket } from './bucket.js';
import { nameToken } from './bucket-name.js';
import { type ObjectRecord, parseRecord, type StoredRecord } from './object-record.js';

/** Attempts to be the next writer of a record. */
const maxAttempts = 64;

/** The record of an object that is there, asked of the stream's leader: others may not know yet. */
export async function findRecord(bucket: Bucket, name: string): Promise<StoredRecord | undefined> {
  const found = await lastRecord(bucket, name);
  return found === undefined || found.record.deleted ? undefined : found;
}

/** Whether a record was written, when that went wrong. */
export interface Attempt {
  /** The server may have it although it did not say so. */
  isUncertain: boolean;
}

/** Makes `record` the one of its object, and removes the content that it replaces: the one before, and no other. */
export async function replaceRecord(bucket: Bucket, record: ObjectRecord, attempt: Attempt): Promise<StoredRecord> {
  const { sequence, replaced } = await putNext(bucket, record, () => true, attempt);
  if (replaced !== undefined) bucket.discard(bucket.chunkSubject(replaced.record.nuid));
  return { record, sequence, storedAt: Date.parse(record.mtime), index: undefined };
}

/** Removes an object with its content, if there is one and `isWanted` agrees. */
export async function deleteRecord(
  bucket: Bucket,
  name: string,
  isWanted: (stored: StoredRecord) => boolean,
): Promise<void> {
  const stored = await lastRecord(bucket, name);
  if (stored === undefined || (!stored.record.deleted && !isWanted(stored))) return;
  if (stored.record.deleted) return clean(bucket, stored);
  const notice = { ...stored.record, deleted: true, size: 0, chunks: 0, digest: '', metadata: {} };
  const { sequence, replaced } = await putNext(
    bucket,
    notice,
    (last) => last !== undefined && !last.record.deleted && isWanted(last),
    { isUncertain: false },
  );
  if (replaced !== undefined) await clean(bucket, { record: replaced.record, sequence });
}

/** Removes the content of a deleted object, and the notice that it was deleted: other clients have seen it, or find nothing. */
async function clean(bucket: Bucket, { record, sequence }: Pick<StoredRecord, 'record' | 'sequence'>): Promise<void> {
  const content = bucket.chunkSubject(record.nuid);
  try {
    await bucket.purge(content);
    await bucket.purge(bucket.recordSubject(nameToken(record.name)), sequence + 1);
  } catch {
    // The object is deleted, whatever becomes of its remains.
    bucket.discard(content);
  }
}

/** The last record of the name, deleted or not. */
async function lastRecord(bucket: Bucket, name: string): Promise<StoredRecord | undefined> {
  const { manager } = bucket.access;
  const subject = bucket.recordSubject(nameToken(name));
  const message = await bucket.call(() => manager.streams.getMessage(bucket.stream, { last_by_subj: subject }));
  if (message === null) return undefined;
  return parseRecord(message.data, message.seq, message.time.getTime());
}

/** Writes a record in place of the last one, whichever that is when it succeeds; nothing is written when `isWanted` does not agree with it. */
async function putNext(
  bucket: Bucket,
  record: ObjectRecord,
  isWanted: (last: StoredRecord | undefined) => boolean,
  outcome: Attempt,
): Promise<{ readonly sequence: number; readonly replaced: StoredRecord | undefined }> {
  const { js, client } = bucket.access;
  const subject = bucket.recordSubject(nameToken(record.name));
  const payload = JSON.stringify(record);
  for (let attempt = 1; ; attempt++) {
    const replaced = await lastRecord(bucket, record.name);
    if (!isWanted(replaced)) return { sequence: 0, replaced: undefined };
    const rollup = headers();
    rollup.set('Nats-Rollup', 'sub');
    const expect = { lastSubjectSequence: replaced?.sequence ?? 0 };
    try {
      const options = { headers: rollup, expect, timeout: client.timeoutMs };
      const { seq } = await bucket.call(() => js.publish(subject, payload, options));
      return { sequence: seq, replaced };
    } catch (error) {
      const kind = BlobstoreError.is(error) && error.cause instanceof NatsFailure ? error.cause.kind : undefined;
      if (kind === 'conflict' && attempt < maxAttempts) continue;
      outcome.isUncertain = kind === undefined || kind === 'unavailable' || kind === 'timeout' || kind === 'unknown';
      throw error;
    }
  }
}

import { BlobstoreError } from '../errors.js';
import type { Bucket } from './bucket.js';
import { tokenName } from './bucket-name.js';
import { findRecord } from './records.js';

/** Names of one page. */
const pageLength = 256;

/** Records that are looked at at a time. */
const maxInFlight = 32;

/**
 * The names of a bucket's objects, in the order of their subjects. The server has that order, whatever is written meanwhile, and gives up to 100,000
 * subjects at once; where we are is the last subject, so that nothing is missed when objects before it go.
 */
export async function* listNames(bucket: Bucket, signal: AbortSignal): AsyncGenerator<readonly string[]> {
  let last = '';
  let offset = 0;
  for (;;) {
    signal.throwIfAborted();
    const { subjects, total } = await subjectsFrom(bucket, offset);
    const [first] = subjects;
    if (offset > 0 && (first === undefined || first > last)) {
      // Objects that were before this page are gone: one that we have not seen may have moved up.
      offset = Math.floor(offset / 2);
      continue;
    }
    const next = subjects.filter((subject) => subject > last);
    for (let index = 0; index < next.length; index += pageLength) {
      signal.throwIfAborted();
      yield await existingNames(bucket, next.slice(index, index + pageLength));
    }
    last = next.at(-1) ?? last;
    offset += subjects.length;
    if (offset >= total) return;
    // One that we know is the first of the next page: it tells whether others have moved.
    offset -= 1;
  }
}

/** Subjects of records from the `offset`th on, in order. */
async function subjectsFrom(bucket: Bucket, offset: number): Promise<{ subjects: string[]; total: number }> {
  const { client } = bucket.access;
  const query = JSON.stringify({ subjects_filter: bucket.recordSubject('>'), offset });
  const answer = await bucket.call(async () => {
    const subject = `$JS.API.STREAM.INFO.${bucket.stream}`;
    const message = await client.connection.request(subject, query, { timeout: client.timeoutMs });
    const info = message.json<StreamInfoAnswer>();
    if (info.error !== undefined) throw Object.assign(new Error(info.error.description), { code: info.error.err_code });
    return info;
  });
  const subjects = Object.keys(answer.state?.subjects ?? {}).sort();
  return { subjects, total: answer.total ?? subjects.length };
}

/** Another client leaves a notice of what it has deleted, which only its content tells from an object. */
async function existingNames(bucket: Bucket, subjects: readonly string[]): Promise<readonly string[]> {
  const names: string[] = [];
  for (let index = 0; index < subjects.length; index += maxInFlight) {
    const part = subjects.slice(index, index + maxInFlight).map(async (subject) => {
      const name = tokenName(subject.slice(subject.lastIndexOf('.') + 1));
      if (name === undefined) return [];
      return (await isObject(bucket, name)) ? [name] : [];
    });
    names.push(...(await Promise.all(part)).flat());
  }
  return names;
}

async function isObject(bucket: Bucket, name: string): Promise<boolean> {
  try {
    return (await findRecord(bucket, name)) !== undefined;
  } catch (error) {
    // A record that we cannot read is an object of another client.
    if (BlobstoreError.is(error, 'other')) return true;
    throw error;
  }
}

interface StreamInfoAnswer {
  readonly total?: number;
  readonly state?: { readonly subjects?: Readonly<Record<string, number>> };
  readonly error?: { readonly err_code: number; readonly description: string };
}

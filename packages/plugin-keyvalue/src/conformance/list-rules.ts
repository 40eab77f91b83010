import assert from 'node:assert/strict';
import type { KeyValueBucket } from '../backend.js';
import type { StageRule } from './stage.js';

const value = Uint8Array.of(1);

/** Every key on every page. A listing of a small bucket that does not end is a failure. */
async function listAll(
  bucket: KeyValueBucket,
  limit: number,
  between: (page: number) => Promise<void> = async () => {},
): Promise<string[]> {
  const all: string[] = [];
  let cursor: bigint | undefined = 0n;
  for (let page = 1; cursor !== undefined; page++) {
    assert.ok(page < 200, 'the listing does not end');
    const answer: Awaited<ReturnType<KeyValueBucket['listKeys']>> = await bucket.listKeys({ cursor, limit });
    assert.ok(answer.keys.length <= limit, `a page has ${answer.keys.length} keys instead of at most ${limit}`);
    all.push(...answer.keys);
    const next: bigint | undefined = answer.cursor;
    assert.ok(next === undefined || (next > 0n && next < 2n ** 64n), `the cursor ${next} is no u64 above 0`);
    cursor = next;
    if (cursor !== undefined) await between(page);
  }
  return all;
}

async function fill(bucket: KeyValueBucket, prefix: string, count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  for (const key of keys) await bucket.set(key, value);
  return keys;
}

/** Rules about listing. */
export const listRules: readonly StageRule[] = [
  {
    name: 'lists no keys of an empty bucket',
    async run({ open }) {
      assert.deepEqual(await listAll(await open(), 10), []);
    },
  },
  {
    name: 'lists every key once, in pages of at most the size that was asked for',
    async run({ open }) {
      const bucket = await open();
      const keys = await fill(bucket, 'key', 25);
      for (const limit of [1, 7, 25, 100]) assert.deepEqual((await listAll(bucket, limit)).sort(), [...keys].sort());
    },
  },
  {
    name: 'lists no deleted keys',
    async run({ open }) {
      const bucket = await open();
      const keys = await fill(bucket, 'key', 6);
      for (const key of keys.slice(0, 4)) await bucket.delete(key);
      assert.deepEqual((await listAll(bucket, 1)).sort(), keys.slice(4).sort());
    },
  },
  {
    name: 'takes any cursor, and has no keys after the last one',
    async run({ open }) {
      const bucket = await open();
      await fill(bucket, 'key', 3);
      // Guests may make cursors up.
      for (const cursor of [1_000_000n, 2n ** 53n, 2n ** 64n - 1n]) {
        const page = await bucket.listKeys({ cursor, limit: 10 });
        assert.deepEqual({ keys: [...page.keys], cursor: page.cursor }, { keys: [], cursor: undefined });
      }
    },
  },
  {
    name: 'lists a key that is there throughout, while others are deleted, added and written',
    async run({ open }) {
      const bucket = await open();
      const passing = await fill(bucket, 'passing', 10);
      const staying = await fill(bucket, 'staying', 20);
      const later = await fill(bucket, 'later', 10);
      const listed = await listAll(bucket, 5, async (page) => {
        if (page > 4) return;
        // Deletions before the cursor move the rest forward, additions and writes move things back.
        for (const key of passing.splice(0, 3)) await bucket.delete(key);
        for (const key of later.splice(0, 2)) await bucket.delete(key);
        await fill(bucket, `new-${page}`, 3);
        for (const key of staying) await bucket.set(key, Uint8Array.of(page));
      });
      const missed = staying.filter((key) => !listed.includes(key));
      assert.deepEqual(missed, []);
    },
  },
];

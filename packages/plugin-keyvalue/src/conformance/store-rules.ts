import assert from 'node:assert/strict';
import type { KeyValueBucket } from '../backend.js';
import type { StageRule } from './stage.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** The value of a key as plain numbers, which assertions print well. */
async function read(bucket: KeyValueBucket, key: string): Promise<number[] | undefined> {
  const { value } = await bucket.get(key);
  return value && [...value];
}

/** Keys that something or other on the way might take for more than a key. */
const oddKeys = [
  '',
  ' ',
  '.',
  '..',
  '.a',
  'a.',
  'a..b',
  'a.b',
  'a/b',
  '/',
  '*',
  'a.*',
  '>',
  'a.>',
  '=',
  '=2E',
  '=2e',
  'a=b',
  '%2E',
  '_kv',
  '$KV.x',
  'A',
  'a',
  'é',
  'e\u0301',
  '鍵',
  '🔑',
  '\u0000',
  'a\nb\r\n',
  '\t',
  '"',
  "'",
  '\\',
  'x'.repeat(1_024),
  '🔑'.repeat(256),
];

/** Addresses that careless joining of their parts would confuse. */
const oddAddresses = [
  { namespace: 'a', store: 'b', bucket: 'c' },
  { namespace: 'a', store: 'b', bucket: 'C' },
  { namespace: 'a__b', store: '', bucket: 'c' },
  { namespace: 'a', store: '', bucket: 'b__c' },
  { namespace: 'a', store: 'b_', bucket: '_c' },
  { namespace: 'a_', store: '_b', bucket: 'c' },
  { namespace: 'a.b', store: 'c', bucket: 'd' },
  { namespace: 'a', store: 'b.c', bucket: 'd' },
  { namespace: 'a/b', store: 'c', bucket: 'd' },
  { namespace: 'a', store: 'b/c', bucket: 'd' },
  { namespace: '', store: 'a', bucket: 'b' },
  { namespace: 'a', store: 'b', bucket: '' },
  { namespace: 'ä', store: 'b', bucket: 'c' },
  { namespace: '=C3=A4', store: 'b', bucket: 'c' },
  { namespace: '_C3_A4', store: 'b', bucket: 'c' },
];

/** Rules about single keys. */
export const storeRules: readonly StageRule[] = [
  {
    name: 'gives back the bytes that were set, an empty value included',
    async run({ open }) {
      const bucket = await open();
      await bucket.set(
        'all',
        Uint8Array.from({ length: 256 }, (_, index) => index),
      );
      await bucket.set('empty', bytes());
      assert.deepEqual(
        await read(bucket, 'all'),
        Array.from({ length: 256 }, (_, index) => index),
      );
      assert.deepEqual(await read(bucket, 'empty'), []);
    },
  },
  {
    name: 'has nothing under a key that was never set',
    async run({ open }) {
      assert.equal(await read(await open(), 'missing'), undefined);
    },
  },
  {
    name: 'replaces the value of a key',
    async run({ open }) {
      const bucket = await open();
      await bucket.set('key', bytes(1, 2, 3));
      await bucket.set('key', bytes(4));
      assert.deepEqual(await read(bucket, 'key'), [4]);
    },
  },
  {
    name: 'has nothing under a key that was deleted, until it is set again',
    async run({ open }) {
      const bucket = await open();
      await bucket.set('key', bytes(1));
      await bucket.delete('key');
      assert.equal(await read(bucket, 'key'), undefined);
      await bucket.set('key', bytes(2));
      assert.deepEqual(await read(bucket, 'key'), [2]);
    },
  },
  {
    name: 'takes the deletion of a key that does not exist',
    async run({ open }) {
      const bucket = await open();
      await bucket.delete('missing');
      assert.equal(await read(bucket, 'missing'), undefined);
    },
  },
  {
    name: 'keeps what it stored when the array that was given changes',
    async run({ open }) {
      const bucket = await open();
      const given = bytes(1, 2);
      await bucket.set('key', given);
      given.fill(9);
      assert.deepEqual(await read(bucket, 'key'), [1, 2]);
    },
  },
  {
    name: 'keeps what it stored when an array that it gave away changes',
    async run({ open }) {
      const bucket = await open();
      await bucket.set('key', bytes(1, 2));
      (await bucket.get('key')).value?.fill(9);
      assert.deepEqual(await read(bucket, 'key'), [1, 2]);
    },
  },
  {
    name: 'takes any string of up to 1,024 bytes as a key, and tells all of them apart',
    async run({ open }) {
      const bucket = await open();
      for (const [index, key] of oddKeys.entries()) await bucket.set(key, bytes(index));
      for (const [index, key] of oddKeys.entries()) {
        assert.deepEqual(await read(bucket, key), [index], `key ${JSON.stringify(key)}`);
      }
      const { keys } = await bucket.listKeys({ cursor: 0n, limit: 1_000 });
      assert.deepEqual([...keys].sort(), [...oddKeys].sort());
    },
  },
  {
    name: 'keeps buckets apart whose addresses differ in any part',
    async run({ open }) {
      const unique = crypto.randomUUID();
      const mine = oddAddresses.map((address) => ({ ...address, bucket: `${address.bucket}${unique}` }));
      for (const [index, address] of mine.entries()) await (await open(address)).set('key', bytes(index));
      for (const [index, address] of mine.entries()) {
        assert.deepEqual(await read(await open(address), 'key'), [index], JSON.stringify(address));
      }
    },
  },
  {
    name: 'gives the same contents to whoever opens the same address',
    async run({ open }) {
      const first = await open();
      await first.set('key', bytes(1));
      const second = await open();
      assert.deepEqual(await read(second, 'key'), [1]);
      await second.set('key', bytes(2));
      assert.deepEqual(await read(first, 'key'), [2]);
    },
  },
  {
    name: 'gives a bucket without a namespace to every store, apart from those with one',
    async run({ open }) {
      const bucket = `shared-${crypto.randomUUID()}`;
      const shared = await open({ namespace: undefined, store: 'a', bucket });
      await shared.set('key', bytes(1));
      assert.deepEqual(await read(await open({ namespace: undefined, store: 'b', bucket }), 'key'), [1]);
      assert.equal(await read(await open({ bucket }), 'key'), undefined);
    },
  },
  {
    name: 'gives nobody the bucket of a namespace as one without, whatever they call it',
    async run({ open, namespace }) {
      await (await open()).set('key', bytes(1));
      const parts = [namespace, 'default', 'bucket'];
      const names = ['__', '_', '-', '.', '/', ':', ',', ' ', '\u0000', ''].map((mark) => parts.join(mark));
      for (const bucket of [...names, `KV_${names[0]}`, JSON.stringify(parts)]) {
        // A backend that refuses such a name lets nobody in either.
        const found = await open({ namespace: undefined, bucket }).then(
          (shared) => read(shared, 'key'),
          () => undefined,
        );
        assert.equal(found, undefined, `bucket ${JSON.stringify(bucket)}`);
      }
    },
  },
  {
    name: 'gives one bucket to many who open it for the first time at once',
    async run({ open }) {
      const buckets = await Promise.all(Array.from({ length: 16 }, () => open({ bucket: 'new' })));
      await Promise.all(buckets.map((bucket, index) => bucket.set(`key-${index}`, bytes(index))));
      const { keys } = await (await open({ bucket: 'new' })).listKeys({ cursor: 0n, limit: 100 });
      assert.equal(keys.length, 16);
    },
  },
  {
    name: 'reads its own writes with many of them under way',
    async run({ open }) {
      const bucket = await open();
      await Promise.all(
        Array.from({ length: 64 }, async (_, writer) => {
          for (let round = 0; round < 4; round++) {
            await bucket.set(`key-${writer}`, bytes(round));
            assert.deepEqual(await read(bucket, `key-${writer}`), [round]);
          }
        }),
      );
    },
  },
];

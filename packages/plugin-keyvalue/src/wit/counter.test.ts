import { expect, test } from 'vitest';
import type { KeyValueBucket } from '../backend.js';
import { inMemoryKeyValue } from '../in-memory/backend.js';
import { Counters, signed, unsigned } from './counter.js';

function newBucket(): KeyValueBucket {
  return inMemoryKeyValue().open({ namespace: 'a', store: 'b', bucket: 'c' }, {}) as KeyValueBucket;
}

/** A bucket that waits, and counts what it is asked. */
function waitingBucket(): { readonly bucket: KeyValueBucket; readonly swaps: boolean[] } {
  const inner = newBucket();
  const swaps: boolean[] = [];
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const bucket: KeyValueBucket = {
    async get(key) {
      await turn();
      return inner.get(key);
    },
    set: (key, value) => inner.set(key, value),
    delete: (key) => inner.delete(key),
    async swap(key, value, version) {
      await turn();
      const isSwapped = await inner.swap(key, value, version);
      swaps.push(isSwapped);
      return isSwapped;
    },
    listKeys: (options) => inner.listKeys(options),
  };
  return { bucket, swaps };
}

test('a counter is 8 bytes, big-endian', async () => {
  const bucket = newBucket();
  const counters = new Counters(bucket);
  expect(counters.increment({ key: 'n', delta: 258n, type: unsigned })).toBe(258n);
  expect([...((await bucket.get('n')).value ?? [])]).toEqual([0, 0, 0, 0, 0, 0, 1, 2]);
});

test('both drafts read the numbers that both know alike, and the second goes below zero', () => {
  const counters = new Counters(newBucket());
  expect(counters.increment({ key: 'n', delta: 5n, type: unsigned })).toBe(5n);
  expect(counters.increment({ key: 'n', delta: -7n, type: signed })).toBe(-2n);
  expect(counters.increment({ key: 'n', delta: 3n, type: signed })).toBe(1n);
  expect(counters.increment({ key: 'n', delta: 1n, type: unsigned })).toBe(2n);
});

test.each([
  ['above', unsigned, 2n ** 64n - 1n, 1n],
  ['above', signed, 2n ** 63n - 1n, 1n],
  ['below', signed, -(2n ** 63n), -1n],
])('a counter does not go %s its bounds, and keeps its value', (_where, type, first, second) => {
  const counters = new Counters(newBucket());
  counters.increment({ key: 'n', delta: first, type });
  expect(() => counters.increment({ key: 'n', delta: second, type })).toThrow('the counter would overflow');
  expect(counters.increment({ key: 'n', delta: 0n, type })).toBe(first);
});

test('what is not 8 bytes is no counter', async () => {
  const bucket = newBucket();
  await bucket.set('n', Uint8Array.of(1));
  expect(() => new Counters(bucket).increment({ key: 'n', delta: 1n, type: unsigned })).toThrow('not a counter');
});

test('those who increment one key on one host take turns instead of fighting for it', async () => {
  const { bucket, swaps } = waitingBucket();
  const counters = new Counters(bucket);
  const counts = await Promise.all(
    Array.from({ length: 64 }, () => counters.increment({ key: 'n', delta: 1n, type: unsigned })),
  );
  expect(counts).toEqual(Array.from({ length: 64 }, (_, index) => BigInt(index + 1)));
  expect(swaps).toEqual(Array.from({ length: 64 }, () => true));
});

test('a failure is told to the one that it met, and the next go on', async () => {
  const { bucket } = waitingBucket();
  let failures = 1;
  const flaky: KeyValueBucket = {
    ...bucket,
    async get(key) {
      if (failures-- > 0) throw new Error('lost');
      return bucket.get(key);
    },
  };
  const counters = new Counters(flaky);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 3 }, () => counters.increment({ key: 'n', delta: 1n, type: unsigned })),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
});

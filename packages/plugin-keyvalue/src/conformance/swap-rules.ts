import assert from 'node:assert/strict';
import { Counters, unsigned } from '../wit/counter.js';
import type { StageRule } from './stage.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Rules about versions. */
export const swapRules: readonly StageRule[] = [
  {
    name: 'swaps a value that nobody has written since, and only then',
    async run({ open }) {
      const bucket = await open();
      await bucket.set('key', bytes(1));
      const { version } = await bucket.get('key');
      assert.equal(await bucket.swap('key', bytes(2), version), true);
      assert.equal(await bucket.swap('key', bytes(3), version), false);
      assert.deepEqual([...((await bucket.get('key')).value ?? [])], [2]);
    },
  },
  {
    name: 'swaps a missing key into being, once',
    async run({ open }) {
      const bucket = await open();
      const { version } = await bucket.get('key');
      assert.equal(await bucket.swap('key', bytes(1), version), true);
      assert.equal(await bucket.swap('key', bytes(2), version), false);
      assert.deepEqual([...((await bucket.get('key')).value ?? [])], [1]);
    },
  },
  {
    name: 'swaps a deleted key into being, by the version of after the deletion alone',
    async run({ open }) {
      const bucket = await open();
      await bucket.set('key', bytes(1));
      const { version: before } = await bucket.get('key');
      await bucket.delete('key');
      const { version: after } = await bucket.get('key');
      assert.equal(await bucket.swap('key', bytes(2), before), false);
      assert.equal(await bucket.swap('key', bytes(3), after), true);
    },
  },
  {
    name: 'notices a write although the value is the same again',
    async run({ open }) {
      const bucket = await open();
      await bucket.set('key', bytes(1));
      const { version } = await bucket.get('key');
      await bucket.set('key', bytes(2));
      await bucket.set('key', bytes(1));
      assert.equal(await bucket.swap('key', bytes(3), version), false);
    },
  },
  {
    name: 'notices that a key was deleted and set again',
    async run({ open }) {
      const bucket = await open();
      await bucket.set('key', bytes(1));
      const { version } = await bucket.get('key');
      await bucket.delete('key');
      await bucket.set('key', bytes(1));
      assert.equal(await bucket.swap('key', bytes(3), version), false);
    },
  },
  {
    name: 'lets one of many swaps of one version win',
    async run({ open }) {
      const bucket = await open();
      await bucket.set('key', bytes(0));
      const { version } = await bucket.get('key');
      const results = await Promise.all(
        Array.from({ length: 16 }, async (_, index) => bucket.swap('key', bytes(index), version)),
      );
      assert.equal(results.filter(Boolean).length, 1);
    },
  },
  {
    name: 'counts every increment of 64 writers, also of two hosts',
    async run({ open }) {
      const counters = [new Counters(await open()), new Counters(await open())];
      await Promise.all(
        Array.from({ length: 64 }, async (_, writer) => {
          const counter = counters[writer % counters.length];
          for (let round = 0; round < 3; round++) await counter?.increment({ key: 'key', delta: 1n, type: unsigned });
        }),
      );
      const { value } = await (await open()).get('key');
      assert.deepEqual([...(value ?? [])], [0, 0, 0, 0, 0, 0, 0, 64 * 3]);
    },
  },
];

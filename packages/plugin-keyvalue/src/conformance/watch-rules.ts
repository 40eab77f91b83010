import assert from 'node:assert/strict';
import { promptly } from '@lodge-internal/conformance';
import type { KeyValueBucket, KeyValueChange } from '../backend.js';
import type { StageRule } from './stage.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Begins to watch and answers with what reads changes up to the one of `key`. */
async function watchUntil(
  bucket: KeyValueBucket,
  signal: AbortSignal,
): Promise<(key: string) => Promise<KeyValueChange[]>> {
  const changes = await bucket.watch?.({ signal });
  assert.ok(changes, 'the bucket has no `watch` although the backend supports it');
  return async (key) => {
    const seen: KeyValueChange[] = [];
    for await (const change of changes) {
      seen.push(change);
      if (change.key === key) break;
    }
    return seen;
  };
}

/** What was seen of one key. */
function statesOf(key: string, changes: readonly KeyValueChange[]): (number[] | undefined)[] {
  return changes.filter((change) => change.key === key).map(({ value }) => value && [...value]);
}

/** Rules about watches. */
export const watchRules: readonly StageRule[] = [
  {
    name: 'shows what is written from the start of a watch on, and nothing from before',
    needs: 'watch',
    async run({ open }) {
      const bucket = await open();
      await bucket.set('before', bytes(1));
      const until = await watchUntil(bucket, AbortSignal.timeout(10_000));
      await bucket.set('odd key', bytes(1));
      await bucket.swap('swapped', bytes(2), (await bucket.get('swapped')).version);
      await bucket.set('end', bytes());
      const seen = await until('end');
      assert.deepEqual(statesOf('before', seen), []);
      assert.deepEqual(statesOf('odd key', seen), [[1]]);
      assert.deepEqual(statesOf('swapped', seen), [[2]]);
      assert.deepEqual(statesOf('end', seen), [[]]);
    },
  },
  {
    name: 'shows deletions, but none of a key that did not exist',
    needs: 'watch',
    async run({ open }) {
      const bucket = await open();
      await bucket.set('key', bytes(1));
      const until = await watchUntil(bucket, AbortSignal.timeout(10_000));
      await bucket.delete('key');
      await bucket.delete('missing');
      await bucket.set('end', bytes());
      const seen = await until('end');
      assert.deepEqual(statesOf('key', seen), [undefined]);
      assert.deepEqual(statesOf('missing', seen), []);
    },
  },
  {
    name: 'shows the writes of a key in their order, and the last of them in any case',
    needs: 'watch',
    async run({ open }) {
      const bucket = await open();
      const until = await watchUntil(bucket, AbortSignal.timeout(10_000));
      for (let round = 0; round < 100; round++) await bucket.set(`key-${round % 3}`, bytes(round));
      await bucket.set('end', bytes());
      const seen = await until('end');
      for (const key of ['key-0', 'key-1', 'key-2']) {
        const rounds = statesOf(key, seen).map((state) => state?.[0] ?? -1);
        assert.deepEqual(
          rounds,
          [...rounds].sort((a, b) => a - b),
        );
      }
      assert.deepEqual(statesOf('key-0', seen).at(-1), [99]);
    },
  },
  {
    name: 'shows each watch its own bucket, written through whichever handle',
    needs: 'watch',
    async run({ open }) {
      const until = await watchUntil(await open({ bucket: 'a' }), AbortSignal.timeout(10_000));
      await (await open({ bucket: 'b' })).set('other', bytes(1));
      await (await open({ bucket: 'a' })).set('end', bytes(2));
      assert.deepEqual(
        (await until('end')).map(({ key }) => key),
        ['end'],
      );
    },
  },
  {
    name: 'ends a watch when its signal aborts',
    needs: 'watch',
    async run({ open }) {
      const bucket = await open();
      const ending = new AbortController();
      const changes = await bucket.watch?.({ signal: ending.signal });
      assert.ok(changes);
      const drained = (async () => {
        for await (const _ of changes) assert.fail('nothing was written');
      })();
      setImmediate(() => ending.abort());
      await promptly(drained, 5_000, 'the watch goes on after the abort');
      const late = await bucket.watch?.({ signal: ending.signal });
      const lateEnd = late?.[Symbol.asyncIterator]().next() ?? Promise.reject(new Error('no watch'));
      assert.equal((await promptly(lateEnd, 5_000, 'a watch begins although its signal has aborted')).done, true);
    },
  },
];

import assert from 'node:assert/strict';
import type { Rule } from '@lodge/plugin-conformance';
import { BlobstoreError } from '../errors.js';
import { oddNames } from './container-rules.js';
import type { BlobstoreBackendSetup } from './setup.js';
import { fails, going, inTime, pattern, photos, type Stage, withBackend } from './stage.js';

/** Rules on single objects. */
export const objectRules: readonly Rule<BlobstoreBackendSetup>[] = Object.freeze([
  rule('gives back what was written, whatever its size', async (stage) => {
    for (const size of [0, 1, 4095, 4096, 131_071, 131_072, 131_073, 262_144, 1_000_001]) {
      const content = pattern(size);
      await stage.put(photos, 'cat', content);
      assert.ok(Buffer.from(content).equals(await stage.bytes(photos, 'cat')), `${size} bytes came back as others`);
    }
  }),
  rule('gives a range with both its ends, clamped to what there is', async (stage) => {
    await stage.put(photos, 'digits', '0123456789');
    const cases: [start: number, end: number, expected: string][] = [
      [0, 0, '0'],
      [0, 9, '0123456789'],
      [2, 4, '234'],
      [9, 9, '9'],
      [8, 100, '89'],
      [0, Number.MAX_SAFE_INTEGER, '0123456789'],
      [10, 10, ''],
      [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, ''],
    ];
    for (const [start, end, expected] of cases) {
      assert.equal(await stage.text(photos, 'digits', { start, end }), expected, `range ${start} to ${end}`);
    }
    await stage.put(photos, 'empty', '');
    assert.equal(await stage.text(photos, 'empty', { start: 0, end: 5 }), '', 'a range of an empty object');
  }),
  rule('gives ranges of a large object that begin and end anywhere', async (stage) => {
    const content = pattern(700_000);
    await stage.put(photos, 'large', content);
    for (const [start, end] of [
      [0, 0],
      [131_071, 131_072],
      [131_072, 262_143],
      [300_000, 300_001],
      [5, 699_998],
      [699_999, 699_999],
    ] as const) {
      const expected = Buffer.from(content.subarray(start, end + 1));
      assert.ok(expected.equals(await stage.bytes(photos, 'large', { start, end })), `range ${start} to ${end}`);
    }
  }),
  rule('tells the size and the time of an object, and nothing of one that is not there', async (stage) => {
    const { backend } = stage;
    assert.equal(await backend.objectInfo(photos, 'cat', going()), undefined);
    const before = Date.now();
    await stage.put(photos, 'cat', 'meow');
    const info = await backend.objectInfo(photos, 'cat', going());
    assert.equal(info?.size, 4);
    const difference = (info?.createdAt ?? 0) - before;
    assert.ok(
      difference > -60_000 && difference < 60_000,
      `the time is ${difference} ms off: it must be in milliseconds`,
    );
    const reading = await backend.read(photos, 'cat', { ...going(), range: { start: 1, end: 2 } });
    assert.equal(reading.info.size, 4, 'the info of a reading is that of the whole object');
    assert.equal(reading.size, 2, 'the size of a reading is that of its range');
    assert.equal(reading.info.version, info?.version, 'the versions must be equal as long as nobody writes');
    await fails(backend.read(photos, 'dog', going()), 'no-such-object', 'read of an object that is not there');
  }),
  rule('shows nothing of an object before all of it is written', async (stage) => {
    await stage.put(photos, 'old', 'before');
    for (const name of ['new', 'old']) {
      const gate = Promise.withResolvers<void>();
      const half = Promise.withResolvers<void>();
      const body = async function* (): AsyncGenerator<Uint8Array> {
        yield pattern(300_000);
        half.resolve();
        await gate.promise;
        yield pattern(10);
      };
      const writing = stage.backend.write(photos, name, body(), going());
      await inTime(Promise.race([half.promise, writing]), 'the write of the first half');
      if (name === 'old')
        assert.equal(await stage.text(photos, 'old'), 'before', 'a half-written object replaced another');
      else assert.equal(await stage.exists(photos, 'new'), false, 'a half-written object can be seen');
      assert.deepEqual(await stage.names(photos), name === 'new' ? ['old'] : ['new', 'old']);
      gate.resolve();
      await writing;
      assert.equal((await stage.bytes(photos, name)).length, 300_010);
    }
  }),
  rule('keeps the object as it was when a write fails, with the error of the body', async (stage) => {
    await stage.put(photos, 'cat', 'meow');
    const failure = new Error('the guest gave up');
    const body = async function* (): AsyncGenerator<Uint8Array> {
      yield pattern(300_000);
      throw failure;
    };
    for (const name of ['cat', 'dog']) {
      const error = await inTime(
        stage.backend.write(photos, name, body(), going()).catch((reason: unknown) => reason),
        'a write whose body fails',
      );
      assert.equal(error, failure, 'a write must fail with the error of its body');
    }
    assert.equal(await stage.text(photos, 'cat'), 'meow');
    assert.equal(await stage.exists(photos, 'dog'), false, 'a write that failed left an object');
  }),
  rule('replaces an object as a whole', async (stage) => {
    await stage.put(photos, 'cat', pattern(300_000));
    const first = await stage.backend.objectInfo(photos, 'cat', going());
    await stage.put(photos, 'cat', 'small');
    assert.equal(await stage.text(photos, 'cat'), 'small');
    const second = await stage.backend.objectInfo(photos, 'cat', going());
    assert.equal(second?.size, 5);
    assert.notEqual(second?.version, first?.version, 'another content must have another version');
    assert.deepEqual(await stage.names(photos), ['cat']);
  }),
  rule('has forgotten an object that was deleted', async (stage) => {
    await stage.put(photos, 'cat', pattern(300_000));
    await stage.put(photos, 'dog', 'woof');
    await stage.delete(photos, 'cat');
    assert.equal(await stage.exists(photos, 'cat'), false, 'objectInfo knows a deleted object');
    await fails(stage.backend.read(photos, 'cat', going()), 'no-such-object', 'read of a deleted object');
    assert.deepEqual(await stage.names(photos), ['dog']);
    await stage.delete(photos, 'cat');
    await stage.delete(photos, 'never was');
    assert.equal(await stage.text(photos, 'dog'), 'woof');
    await stage.put(photos, 'cat', 'again');
    assert.equal(await stage.text(photos, 'cat'), 'again');
    assert.deepEqual(await stage.names(photos), ['cat', 'dog']);
  }),
  rule('deletes the version that is meant, and no other', async (stage) => {
    await stage.put(photos, 'cat', 'first');
    const ifVersion = (await stage.backend.objectInfo(photos, 'cat', going()))?.version ?? '';
    await stage.put(photos, 'cat', 'second');
    await stage.backend.deleteObject(photos, 'cat', { ...going(), ifVersion });
    assert.equal(await stage.text(photos, 'cat'), 'second', 'a newer version was deleted');
    const current = (await stage.backend.objectInfo(photos, 'cat', going()))?.version ?? '';
    await stage.backend.deleteObject(photos, 'cat', { ...going(), ifVersion: current });
    assert.equal(await stage.exists(photos, 'cat'), false, 'the version that was meant is still there');
  }),
  rule('takes any text for the name of an object', async (stage) => {
    for (const name of oddNames) await stage.put(photos, name, `in ${name}`);
    for (const name of oddNames) assert.equal(await stage.text(photos, name), `in ${name}`, JSON.stringify(name));
    assert.deepEqual(await stage.names(photos), [...oddNames].sort());
    assert.equal(await stage.exists(photos, 'toString'), false, 'what JavaScript objects inherit is no object');
    for (const name of oddNames) await stage.delete(photos, name);
    assert.deepEqual(await stage.names(photos), []);
  }),
  rule('shares no memory with its readers', async (stage) => {
    await stage.put(photos, 'cat', 'meow');
    const reading = await stage.backend.read(photos, 'cat', going());
    for await (const chunk of reading.bytes) chunk.fill(0);
    assert.equal(await stage.text(photos, 'cat'), 'meow', 'a reader changed the object');
  }),
  rule('writes one object by many at a time as one of them', async (stage) => {
    await Promise.all(
      Array.from({ length: 8 }, (_, index) => stage.put(photos, 'cat', new Uint8Array(150_000 + index).fill(index))),
    );
    const bytes = await stage.bytes(photos, 'cat');
    const writer = bytes[0] ?? -1;
    assert.equal(bytes.length, 150_000 + writer, 'the size is that of another writer than the content');
    assert.ok(
      bytes.every((byte) => byte === writer),
      'the content is mixed',
    );
    assert.deepEqual(await stage.names(photos), ['cat']);
  }),
  {
    name: 'reads to the end what it opened, or fails, but never mixes two contents',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        for (const change of ['replace', 'delete', 'delete container'] as const) {
          if (change !== 'replace') await stage.delete(photos, 'cat');
          const content = pattern(4_000_000);
          await stage.put(photos, 'cat', content);
          const reading = await stage.backend.read(photos, 'cat', going());
          const chunks: Uint8Array[] = [];
          const read = async (): Promise<unknown> => {
            for await (const chunk of reading.bytes) {
              if (chunks.length === 0) {
                if (change === 'replace') await stage.put(photos, 'cat', new Uint8Array(4_000_000));
                else if (change === 'delete') await stage.delete(photos, 'cat');
                else await stage.backend.deleteContainer(photos, going());
              }
              chunks.push(chunk);
            }
            return undefined;
          };
          const error = await inTime(
            read().catch((reason: unknown) => reason),
            'a reading whose object goes',
          );
          const bytes = Buffer.concat(chunks);
          assert.ok(bytes.equals(content.subarray(0, bytes.length)), 'a reading gave bytes that it did not open');
          if (stage.backend.supports.heldReadings) assert.equal(error, undefined, `a reading broke after a ${change}`);
          if (error === undefined) assert.equal(bytes.length, content.length, 'a reading ended early without an error');
          else assert.ok(BlobstoreError.is(error), 'a reading must fail with a BlobstoreError');
        }
      }),
  },
] satisfies readonly Rule<BlobstoreBackendSetup>[]);

function rule(name: string, check: (stage: Stage) => Promise<void>): Rule<BlobstoreBackendSetup> {
  return { name, check: (setup) => withBackend(setup, check) };
}

import assert from 'node:assert/strict';
import { HostError } from '@lodge/core';
import type { Rule } from '@lodge/plugin-conformance';
import { BlobstoreError } from '../errors.js';
import type { BlobstoreBackendSetup } from './setup.js';
import { going, inTime, pattern, photos, type Stage, withBackend } from './stage.js';

/** Chunks of 64 KiB that a body may be asked for ahead of time. */
const maxAhead = 64;

/** Rules on memory, limits, and operations that are given up. */
export const resourceRules: readonly Rule<BlobstoreBackendSetup>[] = Object.freeze([
  {
    name: 'reads no further ahead than a few megabytes',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        await stage.put(photos, 'large', pattern(4_000_000));
        const reading = await stage.backend.read(photos, 'large', going());
        const bytes = reading.bytes[Symbol.asyncIterator]();
        const first = await bytes.next();
        assert.ok(first.done !== true && first.value.length <= 1_048_576, 'a chunk must not be larger than 1 MiB');
        await inTime(Promise.resolve(bytes.return?.()), 'the end of a reading');
        assert.equal((await bytes.next()).done, true, 'a reading that was ended goes on');
        assert.equal((await stage.bytes(photos, 'large')).length, 4_000_000, 'another reading of the same object');
      }),
  },
  {
    name: 'takes the body of a write as it comes',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const seen = Promise.withResolvers<void>();
        let asked = 0;
        const body = async function* (): AsyncGenerator<Uint8Array> {
          for (asked = 1; asked <= 3 * maxAhead; asked++) {
            if (asked === 2 * maxAhead) seen.resolve();
            yield new Uint8Array(65_536);
          }
        };
        const writing = stage.backend.write(photos, 'large', body(), going());
        await inTime(Promise.race([seen.promise, writing]), 'a body of 12 MB');
        await inTime(writing, 'a write of 12 MB');
        assert.equal((await stage.backend.objectInfo(photos, 'large', going()))?.size, 3 * maxAhead * 65_536);
      }),
  },
  {
    name: 'refuses what is larger than it takes, and goes on',
    skipReason: ({ createLimited }) => (createLimited === undefined ? 'the setup makes no limited backend' : undefined),
    check: (setup) =>
      withBackend(
        setup,
        async (stage) => {
          const limit = setup.limitBytes ?? 1_000_000;
          let asked = 0;
          const endless = async function* (): AsyncGenerator<Uint8Array> {
            for (;;) {
              asked += 65_536;
              assert.ok(asked < limit + 16_000_000, 'a write goes on although there is no space left');
              yield new Uint8Array(65_536);
            }
          };
          const error = await inTime(
            stage.backend.write(photos, 'large', endless(), going()).catch((reason: unknown) => reason),
            'a write without end',
          );
          const isLimit = BlobstoreError.is(error, 'too-large') || BlobstoreError.is(error, 'quota-exceeded');
          assert.ok(
            isLimit,
            `a write without end must fail with 'too-large' or 'quota-exceeded', not ${String(error)}`,
          );
          assert.equal(await stage.exists(photos, 'large'), false);
          // What the failed write took is free again, at once or soon.
          const retry = (): Promise<number> =>
            stage.put(photos, 'small', pattern(limit >> 1)).then(
              () => 1,
              () => 0,
            );
          await stage.eventually(retry, (value) => value === 1, 'half of the limit must fit after a failed write');
        },
        async () => (await setup.createLimited?.()) ?? setup.create(),
      ),
  },
  counting('leaves nothing of a write that failed', async (stage, before) => {
    const body = async function* (): AsyncGenerator<Uint8Array> {
      yield pattern(600_000);
      throw new Error('the guest gave up');
    };
    await stage.backend.write(photos, 'cat', body(), going()).catch(() => {});
    await isFree(stage, before, 'a write that failed left bytes behind');
  }),
  counting('leaves nothing of what was replaced or deleted', async (stage, before) => {
    await Promise.all(Array.from({ length: 6 }, () => stage.put(photos, 'cat', pattern(600_000))));
    await stage.put(photos, 'cat', '');
    await isFree(stage, before, 'a content that was replaced left bytes behind');
    await stage.put(photos, 'dog', pattern(600_000));
    await stage.delete(photos, 'dog');
    await isFree(stage, before, 'an object that was deleted left bytes behind');
  }),
  {
    name: 'gives up an operation whose signal aborts',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const { backend } = stage;
        await stage.put(photos, 'cat', 'meow');
        const reason = new HostError('ERR_CALL_ABORTED', 'the conformance suite gave up');
        const aborted = { signal: AbortSignal.abort(reason) };
        const operations: Record<string, () => Promise<unknown>> = {
          createContainer: () => backend.createContainer({ ...photos, container: 'new' }, aborted),
          containerInfo: () => backend.containerInfo(photos, aborted),
          deleteContainer: () => backend.deleteContainer(photos, aborted),
          objectInfo: () => backend.objectInfo(photos, 'cat', aborted),
          read: async () => Array.fromAsync((await backend.read(photos, 'cat', aborted)).bytes),
          write: () => backend.write(photos, 'cat', emptyBody(), aborted),
          deleteObject: () => backend.deleteObject(photos, 'cat', aborted),
          listObjects: () => Array.fromAsync(backend.listObjects(photos, aborted)),
        };
        for (const [name, operation] of Object.entries(operations)) {
          await assert.rejects(inTime(operation(), name), `${name} must reject when its signal has aborted`);
        }
        assert.equal(await stage.text(photos, 'cat'), 'meow', 'an operation that was given up had an effect');
      }),
  },
  {
    name: 'gives up a write in the middle, and leaves nothing of it',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const controller = new AbortController();
        const reason = new HostError('ERR_CALL_ABORTED', 'the conformance suite gave up');
        const body = async function* (): AsyncGenerator<Uint8Array> {
          yield pattern(300_000);
          controller.abort(reason);
          throw reason;
        };
        const writing = stage.backend.write(photos, 'cat', body(), { signal: controller.signal });
        await assert.rejects(inTime(writing, 'a write that is given up'));
        assert.equal(await stage.exists(photos, 'cat'), false);
      }),
  },
  {
    name: 'stops twice, and does nothing after it',
    check: (setup) =>
      withBackend(setup, async ({ backend }) => {
        await backend.stop?.(going());
        await assert.doesNotReject(async () => backend.stop?.(going()));
        const error = await backend.containerInfo(photos, going()).catch((reason: unknown) => reason);
        assert.ok(HostError.is(error, 'ERR_HOST_STATE'), 'an operation after the stop must reject with ERR_HOST_STATE');
      }),
  },
] satisfies readonly Rule<BlobstoreBackendSetup>[]);

/** A rule that looks at what the storage holds. */
function counting(name: string, check: (stage: Stage, before: number) => Promise<void>): Rule<BlobstoreBackendSetup> {
  return {
    name,
    skipReason: ({ storedBytes }) => (storedBytes === undefined ? 'the setup does not count stored bytes' : undefined),
    check: (setup) =>
      withBackend(setup, async (stage) => check(stage, (await setup.storedBytes?.(stage.backend)) ?? 0)),
  };
}

/** Records of objects may stay a moment, contents must not. */
async function isFree(stage: Stage, before: number, message: string): Promise<void> {
  const stored = async (): Promise<number> => ((await stage.setup.storedBytes?.(stage.backend)) ?? 0) - before;
  await stage.eventually(stored, (bytes) => bytes < 10_000, message);
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

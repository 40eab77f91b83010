import assert from 'node:assert/strict';
import { promptly } from '@lodge-internal/conformance';
import type { KeyValueBucket } from '../backend.js';
import { KeyValueError } from '../errors.js';
import type { StageRule } from './stage.js';

const operations: Readonly<Record<string, (bucket: KeyValueBucket) => unknown>> = {
  get: (bucket) => bucket.get('key'),
  set: (bucket) => bucket.set('key', Uint8Array.of(1)),
  delete: (bucket) => bucket.delete('key'),
  swap: (bucket) => bucket.swap('key', Uint8Array.of(2), 0n),
  listKeys: (bucket) => bucket.listKeys({ cursor: 0n, limit: 10 }),
};

/** Rules about the life of a backend. */
export const lifecycleRules: readonly StageRule[] = [
  {
    name: 'has a name that a manifest can say, and supports what the setup says',
    async run({ backend, setup }) {
      assert.match(backend.name, /^[a-z][a-z0-9-]{0,63}$/, 'the name must be lower-case words and hyphens');
      assert.deepEqual({ ...backend.supports }, { ...setup.supports });
    },
  },
  {
    name: 'answers without a promise if it says that it is synchronous',
    async run({ backend, open }) {
      const bucket = await open();
      if (!backend.isSynchronous) return;
      const opened: unknown = backend.open({ namespace: 'a', store: 'b', bucket: 'c' }, {});
      assert.ok(!(opened instanceof Promise), 'open answers with a promise');
      for (const [name, operation] of Object.entries(operations)) {
        assert.ok(!(operation(bucket) instanceof Promise), `${name} answers with a promise`);
      }
    },
  },
  {
    name: 'settles every operation after it was stopped, and refuses to write',
    async run({ open, stop }) {
      const bucket = await open();
      await bucket.set('key', Uint8Array.of(1));
      await stop();
      for (const [name, operation] of Object.entries(operations)) {
        const settled = (async () => operation(bucket))().then(
          () => undefined,
          (error: unknown) => error,
        );
        const error = await promptly(settled, 5_000, `${name} hangs after the stop`);
        assert.ok(error === undefined || KeyValueError.is(error), `${name} fails with ${String(error)}`);
        if (name === 'set') assert.ok(error !== undefined, 'a stopped backend takes a write');
      }
    },
  },
  {
    name: 'can be stopped twice',
    async run({ backend, open, stop }) {
      await (await open()).set('key', Uint8Array.of(1));
      await stop();
      await backend.stop?.({ signal: new AbortController().signal });
    },
  },
];

import type {
  ComponentInfo,
  GuestFunction,
  HostPlugin,
  InterfaceId,
  InterfaceRequest,
  WorkloadInfo,
} from '@lodge/core';
import { HostError, WitError } from '@lodge/core';
import { testHostPlugin } from '@lodge/plugin-conformance';
import { describe, expect, test } from 'vitest';
import type { KeyValueBackend, KeyValueBucket } from './backend.js';
import { inMemoryKeyValue } from './in-memory/backend.js';
import { type KeyValueWorkload, keyValuePlugin } from './plugin.js';
import type { Atomics2, Cas } from './wit/atomics.js';
import type { Batch } from './wit/batch.js';
import type { Store, Store2 } from './wit/store.js';

const signal = new AbortController().signal;
const storeFunctions = [
  'open',
  '[method]bucket.get',
  '[method]bucket.set',
  '[method]bucket.delete',
  '[method]bucket.exists',
  '[method]bucket.list-keys',
];
const batchFunctions = ['get-many', 'set-many', 'delete-many'];
const watcherFunctions = ['on-set', 'on-delete'];

/** Watches that have begun and not ended. */
const held = new WeakMap<HostPlugin, { count: number }>();

testHostPlugin<HostPlugin<KeyValueWorkload>>(
  { describe, test },
  {
    create() {
      const watches = { count: 0 };
      const plugin = keyValuePlugin({ backends: [counting(watches)] });
      held.set(plugin, watches);
      return plugin;
    },
    createStalled: () => keyValuePlugin({ backends: [stalled()] }),
    createUnstartable: () =>
      keyValuePlugin({ backends: [{ ...stalled(), start: () => Promise.reject(new Error('no')) }] }),
    interfaces: [
      { id: 'wasi:keyvalue/store@0.2.0-draft', functions: storeFunctions },
      { id: 'wasi:keyvalue/atomics@0.2.0-draft', functions: ['increment'] },
      { id: 'wasi:keyvalue/batch@0.2.0-draft', functions: batchFunctions },
      { id: 'wasi:keyvalue/watcher@0.2.0-draft', functions: watcherFunctions },
      { id: 'wasi:keyvalue/store@0.2.0-draft2', functions: storeFunctions },
      {
        id: 'wasi:keyvalue/atomics@0.2.0-draft2',
        functions: ['increment', 'swap', '[static]cas.new', '[method]cas.current'],
      },
      { id: 'wasi:keyvalue/batch@0.2.0-draft2', functions: batchFunctions },
      { id: 'wasi:keyvalue/watcher@0.2.0-draft2', functions: watcherFunctions },
    ],
    workloads: [
      { namespace: 'first', config: { watch: 'orders' } },
      { namespace: 'second', config: { store: 'other', buckets: 'orders' } },
    ],
    refused: [
      { config: { backend: 'redis' } },
      { config: { bucket: 'a' } },
      { config: { shared: 'yes' } },
      { config: { buckets: '' } },
      { config: { buckets: 'a', watch: 'orders,b' } },
    ],
    held: (plugin) => held.get(plugin)?.count ?? 0,
    async observe({ imports, workload }) {
      const seen: unknown[] = [];
      for (const draft of ['0.2.0-draft', '0.2.0-draft2']) {
        const bucket = await imports(`wasi:keyvalue/store@${draft}`)['open']?.('orders');
        seen.push(await bucket.get('foreign'), await bucket.exists('mine'));
        await bucket.set(
          'mine',
          Uint8Array.from(workload.namespace, (letter) => letter.charCodeAt(0)),
        );
        seen.push([...(await bucket.get('mine'))], (await bucket.listKeys()).keys);
        await bucket.delete('mine');
      }
      const opened = await settled(() => imports('wasi:keyvalue/store@0.2.0-draft')['open']?.('users'));
      return [...seen, WitError.is(opened) ? opened.payload : 'opened'];
    },
  },
);

describe('keyValuePlugin', () => {
  test('lists keys in pages with the cursor of each draft', async () => {
    const { store, store2 } = await bound({ limits: { pageSize: 2 } });
    const bucket = await store.open('orders');
    for (const key of ['a', 'b', 'c']) await bucket.set(key, new Uint8Array());
    const first = await bucket.listKeys(undefined);
    expect(first.keys).toEqual(['a', 'b']);
    expect(await bucket.listKeys(first.cursor)).toEqual({ keys: ['c'], cursor: undefined });
    const bucket2 = await store2.open('orders');
    const first2 = await bucket2.listKeys(undefined);
    expect(first2.cursor).toBe(String(first.cursor));
    expect((await bucket2.listKeys(first2.cursor)).keys).toEqual(['c']);
    for (const cursor of ['', 'x', '-1', '1.5', String(2n ** 64n)]) {
      expect(payloadOf(await settled(() => bucket2.listKeys(cursor)))).toEqual({
        tag: 'other',
        val: 'the cursor is not from an earlier answer',
      });
    }
  });

  test('bounds what the cas handles of a guest hold, until they are dropped or used', async () => {
    const { store2, atomics2 } = await bound({ limits: { maxHeldBytes: 2_500 } });
    const bucket = await store2.open('orders');
    await bucket.set('large', new Uint8Array(1_000));
    const open = (): Promise<Cas> => Promise.resolve().then(() => atomics2.Cas.new(bucket, 'large'));
    const [first, second] = [await open(), await open()];
    await expect(open()).rejects.toMatchObject({
      payload: { tag: 'other', val: 'too many cas handles are open: drop some' },
    });
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    const third = await open();
    await expect(open()).rejects.toBeInstanceOf(WitError);
    await atomics2.swap(second, new Uint8Array(1_000));
    await open();
    await expect(open()).rejects.toBeInstanceOf(WitError);
    // A swap that fails brings a handle of its own in the place of the one that it was given.
    const failed = await Promise.resolve()
      .then(() => atomics2.swap(third, new Uint8Array()))
      .catch((error: WitError<{ tag: string; val: Cas }>) => error.payload);
    expect(failed).toMatchObject({ tag: 'cas-failed' });
    await expect(open()).rejects.toBeInstanceOf(WitError);
  });

  test('bounds a batch in keys and in bytes, however often one large value is asked for', async () => {
    const { store, batch } = await bound({ limits: { maxBatchKeys: 4, maxBatchBytes: 2_500 } });
    const bucket = await store.open('orders');
    await bucket.set('large', new Uint8Array(1_000));
    expect(await batch.getMany(bucket, ['large', 'large'])).toHaveLength(2);
    const told = (call: () => unknown): Promise<unknown> =>
      Promise.resolve()
        .then(call)
        .then(
          () => 'nothing',
          (error: WitError<unknown>) => error.payload,
        );
    expect(await told(() => batch.getMany(bucket, ['large', 'large', 'large']))).toEqual({
      tag: 'other',
      val: 'the values have more than 2500 bytes: ask for fewer',
    });
    const five = ['a', 'b', 'c', 'd', 'e'];
    const tooMany = { tag: 'other', val: 'a batch has at most 4 keys' };
    expect(await told(() => batch.getMany(bucket, five))).toEqual(tooMany);
    expect(await told(() => batch.deleteMany(bucket, five))).toEqual(tooMany);
    expect(
      await told(() =>
        batch.setMany(
          bucket,
          five.map((key) => [key, new Uint8Array()]),
        ),
      ),
    ).toEqual(tooMany);
    expect(await batch.getMany(bucket, ['a'])).toEqual([undefined]);
  });

  test('answers a batch in the order of its keys, with none for what is missing', async () => {
    const { store, batch } = await bound();
    const bucket = await store.open('orders');
    await batch.setMany(bucket, [
      ['a', Uint8Array.of(1)],
      ['b', Uint8Array.of(2)],
      ['a', Uint8Array.of(3)],
    ]);
    const some = await batch.getMany(bucket, ['b', 'missing', 'a', 'b']);
    expect(some).toEqual([['b', Uint8Array.of(2)], undefined, ['a', Uint8Array.of(3)], ['b', Uint8Array.of(2)]]);
    await batch.deleteMany(bucket, ['a', 'missing', 'a']);
    expect(await batch.getMany(bucket, ['a'])).toEqual([undefined]);
    expect(await batch.getMany(bucket, [])).toEqual([]);
  });

  test('keeps the order of a large batch on a backend that waits, with a bound on what is under way', async () => {
    let running = 0;
    let most = 0;
    const slow = waiting(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    });
    const { store, batch } = await bound({ backends: [slow] });
    const bucket = await store.open('orders');
    const keys = Array.from({ length: 1_000 }, (_, index) => `key-${index}`);
    await batch.setMany(
      bucket,
      keys.map((key, index) => [key, Uint8Array.of(index % 256)]),
    );
    const values = await batch.getMany(bucket, keys);
    expect(values.map((pair) => pair?.[0])).toEqual(keys);
    expect(values.map((pair) => pair?.[1][0])).toEqual(keys.map((_, index) => index % 256));
    expect(most).toBeGreaterThan(64);
    expect(most).toBeLessThanOrEqual(128);
  });

  test('ends a batch at its first failure, when nothing of it is under way any more', async () => {
    let running = 0;
    let begun = 0;
    const failing = waiting(async () => {
      running++;
      begun++;
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      throw Object.assign(new Error('the disk is on fire'), { name: 'KeyValueError', kind: 'other' });
    });
    const { store, batch } = await bound({ backends: [failing] });
    const bucket = await store.open('orders');
    const keys = Array.from({ length: 1_000 }, (_, index) => `key-${index}`);
    const error = await settled(() => batch.getMany(bucket, keys));
    expect(payloadOf(error)).toEqual({ tag: 'other', val: 'the disk is on fire' });
    expect(running).toBe(0);
    expect(begun).toBeLessThanOrEqual(128);
  });

  test('lets a workload open so many buckets and no more', async () => {
    const { store } = await bound({ limits: { maxBuckets: 2 } });
    await store.open('a');
    await store.open('b');
    await store.open('a');
    expect(payloadOf(await settled(() => store.open('c')))).toMatchObject({ tag: 'other' });
  });

  test('passes on what is no error of the store, which ends the guest', async () => {
    const defect = new TypeError('defect');
    const { store } = await bound({ backends: [waiting(() => Promise.reject(defect))] });
    const bucket = await store.open('orders');
    expect(await settled(() => bucket.get('key'))).toBe(defect);
  });

  test('opens again what could not be opened', async () => {
    const backend = inMemoryKeyValue();
    let attempts = 0;
    const flaky: KeyValueBackend = {
      ...backend,
      isSynchronous: false,
      async open(address, config) {
        if (++attempts === 1) throw Object.assign(new Error('down'), { name: 'KeyValueError', kind: 'other' });
        return backend.open(address, config);
      },
    };
    const { store } = await bound({ backends: [flaky] });
    expect(payloadOf(await settled(() => store.open('orders')))).toEqual({ tag: 'other', val: 'down' });
    await store.open('orders');
    await store.open('orders');
    expect(attempts).toBe(2);
  });

  test.each([
    [{ backends: [] }, 'at least one backend'],
    [{ backends: [inMemoryKeyValue(), inMemoryKeyValue()] }, "two backends named 'in-memory'"],
    [{ limits: { pageSize: 0 } }, 'pageSize must be a whole number above 0'],
    [{ limits: { pages: 1 } as object }, '"pages" is unknown'],
  ])('refuses the options %j', (options, message) => {
    expect(() => keyValuePlugin(options)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }));
    expect(() => keyValuePlugin(options)).toThrow(message);
  });

  test('stops the backends that have started when one does not start', async () => {
    const stopped: string[] = [];
    const backend = (name: string, start: () => Promise<void>): KeyValueBackend => ({
      ...inMemoryKeyValue(),
      name,
      start,
      async stop() {
        stopped.push(name);
      },
    });
    const plugin = keyValuePlugin({
      backends: [
        backend('first', async () => {}),
        backend('second', () => Promise.reject(new HostError('ERR_CONFIG_INVALID', 'no'))),
        backend('third', async () => {}),
      ],
    });
    const context = {
      logger: { log() {} },
      host: { id: '', friendlyName: '', version: '', labels: {} },
      stopping: signal,
      shared: noSharing,
    };
    await expect(plugin.start?.(context, { signal })).rejects.toThrow('no');
    expect(stopped).toEqual(['first']);
  });
});

/** The interfaces of a component that imports all of them. */
async function bound(
  options: Parameters<typeof keyValuePlugin>[0] = {},
): Promise<{ readonly store: Store; readonly store2: Store2; readonly batch: Batch; readonly atomics2: Atomics2 }> {
  const plugin = keyValuePlugin(options);
  const workload: WorkloadInfo = { id: 'w', namespace: 'shop', name: 'w', annotations: {} };
  const component = { name: 'main', kind: 'component', workload } as ComponentInfo;
  const config = {};
  const requests = plugin.world.provides.map(({ id }): InterfaceRequest => {
    const shape = { externName: id, id, functions: [], resources: [] };
    return { id, direction: 'import', externName: id, component, name: undefined, config, shape };
  });
  const state = await plugin.onWorkloadBind(workload, requests, { signal });
  const { importsFor } = await plugin.bindComponent(component, requests, state, { signal });
  const imports = importsFor({ id: 'i', component, signal, defer() {} });
  const find = <T>(id: InterfaceId): T => imports[id] as T;
  return {
    store: find('wasi:keyvalue/store@0.2.0-draft'),
    store2: find('wasi:keyvalue/store@0.2.0-draft2'),
    batch: find('wasi:keyvalue/batch@0.2.0-draft'),
    atomics2: find('wasi:keyvalue/atomics@0.2.0-draft2'),
  };
}

/** The in-memory backend with `before` ahead of every operation of its buckets. */
function waiting(before: () => Promise<void>): KeyValueBackend {
  const backend = inMemoryKeyValue();
  return {
    ...backend,
    isSynchronous: false,
    async open(address, config) {
      const bucket = await backend.open(address, config);
      const slow =
        <Args extends unknown[], R>(operation: (...args: Args) => R) =>
        async (...args: Args): Promise<Awaited<R>> => {
          await before();
          return operation.apply(bucket, args) as Awaited<R>;
        };
      const wrapped: KeyValueBucket = {
        get: slow(bucket.get),
        set: slow(bucket.set),
        delete: slow(bucket.delete),
        swap: slow(bucket.swap),
        listKeys: slow(bucket.listKeys),
      };
      return wrapped;
    },
  };
}

/** The in-memory backend with a count of its watches. */
function counting(watches: { count: number }): KeyValueBackend {
  const backend = inMemoryKeyValue();
  const seen = new WeakSet<KeyValueBucket>();
  return {
    ...backend,
    open(address, config) {
      const bucket = backend.open(address, config) as KeyValueBucket;
      if (seen.has(bucket)) return bucket;
      seen.add(bucket);
      const watch = bucket.watch?.bind(bucket);
      bucket.watch = async (options) => {
        if (watch === undefined) throw new Error('no watch');
        const changes = await watch(options);
        if (options.signal.aborted) return changes;
        watches.count++;
        options.signal.addEventListener('abort', () => watches.count--, { once: true });
        return changes;
      };
      return bucket;
    },
  };
}

/** A backend that never gets anywhere. */
function stalled(): KeyValueBackend {
  const never = (): Promise<never> => new Promise(() => {});
  return { name: 'stalled', isSynchronous: false, supports: { watch: true }, bind: never, open: never };
}

function noSharing(): never {
  throw new Error('nothing is shared here');
}

async function settled(call: GuestFunction): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

function payloadOf(error: unknown): unknown {
  return WitError.is(error) ? error.payload : error;
}

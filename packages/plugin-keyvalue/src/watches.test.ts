import {
  type CallOptions,
  type CallScope,
  type ComponentInfo,
  type ExportHandle,
  type LogFields,
  type ResolvedWorkload,
  silentLogger,
  type WorkloadInfo,
} from '@lodge/core';
import { expect, test, vi } from 'vitest';
import type { BackendConfig, KeyValueBackend, KeyValueBucket, KeyValueChange } from './backend.js';
import { inMemoryKeyValue } from './in-memory/backend.js';
import { defaultKeyValueLimits } from './limits.js';
import { StoreAccess } from './store-access.js';
import { Watches } from './watches.js';
import { Bucket, Bucket2 } from './wit/bucket.js';

const workloadInfo: WorkloadInfo = { id: 'w', namespace: 'shop', name: 'w', annotations: {} };
const config: BackendConfig = {};

/** A bucket, and how to watch it with `handle` in place of a component. */
function stage(backend: KeyValueBackend = inMemoryKeyValue()): {
  readonly access: StoreAccess;
  bucket(): Promise<KeyValueBucket>;
  workload(handle: (args: readonly unknown[]) => Promise<void>): ResolvedWorkload;
  readonly failures: Error[];
} {
  const entry = { backend, store: 'default', buckets: undefined, watch: ['orders'], isShared: false, config };
  const access = new StoreAccess(entry, workloadInfo, defaultKeyValueLimits);
  const component = { name: 'watcher', kind: 'component', workload: workloadInfo } as ComponentInfo;
  const failures: Error[] = [];
  return {
    access,
    failures,
    bucket: async () => (await access.open('orders')).stored,
    workload: (handle) => ({
      ...workloadInfo,
      components: [component],
      signal: new AbortController().signal,
      exports: (_id, name): ExportHandle[] => [
        {
          component,
          externName: '',
          call: ({ args }: CallOptions) => handle([name, ...args({} as CallScope)]) as Promise<never>,
        },
      ],
      useInstance: () => Promise.reject(new Error('not here')),
      fail: (reason) => failures.push(reason),
    }),
  };
}

test.each([
  ['wasi:keyvalue/watcher@0.2.0-draft', Bucket],
  ['wasi:keyvalue/watcher@0.2.0-draft2', Bucket2],
] as const)(
  'changes since the bind come with a bucket of the draft of %s, one after the other',
  async (id, BucketType) => {
    const { access, bucket, workload } = stage();
    const watches = new Watches(defaultKeyValueLimits, silentLogger);
    await watches.add({ id, component: 'watcher', access, bucket: 'orders' });
    await (await bucket()).set('a', Uint8Array.of(1));
    await (await bucket()).delete('a');
    const seen: unknown[] = [];
    let running = 0;
    watches.start(
      workload(async ([name, handed, ...rest]) => {
        expect(++running).toBe(1);
        expect(handed).toBeInstanceOf(BucketType);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push([name, ...rest]);
        running--;
      }),
    );
    const expected = [
      ['on-set', 'a', Uint8Array.of(1)],
      ['on-delete', 'a'],
    ];
    await vi.waitFor(() => expect(seen).toEqual(expected));
    await watches.stop();
    await (await bucket()).set('b', Uint8Array.of(2));
    expect(seen).toEqual(expected);
  },
);

test('a component that fails misses its change and gets the next one', async () => {
  const { access, bucket, workload, failures } = stage();
  const logged: (LogFields | undefined)[] = [];
  const watches = new Watches(defaultKeyValueLimits, { log: (_level, _message, fields) => logged.push(fields) });
  await watches.add({ id: 'wasi:keyvalue/watcher@0.2.0-draft', component: 'watcher', access, bucket: 'orders' });
  const seen: unknown[] = [];
  watches.start(
    workload(async ([, , key]) => {
      seen.push(key);
      if (key === 'a') throw new Error('trapped');
    }),
  );
  await (await bucket()).set('a', new Uint8Array());
  await (await bucket()).set('b', new Uint8Array());
  await vi.waitFor(() => expect(seen).toEqual(['a', 'b']));
  expect(logged).toMatchObject([{ component: 'watcher', bucket: 'orders' }]);
  expect(failures).toEqual([]);
  await watches.stop();
});

test.each([
  ['ends', async function* (): AsyncGenerator<KeyValueChange> {}],
  [
    'fails',
    // biome-ignore lint/correctness/useYield: it fails before it could.
    async function* (): AsyncGenerator<KeyValueChange> {
      throw new Error('permission revoked');
    },
  ],
])('a watch that %s by itself fails the workload', async (_what, changes) => {
  const inner = inMemoryKeyValue();
  const { access, workload, failures } = stage({
    ...inner,
    open(address, entry) {
      const bucket = inner.open(address, entry) as KeyValueBucket;
      bucket.watch = async () => changes();
      return bucket;
    },
  });
  const watches = new Watches(defaultKeyValueLimits, silentLogger);
  await watches.add({ id: 'wasi:keyvalue/watcher@0.2.0-draft', component: 'watcher', access, bucket: 'orders' });
  watches.start(workload(async () => {}));
  await vi.waitFor(() => expect(failures).toMatchObject([{ code: 'ERR_PLUGIN_FAILED' }]));
  await watches.stop();
});

test('a bucket that cannot be opened fails the start with its name', async () => {
  const { access } = stage({
    ...inMemoryKeyValue(),
    open() {
      throw Object.assign(new Error('the store is full'), { name: 'KeyValueError', kind: 'other' });
    },
  });
  const watches = new Watches(defaultKeyValueLimits, silentLogger);
  const target = { id: 'wasi:keyvalue/watcher@0.2.0-draft', component: 'watcher', access, bucket: 'orders' } as const;
  await expect(watches.add(target)).rejects.toThrow("The bucket 'orders' of wasi:keyvalue cannot be watched");
  await watches.stop();
});

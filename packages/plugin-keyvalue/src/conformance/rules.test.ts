import { AssertionError } from 'node:assert';
import { testBrokenSetups } from '@lodge-internal/conformance';
import { test } from 'vitest';
import type { KeyValueChange, KeyValueEntry } from '../backend.js';
import { inMemoryKeyValue } from '../in-memory/backend.js';
import {
  addresses,
  aliasing,
  buckets,
  changes,
  delegate,
  type Fault,
  filter,
  keys,
  map,
  missing,
  type SyncBucket,
  versionsByValue,
  versionsPerLife,
} from '../testing/broken-backends.js';
import { keyValueBackendRules } from './rules.js';
import type { KeyValueBackendSetup } from './setup.js';

/** For each rule, backends that break it. */
const faults: Readonly<Record<string, readonly Fault[]>> = {
  'gives back the bytes that were set, an empty value included': [
    buckets((bucket) => ({ get: (key) => (bucket.get(key).value?.length === 0 ? missing : bucket.get(key)) })),
    buckets((bucket) => ({
      set: (key, value) => bucket.set(key, new TextEncoder().encode(new TextDecoder().decode(value))),
    })),
  ],
  'has nothing under a key that was never set': [
    buckets((bucket) => ({ get: (key) => ({ ...bucket.get(key), value: bucket.get(key).value ?? new Uint8Array() }) })),
  ],
  'replaces the value of a key': [
    buckets((bucket) => ({
      set: (key, value) => {
        if (bucket.get(key).value === undefined) bucket.set(key, value);
      },
    })),
  ],
  'has nothing under a key that was deleted, until it is set again': [
    buckets((bucket) => ({ delete: (key) => bucket.set(key, new Uint8Array()) })),
    buckets((bucket) => {
      const gone = new Set<string>();
      return {
        delete: (key) => {
          gone.add(key);
        },
        get: (key) => (gone.has(key) ? missing : bucket.get(key)),
      };
    }),
  ],
  'takes the deletion of a key that does not exist': [
    buckets((bucket) => ({
      delete: (key) => {
        if (bucket.get(key).value === undefined) throw new AssertionError({ message: 'no such key' });
        return bucket.delete(key);
      },
    })),
  ],
  'keeps what it stored when the array that was given changes': [aliasing('in')],
  'keeps what it stored when an array that it gave away changes': [aliasing('out')],
  'takes any string of up to 1,024 bytes as a key, and tells all of them apart': [
    keys((key) => key.trim()),
    keys((key) => key.toLowerCase()),
    keys((key) => key.normalize('NFC')),
    keys((key) => key.replaceAll(/=[0-9A-F]{2}/g, '.')),
    keys((key) => key.slice(0, 255)),
  ],
  'keeps buckets apart whose addresses differ in any part': [
    addresses(({ store, bucket }) => ({ namespace: 'all', store, bucket })),
    addresses(({ namespace, bucket }) => ({ namespace, store: 'one', bucket })),
    addresses((address) => ({ ...address, bucket: address.bucket.toLowerCase() })),
    addresses(({ namespace, store, bucket }) => ({
      namespace: undefined,
      store: '',
      bucket: `${namespace}__${store}__${bucket}`,
    })),
    addresses(({ namespace, store, bucket }) => ({
      namespace: undefined,
      store: '',
      bucket: `${namespace}.${store}.${bucket}`,
    })),
  ],
  'gives the same contents to whoever opens the same address': [
    addresses((address) => ({ ...address, bucket: crypto.randomUUID() })),
  ],
  'gives a bucket without a namespace to every store, apart from those with one': [
    addresses(({ namespace = '', store, bucket }) => ({ namespace, store, bucket })),
    addresses((address) => ({ ...address, namespace: undefined })),
  ],
  'gives nobody the bucket of a namespace as one without, whatever they call it': [
    addresses(({ namespace, store, bucket }) =>
      namespace === undefined
        ? { namespace, store, bucket }
        : { namespace: undefined, store: '', bucket: `${namespace}__${store}__${bucket}` },
    ),
    addresses(({ namespace, store, bucket }) =>
      namespace === undefined
        ? { namespace, store, bucket }
        : { namespace: undefined, store: '', bucket: `${namespace}/${store}/${bucket}` },
    ),
  ],
  'gives one bucket to many who open it for the first time at once': [
    (backend) => {
      const ready = new Set<string>();
      return {
        isSynchronous: false,
        async open(address, config) {
          if (ready.has(address.bucket)) return backend.open(address, config);
          await Promise.resolve();
          ready.add(address.bucket);
          return backend.open({ ...address, store: crypto.randomUUID() }, config);
        },
      };
    },
  ],
  'reads its own writes with many of them under way': [
    buckets((bucket) => {
      const cache = new Map<string, KeyValueEntry>();
      return {
        get: (key) => {
          const entry = cache.get(key) ?? bucket.get(key);
          cache.set(key, entry);
          return entry;
        },
      };
    }),
  ],
  'lists no keys of an empty bucket': [buckets(() => ({ listKeys: () => ({ keys: [''] }) }))],
  'lists every key once, in pages of at most the size that was asked for': [
    buckets((bucket) => ({ listKeys: ({ cursor }) => bucket.listKeys({ cursor, limit: 1_000 }) })),
    buckets((bucket) => ({
      async listKeys(options) {
        return { keys: (await bucket.listKeys(options)).keys };
      },
    })),
    buckets((bucket) => ({ listKeys: ({ limit }) => bucket.listKeys({ cursor: 0n, limit }) })),
  ],
  'lists no deleted keys': [
    buckets((bucket) => {
      const deleted: string[] = [];
      return {
        async delete(key) {
          deleted.push(key);
          await bucket.delete(key);
        },
        async listKeys(options) {
          const page = await bucket.listKeys(options);
          return { ...page, keys: [...deleted, ...page.keys].slice(0, options.limit) };
        },
      };
    }),
  ],
  'takes any cursor, and has no keys after the last one': [
    buckets((bucket) => ({
      listKeys: ({ cursor, limit }) => bucket.listKeys({ cursor: BigInt.asUintN(32, cursor), limit }),
    })),
    buckets((bucket) => ({
      listKeys: (options) => (options.cursor > 3n ? { keys: [], cursor: options.cursor } : bucket.listKeys(options)),
    })),
  ],
  'lists a key that is there throughout, while others are deleted, added and written': [
    // The reference counts keys to skip: what was deleted before the cursor moves the rest forward.
    buckets((bucket) => ({
      async listKeys({ cursor, limit }) {
        const { keys: all } = await bucket.listKeys({ cursor: 0n, limit: 10_000 });
        const end = Number(cursor) + limit;
        return { keys: all.slice(Number(cursor), end), ...(end < all.length ? { cursor: BigInt(end) } : {}) };
      },
    })),
  ],
  'swaps a value that nobody has written since, and only then': [
    buckets(() => ({ swap: () => false })),
    buckets(() => ({ swap: () => true })),
    buckets((bucket) => ({
      swap: (key, value) => {
        bucket.set(key, value);
        return true;
      },
    })),
  ],
  'swaps a missing key into being, once': [
    buckets((bucket) => ({ swap: (key, value, version) => version !== 0n && bucket.swap(key, value, version) })),
    buckets((bucket) => ({
      swap: (key, value, version) => bucket.swap(key, value, version === 0n ? bucket.get(key).version : version),
    })),
  ],
  'swaps a deleted key into being, by the version of after the deletion alone': [
    buckets((bucket) => ({
      swap: (key, value, version) =>
        bucket.swap(key, value, bucket.get(key).value === undefined ? bucket.get(key).version : version),
    })),
  ],
  'notices a write although the value is the same again': [versionsByValue()],
  'notices that a key was deleted and set again': [versionsPerLife()],
  'lets one of many swaps of one version win': [
    (backend) => ({
      isSynchronous: false,
      ...buckets((bucket) => ({
        async swap(key, value, version) {
          if (bucket.get(key).version !== version) return false;
          await Promise.resolve();
          bucket.set(key, value);
          return true;
        },
      }))(backend),
    }),
  ],
  'counts every increment of 64 writers, also of two hosts': [
    (backend) => ({
      isSynchronous: false,
      ...buckets((bucket) => ({
        async swap(key, value) {
          bucket.set(key, value);
          return true;
        },
        async get(key) {
          const entry = bucket.get(key);
          await new Promise((resolve) => setImmediate(resolve));
          return entry;
        },
      }))(backend),
    }),
  ],
  'shows what is written from the start of a watch on, and nothing from before': [
    changes(async function* (all, bucket) {
      yield { key: 'before', value: (await bucket.get('before')).value };
      yield* all;
    }),
    changes((all) => filter(all, ({ key }) => key !== 'swapped')),
    changes((all) => map(all, ({ key, value }) => ({ key: key.replace(' ', '=20'), value }))),
  ],
  'shows deletions, but none of a key that did not exist': [
    changes((all) => filter(all, ({ value }) => value !== undefined)),
    changes((all) => map(all, ({ key, value }) => ({ key, value: value ?? new Uint8Array() }))),
    buckets((bucket) => ({
      async delete(key) {
        bucket.set(key, new Uint8Array());
        await bucket.delete(key);
      },
    })),
  ],
  'shows the writes of a key in their order, and the last of them in any case': [
    changes(async function* (all) {
      let held: KeyValueChange | undefined;
      for await (const change of all) {
        if (change.value?.[0] === 30) held = change;
        else yield change;
        if (change.value?.[0] === 60 && held !== undefined) yield held;
      }
    }),
    changes((all) => filter(all, ({ value }) => value?.[0] !== 99)),
  ],
  'shows each watch its own bucket, written through whichever handle': [
    (backend) => ({
      open(address, config) {
        const watched = backend.open({ ...address, bucket: 'all' }, config) as SyncBucket;
        const bucket = backend.open(address, config) as SyncBucket;
        return delegate(bucket, {
          set: (key, value) => {
            bucket.set(key, value);
            watched.set(key, value);
          },
          watch: (options) => watched.watch?.(options) ?? Promise.reject(new Error('no watch')),
        });
      },
    }),
  ],
  'ends a watch when its signal aborts': [
    buckets((bucket) => ({
      watch: () => bucket.watch?.({ signal: new AbortController().signal }) ?? Promise.reject(new Error('no watch')),
    })),
  ],
  'has a name that a manifest can say, and supports what the setup says': [
    () => ({ name: 'My Store' }),
    () => ({ supports: { watch: false } }),
  ],
  'answers without a promise if it says that it is synchronous': [
    buckets((bucket) => ({ get: async (key) => bucket.get(key) })),
    (backend) => ({ open: async (address, config) => backend.open(address, config) }),
  ],
  'settles every operation after it was stopped, and refuses to write': [
    () => ({ stop: async () => {} }),
    (backend) => {
      let isStopped = false;
      return {
        async stop() {
          isStopped = true;
        },
        ...buckets((bucket) => ({
          get: (key) => (isStopped ? (new Promise(() => {}) as never) : bucket.get(key)),
          set: (key, value) => {
            if (isStopped) throw new Error('stopped');
            bucket.set(key, value);
          },
        }))(backend),
      };
    },
  ],
  'can be stopped twice': [
    () => {
      let isStopped = false;
      return {
        async stop() {
          if (isStopped) throw new AssertionError({ message: 'it has stopped' });
          isStopped = true;
        },
      };
    },
  ],
};

function setupWith(fault: Fault): KeyValueBackendSetup {
  const backend = inMemoryKeyValue();
  return { create: () => ({ ...backend, ...fault(backend) }), supports: { watch: true } };
}

testBrokenSetups({ test: test.concurrent }, keyValueBackendRules, { faults, setupWith });

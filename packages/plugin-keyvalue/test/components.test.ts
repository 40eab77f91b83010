import { keyValuePlugin } from '@lodge/plugin-keyvalue';
import { inMemoryKeyValue } from '@lodge/plugin-keyvalue/in-memory';
import { natsKeyValue } from '@lodge/plugin-keyvalue/nats';
import { type NatsServer, startNatsServer } from '@lodge-internal/test-nats';
import { recordSpans } from '@lodge-internal/tracing/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { GuestHost, type GuestSpec, keyvalueEntry } from './guest-host.js';
import { counterGuest, labelledGuest, manyStoresGuest, swapGuest, watcherGuest } from './guests.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});

afterAll(() => server[Symbol.asyncDispose]());

/** A host that has both backends; which one a workload uses is up to its configuration. */
function plugin(): GuestSpec['plugin'] {
  return keyValuePlugin({ backends: [inMemoryKeyValue(), natsKeyValue({ url: server.url })] });
}

describe.each(['in-memory', 'nats'])('a component on %s, chosen by configuration', (backend) => {
  const config = { backend, store: `store-${backend}` };

  test('sets, gets and increments', async () => {
    await using guest = await GuestHost.start({ bytes: await counterGuest(), plugin: plugin(), config });
    expect(guest.status).toMatchObject({ state: 'running' });
    expect(await guest.get('orders', 'key of any kind: *.>')).toBeUndefined();
    await guest.put('orders', 'key of any kind: *.>', 'value');
    expect(await guest.get('orders', 'key of any kind: *.>')).toBe('value');
    expect(await guest.count('orders', 'hits', 41n)).toBe(41n);
    expect(await guest.count('orders', 'hits')).toBe(42n);
    const bytes = await guest.call<Uint8Array>('get', 'orders', 'hits');
    expect([...bytes]).toEqual([0, 0, 0, 0, 0, 0, 0, 42]);
  });

  test('counts every increment of 64 calls at once', async () => {
    await using guest = await GuestHost.start({ bytes: await counterGuest(), plugin: plugin(), config, poolSize: 8 });
    const counts = await Promise.all(Array.from({ length: 64 }, () => guest.count('orders', 'many')));
    expect(new Set(counts).size).toBe(64);
    expect(await guest.count('orders', 'many', 0n)).toBe(64n);
  });

  test('compares and swaps, and goes on with the handle that a failure brings', async () => {
    await using guest = await GuestHost.start({ bytes: await swapGuest(), plugin: plugin(), config });
    expect(guest.status).toMatchObject({ state: 'running' });
    expect(await guest.call('swap-twice', 'orders', 'key')).toBe(0);
    expect(await guest.get('orders', 'key')).toBe('again');
  });

  test('is told what it may not do', async () => {
    const restricted = { ...config, buckets: 'orders, hits' };
    await using guest = await GuestHost.start({ bytes: await counterGuest(), plugin: plugin(), config: restricted });
    await expect(guest.put('users', 'key', 'value')).rejects.toThrow('access-denied');
    await guest.put('hits', 'text', 'no counter');
    await expect(guest.count('hits', 'text')).rejects.toThrow('the value is not a counter');
    await guest.count('hits', 'full', 2n ** 64n - 1n);
    await expect(guest.count('hits', 'full')).rejects.toThrow('the counter would overflow');
    await expect(guest.put('hits', 'k'.repeat(1_025), '')).rejects.toThrow('the key is longer than 1024 bytes');
    await expect(guest.put('hits', 'big', 'x'.repeat(1_000_001))).rejects.toThrow('larger than 1000000 bytes');
  });

  test('does not see another namespace, unless the entry is shared', async () => {
    const bytes = await counterGuest();
    const both = plugin();
    const shared = { ...config, shared: 'true' };
    await using first = await GuestHost.start({ bytes, plugin: both, config, namespace: 'first' });
    await first.put('mine', 'key', 'first');
    const second = (spec: Partial<GuestSpec>): Promise<GuestHost> =>
      GuestHost.start({ bytes, plugin: plugin(), config, namespace: 'second', ...spec });
    {
      await using other = await second({});
      expect(await other.get('mine', 'key')).toBeUndefined();
    }
    for (const name of [
      `first__store-${backend}__mine`,
      `first__store-${backend}_mine`,
      '../first/mine',
      `first/store-${backend}/mine`,
    ]) {
      await using thief = await second({ config: shared });
      expect(await thief.get(name, 'key').catch(() => undefined)).toBeUndefined();
      await thief.put(name, 'key', 'stolen').catch(() => undefined);
    }
    expect(await first.get('mine', 'key')).toBe('first');
    if (backend === 'in-memory') return;
    await using one = await second({ config: shared });
    await one.put('common', 'key', 'shared');
    await using two = await second({ config: shared, namespace: 'third' });
    expect(await two.get('common', 'key')).toBe('shared');
  });

  test.each(['0.2.0-draft', '0.2.0-draft2'] as const)(
    'is told what happens in the buckets it watches, in order (%s)',
    async (draft) => {
      const entry = keyvalueEntry({ ...config, store: `watch-${draft}`, watch: 'orders' }, [
        'store',
        'atomics',
        'watcher',
      ]);
      await using guest = await GuestHost.start({
        bytes: await watcherGuest(draft),
        plugin: plugin(),
        entries: [entry],
      });
      expect(guest.status).toMatchObject({ state: 'running' });
      await guest.put('orders', 'a', '1');
      await guest.put('users', 'a', 'not watched');
      await vi.waitFor(async () => expect(await guest.get('log', '1')).toBe('+a=1'));
      await guest.put('orders', 'b c', '2');
      await vi.waitFor(async () => expect(await guest.get('log', '2')).toBe('+b c=2'));
    },
  );
});

test('the guest of an in-memory store is never suspended, that of a NATS store is', async () => {
  const bytes = await counterGuest();
  const suspending: (readonly string[] | undefined)[] = [];
  for (const backend of ['in-memory', 'nats']) {
    const inner = plugin();
    const spied: GuestSpec['plugin'] = {
      ...inner,
      async bindComponent(...args) {
        const binding = await inner.bindComponent(...args);
        suspending.push(binding.suspends);
        return binding;
      },
    };
    await using guest = await GuestHost.start({ bytes, plugin: spied, config: { backend } });
    await guest.count('orders', 'n');
  }
  expect(suspending[0]).toEqual([]);
  expect(suspending[1]).toEqual(
    expect.arrayContaining([
      'wasi:keyvalue/store@0.2.0-draft#open',
      'wasi:keyvalue/store@0.2.0-draft#[method]bucket.get',
      'wasi:keyvalue/atomics@0.2.0-draft#increment',
    ]),
  );
});

test.each(['in-memory', 'nats'])('on %s the calls of a component are spans for who traces', async (backend) => {
  using recording = recordSpans();
  await using guest = await GuestHost.start({ bytes: await counterGuest(), plugin: plugin(), config: { backend } });
  expect(await guest.count('traced', 'n')).toBe(1n);
  await guest.put('traced', 'key', 'value');
  expect(await guest.get('traced', 'key')).toBe('value');
  const own = recording.spans.map(({ name }) => name).filter((name) => name.startsWith('wasi.keyvalue.'));
  const calls = ['open', 'increment', 'open', 'set', 'open', 'get'];
  expect(own).toEqual(calls.map((call) => `wasi.keyvalue.${call}`));
});

describe('a labelled import', () => {
  test('reaches the entry of its name', async () => {
    const entries = [
      keyvalueEntry({ backend: 'in-memory' }, ['store']),
      keyvalueEntry({ backend: 'nats' }, ['store'], 'cache'),
    ];
    await using guest = await GuestHost.start({ bytes: await labelledGuest(), plugin: plugin(), entries });
    expect(guest.status).toMatchObject({ state: 'running' });
    await guest.put('orders', 'key', 'value');
    // The store of an entry has its name, so that two of them on one backend do not meet.
    const entriesOfAnother = [keyvalueEntry({ backend: 'nats', store: 'cache' })];
    await using other = await GuestHost.start({
      bytes: await counterGuest(),
      plugin: plugin(),
      entries: entriesOfAnother,
    });
    expect(await other.get('orders', 'key')).toBe('value');
  });

  test('reaches another backend than its neighbour, and than an import without a label', async () => {
    const entries = [
      keyvalueEntry({ backend: 'in-memory' }, ['store'], 'hot'),
      keyvalueEntry({ backend: 'nats' }, ['store'], 'cold'),
      keyvalueEntry({ store: 'plain' }, ['store']),
    ];
    const stores = ['hot', 'cold', 'plain'];
    await using guest = await GuestHost.start({ bytes: await manyStoresGuest(), plugin: plugin(), entries });
    expect(guest.status).toMatchObject({ state: 'running' });
    for (const store of stores) await guest.call(`${store}-put`, 'orders', 'key', encoder.encode(store));
    const values = await Promise.all(
      stores.map(async (store) => decoder.decode(await guest.call<Uint8Array>(`${store}-get`, 'orders', 'key'))),
    );
    expect(values).toEqual(stores);
    const client = await connect({ servers: server.url });
    const cold = await new Kvm(client).open('shop__cold__orders');
    expect((await cold.get('key'))?.string()).toBe('cold');
    // Nothing of the other two went there.
    const streams = await (await jetstreamManager(client)).streams.names().next();
    expect(streams).not.toContain('KV_shop__hot__orders');
    expect(streams).not.toContain('KV_shop__plain__orders');
    await client.close();
  });

  test('with a name that no import has is an error that names it', async () => {
    const entries = [keyvalueEntry({}, ['store'], 'cache'), keyvalueEntry({}, ['store'], 'cahce')];
    await using guest = await GuestHost.start({ bytes: await labelledGuest(), plugin: plugin(), entries });
    expect(guest.status).toMatchObject({ state: 'error', error: { code: 'ERR_SPEC_INVALID' } });
    expect(guest.status.message).toContain("hostInterfaces[2] is named 'cahce', but no component imports store");
  });

  test('without an entry of its name is an error that names it', async () => {
    await using guest = await GuestHost.start({ bytes: await labelledGuest(), plugin: plugin() });
    expect(guest.status).toMatchObject({ state: 'error', error: { code: 'ERR_IMPORT_UNMET' } });
    expect(guest.status.message).toContain("with the name 'cache'");
  });
});

test.each([
  [{ backend: 'redis' }, "The key 'backend' of wasi:keyvalue is \"redis\"; this host has 'in-memory', 'nats'."],
  [
    { bucket: 'a' },
    'The key "bucket" of wasi:keyvalue is unknown; with the backend \'in-memory\' the keys are backend, store, buckets, watch, shared.',
  ],
  [{ url: 'nats://x' }, 'The key "url" of wasi:keyvalue is unknown'],
  [
    { backend: 'nats', create: 'maybe' },
    "The key 'create' of wasi:keyvalue must be 'true' or 'false', and is \"maybe\".",
  ],
  [{ shared: 'yes' }, "The key 'shared' of wasi:keyvalue must be 'true' or 'false', and is \"yes\"."],
  [{ buckets: 'a,,b' }, "The key 'buckets' of wasi:keyvalue must be names with commas between them."],
  [{ buckets: 'a', watch: 'b' }, "The key 'watch' of wasi:keyvalue names 'b', which its 'buckets' do not allow."],
  [
    { watch: 'b' },
    "The key 'watch' of wasi:keyvalue is set, but no component of the workload exports wasi:keyvalue/watcher",
  ],
])('the configuration %j fails the start with the key', async (config, message) => {
  await using guest = await GuestHost.start({ bytes: await counterGuest(), plugin: plugin(), config });
  expect(guest.status).toMatchObject({ state: 'error', error: { code: 'ERR_CONFIG_INVALID' } });
  expect(guest.status.message).toContain(message);
});

import { HostError } from '@lodge/core';
import { testHostPlugin } from '@lodge/plugin-conformance';
import { type NatsServer, startNatsServer } from '@lodge-internal/test-nats';
import { Kvm } from '@nats-io/kv';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import type { ConfigPlace, ConfigSource } from '../backend.js';
import { testConfigBackend } from '../conformance/index.js';
import { configPlugin } from '../plugin.js';
import { type NatsConfig, type NatsConfigOptions, natsConfig } from './backend.js';
import { bucketName, toBucketKey } from './names.js';

const place: ConfigPlace = { namespace: 'shop', store: 'config' };
const signal = new AbortController().signal;

/** A server, and an operator who writes into it. */
interface Rig {
  readonly server: NatsServer;
  readonly operator: NatsConnection;
}

async function startRig(config?: string): Promise<Rig> {
  const server = await startNatsServer(config === undefined ? {} : { config });
  return { server, operator: await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 }) };
}

async function stopRig({ server, operator }: Rig): Promise<void> {
  await operator.close();
  await server[Symbol.asyncDispose]();
}

async function put({ operator }: Rig, where: ConfigPlace, key: string, value: string): Promise<void> {
  const kv = await new Kvm(operator).create(bucketName(where) ?? '');
  await kv.put(toBucketKey(key), value);
}

async function remove({ operator }: Rig, where: ConfigPlace, key: string): Promise<void> {
  const kv = await new Kvm(operator).open(bucketName(where) ?? '');
  await kv.delete(toBucketKey(key));
}

const rigs = new WeakMap<object, Rig>();

function rigOf(owner: object): Rig {
  const rig = rigs.get(owner);
  if (rig === undefined) throw new Error('made by another test');
  return rig;
}

async function isReachable({ operator }: Rig): Promise<boolean> {
  return operator.rtt().then(
    () => true,
    () => false,
  );
}

/** Watches that somebody listens to; the server keeps the others for some minutes. */
async function watches({ operator }: Rig): Promise<number> {
  const answer = await operator.request(`$JS.API.CONSUMER.LIST.KV_${bucketName(place)}`);
  const { consumers } = answer.json<{ consumers: { push_bound?: boolean }[] }>();
  return consumers.filter(({ push_bound: isBound }) => isBound === true).length;
}

testConfigBackend<NatsConfig>(
  { describe, test },
  {
    async create() {
      const rig = await startRig();
      const backend = natsConfig({ url: rig.server.url });
      rigs.set(backend, rig);
      return backend;
    },
    supports: { changes: true },
    put: (backend, where, key, value) => put(rigOf(backend), where, key, value),
    remove: (backend, where, key) => remove(rigOf(backend), where, key),
    held: (backend) => backend.openBuckets,
    dispose: (backend) => stopRig(rigOf(backend)),
  },
);

testHostPlugin(
  { describe, test },
  {
    async create() {
      const rig = await startRig();
      await put(rig, { namespace: 'default', store: 'config' }, 'colour', 'green');
      await put(rig, { namespace: undefined, store: 'config' }, 'colour', 'red');
      const plugin = configPlugin({ backends: [natsConfig({ url: rig.server.url })] });
      rigs.set(plugin, rig);
      return plugin;
    },
    interfaces: [
      { id: 'wasi:config/store@0.2.0-rc.1', functions: ['get', 'get-all'] },
      { id: 'wasi:config/runtime@0.2.0-draft', functions: ['get', 'get-all'] },
    ],
    workloads: [{}, { config: { backend: 'nats', shared: 'true' } }],
    refused: [{ config: { backend: 'nats', store: 'nowhere' } }],
    observe: (guest) => guest.imports('wasi:config/store')['getAll']?.(),
    dispose: (plugin) => stopRig(rigOf(plugin)),
  },
);

describe('natsConfig', () => {
  test('has one watch for all who read a bucket, and none when the last has closed', async () => {
    await using stage = await startBackend();
    await put(stage.rig, place, 'colour', 'green');
    const sources = await Promise.all([stage.open(), stage.open(), stage.open()]);
    expect(await watches(stage.rig)).toBe(1);
    for (const source of sources) await source.close();
    await expect.poll(() => watches(stage.rig)).toBe(0);
  });

  test('keeps the last known values while the server is away, and follows again afterwards', async () => {
    await using stage = await startBackend();
    await put(stage.rig, place, 'colour', 'green');
    await put(stage.rig, place, 'size', '5');
    const source = await stage.open();
    await stage.rig.server.stop();
    expect(source.get('colour')).toBe('green');
    await stage.rig.server.start();
    await expect.poll(() => isReachable(stage.rig)).toBe(true);
    await put(stage.rig, place, 'colour', 'red');
    await expect.poll(() => source.get('colour'), { timeout: 15_000 }).toBe('red');
    expect(source.get('size')).toBe('5');
  });

  test('learns after a reconnect what was removed, purged and set meanwhile', async () => {
    await using stage = await startBackend({ throughProxy: true });
    for (const key of ['removed', 'purged', 'kept']) await put(stage.rig, place, key, 'before');
    const source = await stage.open();
    const proxy = stage.proxy;
    await proxy?.refuse();
    await proxy?.cut();
    await remove(stage.rig, place, 'removed');
    // Erased without a tombstone, so no watch could ever tell.
    const filter = JSON.stringify({ filter: '$KV.shop__config.purged' });
    await stage.rig.operator.request('$JS.API.STREAM.PURGE.KV_shop__config', filter);
    await put(stage.rig, place, 'new', 'after');
    expect(source.get('purged')).toBe('before');
    await proxy?.restore();
    await expect.poll(() => source.get('new'), { timeout: 15_000 }).toBe('after');
    expect(Object.fromEntries(source.entries())).toEqual({ kept: 'before', new: 'after' });
  });

  test('follows a bucket that was deleted and made again', async () => {
    await using stage = await startBackend({ checkMs: 50 });
    await put(stage.rig, place, 'colour', 'green');
    const source = await stage.open();
    const kv = await new Kvm(stage.rig.operator).open(bucketName(place) ?? '');
    await kv.destroy();
    expect(source.get('colour')).toBe('green');
    await put(stage.rig, place, 'colour', 'blue');
    await expect.poll(() => source.get('colour'), { timeout: 25_000 }).toBe('blue');
  });

  test('refuses a bucket that is larger than its limits, by name', async () => {
    await using stage = await startBackend({ limits: { maxKeys: 2 } });
    for (const key of ['a', 'b', 'c']) await put(stage.rig, place, key, '1');
    await expect(stage.open()).rejects.toMatchObject({
      code: 'ERR_LIMIT_EXCEEDED',
      message: expect.stringContaining('shop__config'),
    });
  });

  test('leaves out what exceeds the limits later, and takes it when there is room', async () => {
    await using stage = await startBackend({ limits: { maxKeys: 2 } });
    await put(stage.rig, place, 'a', '1');
    await put(stage.rig, place, 'b', '1');
    const source = await stage.open();
    await put(stage.rig, place, 'c', '1');
    await put(stage.rig, place, 'a', '2');
    await expect.poll(() => source.get('a')).toBe('2');
    expect(source.get('c')).toBeUndefined();
    await remove(stage.rig, place, 'b');
    await put(stage.rig, place, 'c', '2');
    await expect.poll(() => source.get('c')).toBe('2');
  });

  test('a server that does not answer fails the open in time', async () => {
    await using stage = await startBackend({ throughProxy: true, timeoutMs: 200 });
    await put(stage.rig, place, 'colour', 'green');
    stage.proxy?.stall();
    const started = performance.now();
    await expect(stage.open()).rejects.toThrow(/'shop__config' cannot be read: NATS does not answer/);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(stage.backend.openBuckets).toBe(0);
    await stage.proxy?.restore();
  });

  test('a place whose name no bucket can have is not there', async () => {
    await using stage = await startBackend();
    const opened = await stage.backend.open({ namespace: 'shop', store: 'x'.repeat(300) }, { signal });
    expect(opened).toBeUndefined();
  });

  test('a server without JetStream is a clear error', async () => {
    await using server = await startNatsServer({ jetStream: false });
    const plugin = configPlugin({ backends: [natsConfig({ url: server.url })] });
    await expect(openDefault(plugin)).rejects.toThrow(/'shop__config' cannot be read: .*JetStream/);
  });

  test('an account that may not read the bucket is a clear error', async () => {
    const config =
      'authorization { users: [ { user: a, password: b, permissions: { publish: { deny: ["$JS.API.>"] } } } ] }';
    await using server = await startNatsServer({ config });
    const plugin = configPlugin({ backends: [natsConfig({ url: server.url, user: 'a', password: 'b' })] });
    await expect(openDefault(plugin)).rejects.toThrow(/'shop__config' cannot be read: the account may not read it/);
  });

  test('opens nothing before the start', async () => {
    const error: unknown = await natsConfig()
      .open(place, { signal })
      .catch((reason: unknown) => reason);
    expect(HostError.is(error, 'ERR_HOST_STATE')).toBe(true);
  });
});

interface BackendStage extends AsyncDisposable {
  readonly rig: Rig;
  readonly backend: NatsConfig;
  readonly proxy: Awaited<ReturnType<NatsServer['proxy']>> | undefined;
  open(): Promise<ConfigSource>;
}

async function startBackend(
  options: NatsConfigOptions & { readonly throughProxy?: boolean } = {},
): Promise<BackendStage> {
  const { throughProxy = false, ...natsOptions } = options;
  const rig = await startRig();
  const proxy = throughProxy ? await rig.server.proxy() : undefined;
  const connection = await connect({
    servers: proxy?.address ?? rig.server.url,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  const backend = natsConfig({ ...natsOptions, connection });
  const things: { close(): Promise<void> }[] = [];
  await backend.start?.(contextOf(things), { signal });
  return {
    rig,
    backend,
    proxy,
    async open() {
      const source = await backend.open(place, { signal });
      if (source === undefined) throw new Error('the bucket is not there');
      return source;
    },
    async [Symbol.asyncDispose]() {
      await backend.stop?.({ signal });
      for (const thing of things) await thing.close();
      await connection.close();
      await stopRig(rig);
    },
  };
}

function contextOf(things: { close(): Promise<void> }[]): Parameters<NonNullable<NatsConfig['start']>>[0] {
  return {
    logger: { log() {} },
    host: { id: 'h', friendlyName: 'h', version: '0', labels: {} },
    stopping: signal,
    async shared(_key, create) {
      const thing = await create();
      things.push(thing);
      return thing;
    },
  };
}

/** Binds a workload without any configuration to a plugin. */
async function openDefault(plugin: ReturnType<typeof configPlugin>): Promise<void> {
  const things: { close(): Promise<void> }[] = [];
  await plugin.start?.(contextOf(things), { signal });
  const workload = { id: 'w', namespace: 'shop', name: 'w', annotations: {} };
  const request = { config: {}, name: undefined } as Parameters<typeof plugin.onWorkloadBind>[1][number];
  try {
    await plugin.onWorkloadBind(workload, [request], { signal });
  } finally {
    await plugin.stop?.({ signal });
    for (const thing of things) await thing.close();
  }
}

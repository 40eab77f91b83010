import { HostError, type Logger, silentLogger } from '@lodge/core';
import { testHostPlugin } from '@lodge/plugin-conformance';
import { type NatsServer, startNatsServer } from '@lodge-internal/test-nats';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { type Arrived, testLoggingBackend } from '../conformance/index.js';
import type { LogRecord } from '../log-record.js';
import { loggingPlugin } from '../plugin.js';
import { type NatsLogging, natsLogging } from './backend.js';

const { signal } = new AbortController();
const workload = { id: 'w', namespace: 'shop', name: 'cart', annotations: {} };

type Message = Omit<LogRecord, 'time'> & { readonly time: string };

/** A server, a relay in front of it, and somebody who reads all logs. */
interface Rig {
  readonly server: NatsServer;
  readonly proxy: Awaited<ReturnType<NatsServer['proxy']>>;
  readonly reader: NatsConnection;
  /** The client of the backend: tries again sooner than one of its own would. */
  readonly connection: NatsConnection;
  readonly received: { readonly subject: string; readonly record: Message }[];
}

async function startRig(config = '', login: { readonly user?: string; readonly pass?: string } = {}): Promise<Rig> {
  const server = await startNatsServer({ config });
  const proxy = await server.proxy();
  const reader = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50, ...login });
  const received: Rig['received'] = [];
  reader.subscribe('lodge.logs.>', {
    callback: (_error, message) => void received.push({ subject: message.subject, record: message.json<Message>() }),
  });
  await reader.flush();
  const connection = await connect({
    servers: proxy.address,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    ...login,
  });
  return { server, proxy, reader, connection, received };
}

async function stopRig({ server, reader, connection }: Rig): Promise<void> {
  await connection.close();
  await reader.close();
  await server[Symbol.asyncDispose]();
}

const rigs = new WeakMap<object, Rig>();

function rigOf(owner: object): Rig {
  const rig = rigs.get(owner);
  if (rig === undefined) throw new Error('made by another test');
  return rig;
}

testLoggingBackend<NatsLogging>(
  { describe, test },
  {
    async create() {
      const rig = await startRig();
      const backend = natsLogging({ connection: rig.connection });
      rigs.set(backend, rig);
      return backend;
    },
    supports: { buffering: true },
    received: (backend, workloadId) =>
      rigOf(backend)
        .received.filter(({ record }) => record.workload.id === workloadId)
        .map(({ record }): Arrived => record),
    held: (backend) => backend.openSinks,
    async interrupt(backend) {
      const { proxy, connection } = rigOf(backend);
      await proxy.refuse();
      await proxy.cut();
      // What is written before the client notices is on its way and may be lost.
      await connection.rtt().catch(() => undefined);
    },
    resume: (backend) => rigOf(backend).proxy.restore(),
    dispose: (backend) => stopRig(rigOf(backend)),
  },
);

testHostPlugin(
  { describe, test },
  {
    async create() {
      const rig = await startRig();
      const plugin = loggingPlugin({ backends: [natsLogging({ url: rig.server.url })] });
      rigs.set(plugin, rig);
      return plugin;
    },
    interfaces: [{ id: 'wasi:logging/logging@0.1.0-draft', functions: ['log'] }],
    workloads: [{ namespace: 'a' }, { namespace: 'b' }],
    usesScope: true,
    async observe({ plugin, workload: { namespace, name }, imports }) {
      const { received } = rigOf(plugin);
      const subject = `lodge.logs.${namespace}.${name}`;
      const before = received.filter((message) => message.subject === subject).length;
      imports('wasi:logging/logging')['log']?.('info', 'cart', 'hello');
      await expect.poll(() => received.filter((message) => message.subject === subject).length).toBe(before + 1);
      return received.findLast((message) => message.subject === subject)?.record.message;
    },
    dispose: (plugin) => stopRig(rigOf(plugin)),
  },
);

describe('natsLogging', () => {
  test('publishes a JSON object per record on the subject of its workload', async () => {
    await using stage = await start();
    const sink = await stage.backend.open(workload, { signal });
    sink.write({ time: 0, level: 'info', context: 'a', message: 'b\\n', workload, component: 'main' });
    await sink.close({ signal });
    await expect.poll(() => stage.rig.received.length).toBe(1);
    expect(stage.rig.received[0]).toMatchObject({
      subject: 'lodge.logs.shop.cart',
      record: { time: '1970-01-01T00:00:00.000Z', level: 'info', context: 'a', message: 'b\\n', component: 'main' },
    });
  });

  test('a workload stops without the server, at once', async () => {
    await using stage = await start();
    const sink = await stage.backend.open(workload, { signal });
    await stage.rig.proxy.refuse();
    await stage.rig.proxy.cut();
    await stage.rig.connection.rtt().catch(() => undefined);
    sink.write({ time: 0, level: 'info', context: '', message: 'b', workload });
    const started = performance.now();
    await sink.close({ signal });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test('a workload that stops while the connection breaks does not wait for it', async () => {
    await using stage = await start();
    const sink = await stage.backend.open(workload, { signal });
    stage.rig.proxy.stall();
    const message = 'm'.repeat(8_192);
    for (let index = 0; index < 100; index += 1) sink.write({ time: 0, level: 'info', context: '', message, workload });
    const closed = sink.close({ signal });
    await stage.rig.proxy.refuse();
    await stage.rig.proxy.cut();
    const started = performance.now();
    await closed;
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('what this server does not take is counted, and harms nothing else', async () => {
    await using stage = await start('max_payload: 1024');
    const sink = await stage.backend.open(workload, { signal });
    sink.write({ time: 0, level: 'info', context: '', message: 'x'.repeat(2_000), workload });
    sink.write({ time: 0, level: 'info', context: '', message: 'short', workload });
    await expect.poll(() => stage.rig.received.map(({ record }) => record.message)).toEqual(['short']);
    expect(sink.dropped).toBe(1);
  });

  test('a server that is connected and silent holds no record longer than timeoutMs; they are counted as lost', async () => {
    await using stage = await start('', {}, { timeoutMs: 300 });
    const sink = await stage.backend.open(workload, { signal });
    stage.rig.proxy.stall();
    // More than one batch.
    const message = 'm'.repeat(8_192);
    for (let index = 0; index < 100; index += 1) sink.write({ time: 0, level: 'info', context: '', message, workload });
    const started = performance.now();
    await sink.close({ signal });
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(sink.dropped).toBe(100);
    expect(stage.rig.connection.isClosed()).toBe(false);
  });

  test('records come over a slow network, in order', async () => {
    await using stage = await start();
    stage.rig.proxy.delay(50);
    const sink = await stage.backend.open(workload, { signal });
    for (const message of ['1', '2', '3']) sink.write({ time: 0, level: 'info', context: '', message, workload });
    await sink.close({ signal });
    await expect.poll(() => stage.rig.received.map(({ record }) => record.message)).toEqual(['1', '2', '3']);
  });

  test('records go on after the server was stopped and started', async () => {
    await using stage = await start();
    const sink = await stage.backend.open(workload, { signal });
    const says = (message: string): void => sink.write({ time: 0, level: 'info', context: '', message, workload });
    says('before');
    await expect.poll(() => stage.rig.received.length).toBe(1);
    await stage.rig.server.restart();
    await expect
      .poll(
        () => {
          says('after');
          return stage.rig.received.some(({ record }) => record.message === 'after');
        },
        { timeout: 15_000 },
      )
      .toBe(true);
  });

  test('what the account may not publish is counted as lost, and the workload goes on', async () => {
    const denied = 'permissions: { publish: { deny: ["lodge.logs.shop.>"] } }';
    await using stage = await start(`authorization { users: [ { user: a, password: b, ${denied} } ] }`, {
      user: 'a',
      pass: 'b',
    });
    const sink = await stage.backend.open(workload, { signal });
    sink.write({ time: 0, level: 'info', context: '', message: 'secret', workload });
    const other = await stage.backend.open({ ...workload, id: 'o', namespace: 'office' }, { signal });
    other.write({ time: 0, level: 'info', context: '', message: 'fine', workload });
    await expect.poll(() => stage.rig.received.map(({ subject }) => subject)).toEqual(['lodge.logs.office.cart']);
    expect([sink.dropped, other.dropped]).toEqual([1, 0]);
    await sink.close({ signal });
  });

  test('tells once of each subject that the account may not publish on', async () => {
    const denied = 'permissions: { publish: { deny: ["lodge.logs.>"] } }';
    const told: unknown[] = [];
    const logger: Logger = { log: (_level, message, fields) => void told.push(`${message}: ${fields?.['subject']}`) };
    const login = { user: 'a', pass: 'b' };
    await using stage = await start(`authorization { users: [ { user: a, password: b, ${denied} } ] }`, login, {
      logger,
    });
    for (const namespace of ['shop', 'office', 'shop', 'office']) {
      const sink = await stage.backend.open({ ...workload, namespace }, { signal });
      sink.write({ time: 0, level: 'info', context: '', message: 'secret', workload });
      await sink.close({ signal });
      expect(sink.dropped).toBe(1);
    }
    const text = 'NATS denies the host to publish log records; they are lost';
    expect(told).toEqual([`${text}: lodge.logs.shop.cart`, `${text}: lodge.logs.office.cart`]);
  });

  test('keeps 1,024 denied subjects in mind, and the newest of them', async () => {
    const denied = 'permissions: { publish: { deny: ["lodge.logs.>"] } }';
    const told: unknown[] = [];
    const logger: Logger = { log: (_level, _message, fields) => void told.push(fields?.['subject']) };
    const login = { user: 'a', pass: 'b' };
    await using stage = await start(`authorization { users: [ { user: a, password: b, ${denied} } ] }`, login, {
      logger,
    });
    const say = async (...namespaces: readonly string[]): Promise<void> => {
      for (const namespace of namespaces) {
        const sink = await stage.backend.open({ ...workload, namespace }, { signal });
        sink.write({ time: 0, level: 'info', context: '', message: 'secret', workload });
        if (namespace === namespaces.at(-1)) await sink.close({ signal });
      }
    };
    await say(...Array.from({ length: 1_025 }, (_, index) => `n${index}`));
    expect(told.length).toBe(1_025);
    await say('n1', 'n1024', 'n0');
    expect(told.slice(1_025)).toEqual(['lodge.logs.n0.cart']);
  });

  test('refuses a limit that is none, since it would bound nothing', () => {
    for (const maxPendingBytes of [Number.NaN, -1]) {
      expect(() => natsLogging({ limits: { maxPendingBytes } })).toThrow(
        expect.objectContaining({ code: 'ERR_CONFIG_INVALID', details: { path: 'limits.maxPendingBytes' } }),
      );
    }
  });

  test('refuses a prefix that is no subject', () => {
    for (const prefix of ['', '$SYS.logs', 'a.>', 'a b']) expect(() => natsLogging({ prefix })).toThrow(HostError);
  });
});

async function start(
  config = '',
  login: Parameters<typeof startRig>[1] = {},
  { timeoutMs, logger = silentLogger }: { readonly timeoutMs?: number; readonly logger?: Logger } = {},
): Promise<AsyncDisposable & { readonly rig: Rig; readonly backend: NatsLogging }> {
  const rig = await startRig(config, login);
  const backend = natsLogging({ connection: rig.connection, ...(timeoutMs !== undefined && { timeoutMs }) });
  const things: { close(): Promise<void> }[] = [];
  const host = { id: 'h', friendlyName: 'h', version: '0', labels: {} };
  await backend.start?.(
    {
      logger,
      host,
      stopping: signal,
      async shared(_key, create) {
        const thing = await create();
        things.push(thing);
        return thing;
      },
    },
    { signal },
  );
  return {
    rig,
    backend,
    async [Symbol.asyncDispose]() {
      await backend.stop?.({ signal });
      for (const thing of things) await thing.close();
      await stopRig(rig);
    },
  };
}

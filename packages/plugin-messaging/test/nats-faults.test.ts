import { natsMessaging } from '@lodge/plugin-messaging/nats';
import { type NatsServer, type NatsServerOptions, startNatsServer } from '@lodge-internal/test-nats';
import { connect, type Msg } from '@nats-io/transport-node';
import { afterEach, expect, test } from 'vitest';
import { eventually, Running } from './running.js';

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup[Symbol.asyncDispose]();
});

async function serve(options: NatsServerOptions = {}): Promise<NatsServer> {
  const server = await startNatsServer({ jetStream: false, ...options });
  cleanups.push(server);
  return server;
}

async function start(options: Parameters<typeof natsMessaging>[0]): Promise<Running> {
  const running = await Running.start({ backends: [natsMessaging({ timeoutMs: 1_000, ...options })] });
  cleanups.push(running);
  return running;
}

const config = { subscriptions: 'work' };

/** What `work` fails with, which must be within `ms`. */
async function failure(work: Promise<unknown>, ms: number): Promise<unknown> {
  const began = performance.now();
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(performance.now() - began).toBeLessThan(ms);
  return error;
}

test('a server that restarts under load is used again, by the same subscription', async () => {
  const server = await serve();
  const running = await start({ url: server.url });
  await running.run({ config });
  let isOver = false;
  let answers = 0;
  const kinds = new Set<unknown>();
  const load = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      const error = await running.ask('work', 'e', 2_000).then(
        () => undefined,
        (reason: { kind: unknown }) => reason.kind,
      );
      if (error === undefined) answers++;
      else kinds.add(error);
    }
  });
  for (let round = 0; round < 3; round++) {
    const before = answers;
    await eventually(() => answers).toBeGreaterThan(before + 20);
    await (round === 1 ? server.kill() : server.stop());
    await server.start();
  }
  const before = answers;
  await eventually(() => answers).toBeGreaterThan(before + 20);
  isOver = true;
  await Promise.all(load);
  for (const kind of kinds) expect(['unavailable', 'timeout', 'no-responders']).toContain(kind);
  expect(running.host.workloadStatus('one')).toMatchObject({ state: 'running' });
});

test('for the 5 seconds without a connection calls fail promptly, with it they work again', async () => {
  const server = await serve();
  const proxy = await server.proxy();
  const running = await start({ url: proxy.address });
  await running.run({ config });
  await running.hear('silent');
  const waiting = failure(running.ask('silent', 'x', 60_000), 5_000);
  expect(await running.ask('work', 'e')).toBe('e');
  await proxy.cut();
  expect(await waiting).toMatchObject({ kind: 'unavailable' });
  expect(await failure(running.tell('work', 'e'), 3_000)).toMatchObject({ kind: 'unavailable' });
  const deadline = performance.now() + 5_000;
  while (performance.now() < deadline) {
    expect(await failure(running.ask('work', 'e', 100), 800)).toMatchObject({ kind: 'timeout' });
  }
  await proxy.restore();
  await eventually(() => running.ask('work', 'e').catch(() => 'failed')).toBe('e');
  expect(running.host.workloadStatus('one')).toMatchObject({ state: 'running' });
});

test('a server that does not answer holds nobody beyond his time', async () => {
  const server = await serve();
  const proxy = await server.proxy();
  const running = await start({ url: proxy.address });
  await running.run({ config });
  expect(await running.ask('work', 'e')).toBe('e');
  proxy.stall();
  expect(await failure(running.ask('work', 'e', 100), 800)).toMatchObject({ kind: 'timeout' });
  expect(await failure(running.tell('work', 'e'), 3_000)).toMatchObject({ kind: 'timeout' });
  await proxy.restore();
  await eventually(() => running.ask('work', 'e').catch(() => 'failed')).toBe('e');
});

test('over a slow network a workload runs when its subscription is on the server', async () => {
  const server = await serve();
  const proxy = await server.proxy();
  const running = await start({ url: proxy.address });
  proxy.delay(50);
  await running.run({ config });
  const near = await connect({ servers: server.url });
  expect((await near.request('work', 'e', { timeout: 5_000 })).string()).toBe('e');
  await near.close();
});

test('the default group is that of wasmCloud hosts', async () => {
  const server = await serve();
  const running = await start({ url: server.url });
  await running.run({ config });
  const other = await connect({ servers: server.url });
  let taken = 0;
  const queue = 'wasmcloud.test.one.messenger.8a3ede8fdc55e3a6';
  const callback = (_error: Error | null, message: Msg): void => {
    message.respond('e');
    taken++;
  };
  other.subscribe('work', { queue, callback });
  await other.flush();
  for (let index = 0; index < 40; index++) await running.ask('work', 'e');
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(40);
  await other.close();
});

function permissions(denied: { readonly publish?: string; readonly subscribe?: string }): string {
  const parts = Object.entries(denied).map(([what, subject]) => `${what}: { deny: ["${subject}"] }`);
  return `authorization { users: [ { user: a, password: b, permissions: { ${parts.join(', ')} } } ] }`;
}

test('what the server denies a guest to send is told to the guest', async () => {
  const server = await serve({ config: permissions({ publish: 'secret.>' }) });
  const running = await start({ url: server.url, user: 'a', password: 'b' });
  await running.run({ config });
  await running.tell('work', 'psecret.x');
  await running.tell('work', 'rsecret.x');
  const text = 'the message broker denies access to the subject';
  await eventually(() => running.guestErrors()).toEqual([text, text]);
  expect(await running.ask('work', 'e')).toBe('e');
});

test('a subscription that the server denies fails the start', async () => {
  const server = await serve({ config: permissions({ subscribe: 'work' }) });
  const running = await start({ url: server.url, user: 'a', password: 'b' });
  const status = await running.run({ config });
  expect(status).toMatchObject({ state: 'error', error: { code: 'ERR_CONFIG_INVALID' } });
  expect(status.message).toContain('NATS denies the subscription to work');
});

test('a permission that is revoked later moves the workload to error', async () => {
  const server = await serve({ config: permissions({ subscribe: 'nothing' }) });
  const running = await start({ url: server.url, user: 'a', password: 'b' });
  await running.run({ config });
  expect(await running.ask('work', 'e')).toBe('e');
  await server.restart(permissions({ subscribe: 'work' }));
  await eventually(() => running.host.workloadStatus('one').state).toBe('error');
  expect(running.host.workloadStatus('one').message).toContain('gets no more messages');
});

test('a connection that its owner closes moves the workload to error', async () => {
  const server = await serve();
  const connection = await connect({ servers: server.url });
  const running = await start({ connection });
  await running.run({ config });
  await connection.close();
  await eventually(() => running.host.workloadStatus('one').state).toBe('error');
});

test('a url in the configuration leads to another server, without the login of this one', async () => {
  const server = await serve({ config: 'authorization { user: a, password: b }' });
  const other = await serve();
  const locked = await serve({ config: 'authorization { user: a, password: b }' });
  const running = await start({ url: server.url, user: 'a', password: 'b' });
  expect(await running.run({ id: 'away', config: { ...config, url: other.url } })).toMatchObject({ state: 'running' });
  const there = await connect({ servers: other.url });
  expect((await there.request('work', 'e')).string()).toBe('e');
  await there.close();
  expect(await running.run({ id: 'locked', config: { ...config, url: locked.url } })).toMatchObject({ state: 'error' });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyValuePlugin } from '@lodge/plugin-keyvalue';
import { type NatsKeyValueOptions, natsKeyValue } from '@lodge/plugin-keyvalue/nats';
import { makeCertificates, operatorMode, startNatsServer } from '@lodge-internal/test-nats';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { describe, expect, test, vi } from 'vitest';
import { GuestHost, type GuestSpec, keyvalueEntry } from './guest-host.js';
import { counterGuest, watcherGuest } from './guests.js';

/** Milliseconds that operations have in these tests. */
const timeoutMs = 1_000;

/** Milliseconds after which a call that must fail has hung: the wait for a connection, the request, and a busy machine. */
const promptMs = 3 * timeoutMs;

async function start(options: NatsKeyValueOptions, spec: Partial<GuestSpec> = {}): Promise<GuestHost> {
  const plugin = keyValuePlugin({ backends: [natsKeyValue({ timeoutMs, ...options })] });
  const guest = await GuestHost.start({ bytes: await counterGuest(), plugin, ...spec });
  expect(guest.status).toMatchObject({ state: 'running' });
  return guest;
}

/** The message that the guest got, and that it did not wait for it longer than it may. */
async function failure(call: Promise<unknown>): Promise<string> {
  const started = performance.now();
  const message = await call.then(
    () => 'no failure',
    (error: Error) => error.message,
  );
  expect(performance.now() - started).toBeLessThan(promptMs);
  return message;
}

/** Calls again and again until one works. */
function recovered(call: () => Promise<unknown>): Promise<unknown> {
  return vi.waitFor(call, { timeout: 10_000, interval: 20 });
}

describe('a server that goes away', () => {
  test('fails calls promptly with an error of the store, and they work again when it is back', async () => {
    await using server = await startNatsServer();
    await using guest = await start({ url: server.url });
    await guest.count('orders', 'n');
    await server.stop();
    expect(await failure(guest.count('orders', 'n'))).toBe('the store cannot be reached');
    expect(await failure(guest.get('other', 'never opened before'))).toBe('the store cannot be reached');
    await server.start();
    await recovered(() => guest.count('orders', 'n'));
    expect(await guest.count('orders', 'n')).toBeGreaterThanOrEqual(3n);
  });

  test('loses no acknowledged write in 20 restarts and crashes under load', async () => {
    await using server = await startNatsServer();
    await using guest = await start({ url: server.url }, { poolSize: 8 });
    let isOver = false;
    let acknowledged = 0;
    let unsure = 0;
    const journal: string[] = [];
    const messages = new Set<string>();
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let entry = 0; !isOver; entry++) {
        try {
          await guest.put('journal', `${writer}-${entry}`, 'written');
          journal.push(`${writer}-${entry}`);
          await guest.count('orders', 'n');
          acknowledged++;
        } catch (error) {
          unsure++;
          messages.add(error instanceof Error ? error.message : String(error));
        }
      }
    });
    for (let round = 0; round < 20; round++) {
      const before = acknowledged;
      await (round % 2 === 0 ? server.stop() : server.kill());
      await server.start();
      await vi.waitFor(() => expect(acknowledged).toBeGreaterThan(before + 10), { timeout: 10_000, interval: 5 });
    }
    isOver = true;
    await Promise.all(writers);
    const count = Number(await guest.count('orders', 'n', 0n));
    expect(count).toBeGreaterThanOrEqual(acknowledged);
    expect(count).toBeLessThanOrEqual(acknowledged + unsure);
    for (const key of journal) expect(await guest.get('journal', key)).toBe('written');
    expect(journal.length).toBeGreaterThan(100);
    // Nothing of what the client library says.
    for (const message of messages) expect(message).toMatch(/^the store (cannot be reached|did not answer in time)$/);
  });
});

describe('a connection that is cut', () => {
  test('for 5 seconds fails calls promptly, and they work again afterwards', async () => {
    await using server = await startNatsServer();
    const proxy = await server.proxy();
    await using guest = await start({ url: proxy.address });
    await guest.put('orders', 'key', 'before');
    await proxy.cut();
    const deadline = performance.now() + 5_000;
    while (performance.now() < deadline) {
      expect(await failure(guest.get('orders', 'key'))).toBe('the store cannot be reached');
    }
    await proxy.restore();
    await recovered(async () => expect(await guest.get('orders', 'key')).toBe('before'));
  });

  test('does not keep a watch from what it missed', async () => {
    await using server = await startNatsServer();
    const proxy = await server.proxy();
    const entry = keyvalueEntry({ watch: 'orders' }, ['store', 'atomics', 'watcher']);
    await using guest = await start(
      { url: proxy.address },
      { bytes: await watcherGuest('0.2.0-draft'), entries: [entry] },
    );
    await using other = await start({ url: server.url });
    await other.put('orders', 'a', 'seen');
    await vi.waitFor(async () => expect(await other.get('log', '1')).toBe('+a=seen'));
    await proxy.cut();
    await other.put('orders', 'b', 'missed');
    await proxy.restore();
    await vi.waitFor(async () => expect(await other.get('log', '2')).toBe('+b=missed'), { timeout: 15_000 });
    await server.restart();
    await recovered(() => other.put('orders', 'c', 'later'));
    await vi.waitFor(async () => expect(await other.get('log', '3')).toBe('+c=later'), { timeout: 15_000 });
    expect(guest.status).toMatchObject({ state: 'running' });
  });
});

describe('a server that is slow', () => {
  test('is waited for', async () => {
    await using server = await startNatsServer();
    const proxy = await server.proxy();
    await using guest = await start({ url: proxy.address });
    await guest.put('orders', 'key', 'value');
    proxy.delay(100);
    expect(await guest.get('orders', 'key')).toBe('value');
  });

  test('and does not answer at all fails calls at their bound', async () => {
    await using server = await startNatsServer();
    const proxy = await server.proxy();
    await using guest = await start({ url: proxy.address });
    await guest.put('orders', 'key', 'value');
    proxy.stall();
    expect(await failure(guest.get('orders', 'key'))).toBe('the store did not answer in time');
    await proxy.restore();
    await recovered(async () => expect(await guest.get('orders', 'key')).toBe('value'));
  });
});

describe('an account that may not do everything', () => {
  test('is denied access', async () => {
    const permissions = (deny: string): string => `permissions: { publish: { deny: ${deny} } }`;
    const users = `[
      { user: all, password: x },
      { user: reader, password: x, ${permissions('["$KV.>"]')} },
      { user: poor, password: x, ${permissions('["$JS.API.STREAM.CREATE.>"]')} } ]`;
    await using server = await startNatsServer({ config: `authorization { users: ${users} }` });
    await using writer = await start({ url: server.url, user: 'all', password: 'x' });
    await writer.put('orders', 'key', 'value');
    await using reader = await start({ url: server.url, user: 'reader', password: 'x' });
    expect(await reader.get('orders', 'key')).toBe('value');
    expect(await failure(reader.put('orders', 'key', 'other'))).toBe('access-denied');
    await using poor = await start({ url: server.url, user: 'poor', password: 'x' });
    await poor.put('orders', 'key', 'other');
    expect(await failure(poor.put('new', 'key', 'value'))).toBe('access-denied');
  });
});

describe('a server with TLS and an operator', () => {
  test('is used with its authority and a credentials file, and denies what the token denies', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lodge-keyvalue-'));
    try {
      const { caFile, certFile, keyFile } = await makeCertificates(folder);
      const { config, credentials } = operatorMode({ denied: ['$KV.shop__default__locked.>'] });
      const credentialsFile = join(folder, 'host.creds');
      await writeFile(credentialsFile, credentials);
      const tls = `tls { cert_file: "${certFile}", key_file: "${keyFile}" }`;
      await using server = await startNatsServer({ config: `${config}\n${tls}` });
      const options = { url: `tls://127.0.0.1:${server.port}`, tls: { caFile }, credentialsFile };
      await using guest = await start(options);
      expect(await guest.count('orders', 'n')).toBe(1n);
      expect(await failure(guest.put('locked', 'key', 'value'))).toBe('access-denied');
      await server.restart();
      await recovered(() => guest.count('orders', 'n'));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a bucket that is not there', () => {
  test('is no such store, if it may not be created', async () => {
    await using server = await startNatsServer();
    await using guest = await start({ url: server.url }, { config: { create: 'false' } });
    expect(await failure(guest.get('orders', 'key'))).toBe('no-such-store');
    await using creator = await start({ url: server.url });
    await creator.put('orders', 'key', 'value');
    expect(await guest.get('orders', 'key')).toBe('value');
  });

  test('any more is no such store, and is created when it is opened the next time', async () => {
    await using server = await startNatsServer();
    await using guest = await start({ url: server.url });
    await guest.put('orders', 'key', 'value');
    const client = await connect({ servers: server.url });
    const manager = await jetstreamManager(client);
    await manager.streams.delete('KV_shop__default__orders');
    await client.close();
    expect(await failure(guest.put('orders', 'key', 'value'))).toBe('no-such-store');
    await guest.put('orders', 'key', 'value');
    expect(await guest.get('orders', 'key')).toBe('value');
  });
});

describe('a store that is full', () => {
  test('says so, and takes values again when there is room', async () => {
    await using server = await startNatsServer({ jetStream: 'max_file_store: 64KB' });
    await using guest = await start({ url: server.url });
    const messages: string[] = [];
    for (let key = 0; key < 10; key++) {
      await guest.put('orders', `key-${key}`, 'x'.repeat(10_000)).catch((error: Error) => messages.push(error.message));
    }
    expect(messages.length).toBeGreaterThan(0);
    expect(new Set(messages)).toEqual(new Set(['the store is full']));
    // Somebody makes room; the host goes on as it is.
    const client = await connect({ servers: server.url });
    await (await jetstreamManager(client)).streams.purge('KV_shop__default__orders');
    await client.close();
    await guest.put('orders', 'key', 'x'.repeat(10_000));
    expect(await guest.get('orders', 'key')).toBe('x'.repeat(10_000));
  });

  test('and a value that is too large, are told apart', async () => {
    await using server = await startNatsServer({ config: 'max_payload: 4096' });
    await using guest = await start({ url: server.url });
    expect(await failure(guest.put('orders', 'key', 'x'.repeat(5_000)))).toBe(
      'the value is larger than the store takes',
    );
  });
});

test('two hosts count together', async () => {
  await using server = await startNatsServer();
  await using first = await start({ url: server.url }, { poolSize: 8 });
  await using second = await start({ url: server.url }, { poolSize: 8 });
  await Promise.all(
    Array.from({ length: 64 }, (_, writer) => (writer % 2 === 0 ? first : second).count('orders', 'n')),
  );
  expect(await first.count('orders', 'n', 0n)).toBe(64n);
});

test('a workload may name a server of its own, which does not get the login of the host', async () => {
  await using own = await startNatsServer({ config: 'authorization { user: host, password: secret }' });
  await using other = await startNatsServer();
  const options = { url: own.url, user: 'host', password: 'secret' };
  await using guest = await start(options, { config: { url: other.url } });
  await guest.put('orders', 'key', 'value');
  const client = await connect({ servers: other.url });
  const manager = await jetstreamManager(client);
  expect((await manager.streams.info('KV_shop__default__orders')).state.messages).toBe(1);
  await client.close();
  const plugin = keyValuePlugin({ backends: [natsKeyValue({ timeoutMs, ...options })] });
  const bytes = await counterGuest();
  await using refused = await GuestHost.start({ bytes, plugin, config: { url: `nats://127.0.0.1:${own.port}` } });
  expect(refused.status).toMatchObject({ state: 'error', error: { code: 'ERR_CONFIG_INVALID' } });
});

import { HostError } from '@lodge/core';
import { startNatsServer } from '@lodge-internal/test-nats';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { connectNats } from './connect-nats.js';
import { testContext } from './testing.js';

test('equal options share one connection, other options have their own', async () => {
  await using server = await startNatsServer();
  await using context = testContext();
  const first = await connectNats(context, { url: server.url, name: 'a' });
  const second = await connectNats(context, { name: 'a', url: server.url });
  const other = await connectNats(context, { url: server.url, name: 'b' });
  expect(second).toBe(first);
  expect(other).not.toBe(first);
});

test('closing the host closes its connection and leaves a passed one open', async () => {
  await using server = await startNatsServer();
  const connection = await connect({ servers: server.url });
  const context = testContext();
  const own = await connectNats(context, { url: server.url });
  const given = await connectNats(context, { connection });
  expect(await connectNats(context, { connection })).toBe(given);
  await context[Symbol.asyncDispose]();
  expect(own.connection.isClosed()).toBe(true);
  expect(connection.isClosed()).toBe(false);
  await expect(given.call(async () => 1)).rejects.toMatchObject({ kind: 'unavailable' });
  await connection.close();
});

test('a server that is not there is a clear error without the password', async () => {
  await using server = await startNatsServer();
  const { port } = server;
  await server.stop();
  await using context = testContext();
  const failure = await connectNats(context, { url: `nats://ann:secret@127.0.0.1:${port}` }).catch((error) => error);
  expect(HostError.is(failure, 'ERR_CONFIG_INVALID')).toBe(true);
  expect(failure.message).toBe(`NATS at 127.0.0.1:${port} cannot be reached; start the server or correct the url.`);
});

test('a login in the url is used, and a wrong one is a clear error', async () => {
  await using server = await startNatsServer({ config: 'authorization { user: ann, password: "p@ss" }' });
  await using context = testContext();
  const client = await connectNats(context, { url: `nats://ann:p%40ss@127.0.0.1:${server.port}` });
  expect(await client.call(() => client.connection.rtt())).toBeGreaterThanOrEqual(0);
  await expect(connectNats(context, { url: `nats://ann:no@127.0.0.1:${server.port}` })).rejects.toThrow(
    /refuses the login/,
  );
});

test('an operation that is running when the connection breaks fails at once', async () => {
  await using server = await startNatsServer();
  const proxy = await server.proxy();
  await using context = testContext();
  const client = await connectNats(context, { url: proxy.address, timeoutMs: 20_000 });
  client.connection.subscribe('silent', { callback() {} });
  await client.connection.flush();
  const running = client.call(() => client.connection.request('silent', '', { timeout: 20_000 }));
  const started = performance.now();
  await proxy.cut();
  await expect(running).rejects.toMatchObject({ kind: 'unavailable' });
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(client.pending).toBe(0);
});

test('an operation without a connection waits for it', async () => {
  await using server = await startNatsServer();
  await using context = testContext();
  const client = await connectNats(context, { url: server.url });
  const reconnected = new Promise<void>((resolve) => client.onReconnect(resolve));
  const lost = client.call(() => client.connection.request('x', '', { timeout: 20_000, noMux: true })).catch(() => {});
  await server.stop();
  await lost;
  await expect.poll(() => client.isConnected).toBe(false);
  const waiting = client.call(() => client.connection.rtt());
  expect(client.pending).toBe(1);
  await server.start();
  expect(await waiting).toBeGreaterThanOrEqual(0);
  await reconnected;
});

test('an operation without a connection fails after the timeout', async () => {
  await using server = await startNatsServer();
  await using context = testContext();
  const client = await connectNats(context, { url: server.url, timeoutMs: 200 });
  await server.stop();
  await expect.poll(() => client.isConnected).toBe(false);
  const started = performance.now();
  await expect(client.call(() => client.connection.rtt())).rejects.toMatchObject({ kind: 'unavailable' });
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(client.pending).toBe(0);
});

test('what the user may not do is told apart', async () => {
  const config =
    'authorization { users: [ { user: a, password: b, permissions: { publish: { deny: ["secret.>", "$JS.API.STREAM.>"] } } } ] }';
  await using server = await startNatsServer({ config });
  await using context = testContext();
  const client = await connectNats(context, { url: server.url, user: 'a', password: 'b', timeoutMs: 10_000 });
  const { connection } = client;
  await expect(client.call(() => connection.request('secret.x'))).rejects.toMatchObject({ kind: 'permission-denied' });
  const manager = await client.call(() => jetstreamManager(connection, { checkAPI: false, timeout: 10_000 }));
  await expect(client.call(() => manager.streams.info('x'))).rejects.toMatchObject({ kind: 'permission-denied' });
});

for (const url of ['http://127.0.0.1', 'nats://a/b', 'nats://:x@', 'nats://a:99999999']) {
  test(`${url} is no address of a NATS server`, async () => {
    await expect(connectNats(testContext(), { url })).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' });
  });
}

test('a missing credentials file is a clear error', async () => {
  await expect(connectNats(testContext(), { credentialsFile: '/nowhere/x.creds' })).rejects.toMatchObject({
    code: 'ERR_FILE_UNREADABLE',
  });
});

test('a token logs in', async () => {
  await using server = await startNatsServer({ config: 'authorization { token: secret }' });
  await using context = testContext();
  const client = await connectNats(context, { url: server.url, token: 'secret' });
  expect(await client.call(() => client.connection.rtt())).toBeGreaterThanOrEqual(0);
});

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { startNatsServer } from './nats-server.js';

test('a server takes clients and keeps what JetStream stored across a restart on the same port', async () => {
  await using server = await startNatsServer();
  const { port } = server;
  const before = await connect({ servers: server.url });
  await (await jetstreamManager(before)).streams.add({ name: 'orders', subjects: ['orders'] });
  await jetstream(before).publish('orders', 'one');
  await before.close();
  await server.restart();
  expect(server.port).toBe(port);
  const after = await connect({ servers: server.url });
  expect((await (await jetstreamManager(after)).streams.info('orders')).state.messages).toBe(1);
  await after.close();
});

test('a killed server is gone at once and comes back with its store', async () => {
  await using server = await startNatsServer();
  const before = await connect({ servers: server.url, reconnect: false });
  await (await jetstreamManager(before)).streams.add({ name: 'orders', subjects: ['orders'] });
  await server.kill();
  expect(server.isRunning).toBe(false);
  await before.closed();
  await expect(connect({ servers: server.url, reconnect: false })).rejects.toThrow();
  await server.start();
  const after = await connect({ servers: server.url });
  expect((await (await jetstreamManager(after)).streams.info('orders')).config.name).toBe('orders');
  await after.close();
});

test('configuration of the test reaches the server', async () => {
  await using server = await startNatsServer({ config: 'authorization { user: ann, password: secret }' });
  await expect(connect({ servers: server.url, reconnect: false })).rejects.toThrow(/Authorization/i);
  const client = await connect({ servers: server.url, user: 'ann', pass: 'secret' });
  await client.close();
});

test('a wrong configuration fails the start with the words of the server', async () => {
  await expect(startNatsServer({ config: 'nonsense: {' })).rejects.toThrow(/did not start:\s[\s\S]*Parse error/);
});

test('the server and its files are gone when the process that started it dies', async () => {
  const built = fileURLToPath(new URL('../dist/index.js', import.meta.url));
  const source = `
    const { startNatsServer } = await import(${JSON.stringify(built)});
    const server = await startNatsServer();
    console.log(server.port);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve) => child.stdout.once('data', (data) => resolve(Number(data))));
  const socket = connectSocket(port, '127.0.0.1');
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('data', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  child.kill('SIGKILL');
  await closed;
});

test('disposing a server removes its folder', async () => {
  const server = await startNatsServer();
  const client = await connect({ servers: server.url });
  await (await jetstreamManager(client)).streams.add({ name: 'orders', subjects: ['orders'] });
  const { config } = await (await jetstreamManager(client)).streams.info('orders');
  expect(config.storage).toBe('file');
  await client.close();
  await server[Symbol.asyncDispose]();
  expect(server.isRunning).toBe(false);
  expect(existsSync(server.folder)).toBe(false);
});

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

let echo: Server;
let proxy: TcpProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startTcpProxy((echo.address() as AddressInfo).port);
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.stop();
  echo.close();
});

test('data passes both ways', async () => {
  const client = await open();
  client.write('hello');
  expect(String(await next(client))).toBe('hello');
  expect(proxy.connections).toBe(1);
});

test('cut ends open connections and refuses new ones until restore', async () => {
  const client = await open();
  const closed = once(client, 'close');
  await proxy.cut();
  await closed;
  await expect(open()).rejects.toThrow(/ECONNREFUSED/);
  await proxy.restore();
  const again = await open();
  again.write('back');
  expect(String(await next(again))).toBe('back');
});

test('refuse lets open connections go on', async () => {
  const client = await open();
  client.write('one');
  await next(client);
  await proxy.refuse();
  await expect(open()).rejects.toThrow(/ECONNREFUSED/);
  client.write('two');
  expect(String(await next(client))).toBe('two');
});

test('stall holds data back until restore', async () => {
  const client = await open();
  proxy.stall();
  let isAnswered = false;
  const answer = next(client).then((data) => {
    isAnswered = true;
    return data;
  });
  client.write('late');
  const other = await open();
  other.end();
  expect(isAnswered).toBe(false);
  await proxy.restore();
  expect(String(await answer)).toBe('late');
});

test('delay lets data arrive later and in order', async () => {
  const client = await open();
  proxy.delay(40);
  const started = performance.now();
  client.write('a');
  client.write('b');
  let text = '';
  while (text.length < 2) text += String(await next(client));
  expect(text).toBe('ab');
  expect(performance.now() - started).toBeGreaterThan(70);
});

async function open(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1');
  clients.push(socket);
  await once(socket, 'connect');
  socket.on('error', () => {});
  return socket;
}

async function next(socket: Socket): Promise<Buffer> {
  const [data] = await once(socket, 'data');
  return data as Buffer;
}

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Agents } from './agents.js';
import { plainHttpRegistries } from './plain-http.js';
import { discard, Transport } from './transport.js';

/** As if a registry on the internet had sent us somewhere. */
const home = new URL('http://registry.example');
const signal = AbortSignal.timeout(20_000);

let server: Server;
let port: number;
let connections = 0;
let agents: Agents;

beforeEach(async () => {
  connections = 0;
  agents = new Agents([]);
  server = createServer((_, response) => response.end('secret')).listen(0, '127.0.0.1');
  server.on('connection', () => connections++);
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  await agents.destroy();
  server.close();
});

test('a registry elsewhere cannot send us to this machine by address', async () => {
  const transport = new Transport(agents, plainHttpRegistries(true));
  for (const host of ['127.0.0.1', '[::1]', '127.1', '0.0.0.0']) {
    const sent = transport.send({ method: 'GET', url: new URL(`http://${host}:${port}/`), home, signal });
    await expect(sent).rejects.toMatchObject({ code: 'ERR_REDIRECT_DENIED' });
  }
  expect(connections).toBe(0);
});

test('a registry elsewhere cannot send us to this machine by name', async () => {
  const transport = new Transport(agents, plainHttpRegistries(true));
  const sent = transport.send({ method: 'GET', url: new URL(`http://localhost:${port}/`), home, signal });
  await expect(sent).rejects.toMatchObject({ code: 'ERR_REDIRECT_DENIED' });
  expect(connections).toBe(0);
});

test('a registry with TLS cannot send us to a server without', async () => {
  const transport = new Transport(agents, plainHttpRegistries(true));
  const sent = transport.send({
    method: 'GET',
    url: new URL('http://elsewhere.example/'),
    home: new URL('https://registry.example'),
    signal,
  });
  await expect(sent).rejects.toMatchObject({ code: 'ERR_REDIRECT_DENIED', message: expect.stringContaining('no TLS') });
});

test('a server that the user named may be anywhere', async () => {
  const transport = new Transport(agents, plainHttpRegistries([`127.0.0.1:${port}`]));
  const response = await transport.send({ method: 'GET', url: new URL(`http://127.0.0.1:${port}/`), home, signal });
  expect(response.status).toBe(200);
  await discard(response);
});

test('a registry on this machine may send us to this machine', async () => {
  const transport = new Transport(agents, plainHttpRegistries(true));
  const own = new URL(`http://127.0.0.1:${port}`);
  await discard(await transport.send({ method: 'GET', url: own, home: own, signal }));
  const response = await transport.send({
    method: 'GET',
    url: new URL(`http://localhost:${port}/`),
    home: own,
    signal,
  });
  expect(response.status).toBe(200);
  await discard(response);
});

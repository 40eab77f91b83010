import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startNatsServer } from '@lodge-internal/test-nats';
import { connect } from '@nats-io/transport-node';
import { afterEach, beforeAll, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const lodge = fileURLToPath(new URL('bin/lodge.js', import.meta.resolve('@lodge/cli/package.json')));
const hosts: ChildProcess[] = [];
const servers: AsyncDisposable[] = [];

// Without a cached build, a JavaScript engine goes into each component first.
beforeAll(async () => {
  await promisify(execFile)(process.execPath, [lodge, 'build'], { cwd: folder });
}, 240_000);

afterEach(async () => {
  for (const host of hosts.splice(0)) {
    const closed = once(host, 'close');
    host.kill('SIGTERM');
    await closed;
  }
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<string> {
  const host = spawn(process.execPath, ['src/main.ts'], {
    cwd: folder,
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  hosts.push(host);
  return new Promise((resolve, reject) => {
    let output = '';
    host.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
      const [, url] = /listening on (\S+),/.exec(output) ?? [];
      if (url !== undefined) resolve(url);
    });
    host.once('close', () => reject(new Error(`the host ended:\n${output}`)));
  });
}

async function get(url: string): Promise<string> {
  return (await fetch(url)).text();
}

test('in memory, the worker does what the gateway asks for', async () => {
  const url = await start();
  expect(await get(`${url}/reverse?text=lodge`)).toBe('egdol\n');
  expect(await get(`${url}/shout?text=lodge`)).toBe('LODGE\n');
  expect(await get(`${url}/dance`)).toBe('no answer: request timed out after 2000ms\n');
});

test('over NATS, others on the same server can ask the worker too', async () => {
  const server = await startNatsServer({ jetStream: false });
  servers.push(server);
  const url = await start({ NATS_URL: server.url });
  expect(await get(`${url}/reverse?text=lodge`)).toBe('egdol\n');
  const connection = await connect({ servers: server.url });
  expect((await connection.request('tasks.shout', 'hello')).string()).toBe('HELLO');
  await connection.close();
});

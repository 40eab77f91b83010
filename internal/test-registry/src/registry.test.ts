import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { registryUser, startRegistry } from './registry.js';
import { startTokenServer } from './token-server.js';

const basic = `Basic ${Buffer.from(`${registryUser.username}:${registryUser.password}`).toString('base64')}`;

test('a registry answers, and is gone with its files once disposed of', async () => {
  const registry = await startRegistry();
  expect((await fetch(`${registry.url}/v2/`)).status).toBe(200);
  await registry[Symbol.asyncDispose]();
  expect(existsSync(registry.folder)).toBe(false);
  await expect(fetch(`${registry.url}/v2/`)).rejects.toThrow();
});

test('with basic authentication only the user gets in', async () => {
  await using registry = await startRegistry({ auth: 'basic' });
  expect((await fetch(`${registry.url}/v2/`)).status).toBe(401);
  expect((await fetch(`${registry.url}/v2/`, { headers: { authorization: basic } })).status).toBe(200);
});

test('with a token service only its tokens get in', async () => {
  await using tokens = await startTokenServer({ user: registryUser });
  await using registry = await startRegistry({ auth: tokens });
  const refused = await fetch(`${registry.url}/v2/a/tags/list`);
  expect(refused.headers.get('www-authenticate')).toContain(`Bearer realm="${tokens.realm}"`);
  const ask = async (headers: Record<string, string>): Promise<number> => {
    const answer = await fetch(`${tokens.realm}?service=x&scope=repository:a:pull`, { headers });
    const { token } = (await answer.json()) as { token: string };
    return (await fetch(`${registry.url}/v2/a/tags/list`, { headers: { authorization: `Bearer ${token}` } })).status;
  };
  expect(await ask({ authorization: basic })).toBe(404);
  expect(await ask({})).toBe(401);
});

test('the registry and its files are gone when the process that started it dies', async () => {
  const built = fileURLToPath(new URL('../dist/index.js', import.meta.url));
  const source = `
    const { startRegistry } = await import(${JSON.stringify(built)});
    const registry = await startRegistry();
    console.log(registry.port);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(child.stdout, 'data');
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  socket.resume();
  const closed = once(socket, 'close').catch(() => {});
  child.kill('SIGKILL');
  await closed;
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const lodge = fileURLToPath(new URL('bin/lodge.js', import.meta.resolve('@lodge/cli/package.json')));

const server = spawn(process.execPath, [lodge, 'dev', '--http', '127.0.0.1:0', '-o', 'json'], {
  cwd: folder,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const closed = once(server, 'close');
let url = '';

// Without a cached build, a JavaScript engine goes into the component first.
beforeAll(async () => {
  url = await new Promise((resolve, reject) => {
    let output = '';
    server.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
      const [, found] = /"listening","url":"([^"]+)"/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
    server.once('close', () => reject(new Error(`lodge dev ended:\n${output}`)));
  });
}, 120_000);

afterAll(async () => {
  server.kill('SIGKILL');
  await closed;
});

test('the example greets the world', async () => {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('Hello, world!\n');
});

test('the example greets who is named', async () => {
  expect(await (await fetch(`${url}/?name=Lodge`)).text()).toBe('Hello, Lodge!\n');
});

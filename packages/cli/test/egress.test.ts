import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test, vi } from 'vitest';
import { callingServer } from './support/calling-server.js';
import { type LodgeProcess, lodge } from './support/lodge.js';
import { type TemporaryFolder, temporaryFolder } from './support/temporary-folder.js';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

async function answerOf(process: LodgeProcess): Promise<string> {
  const [, url = ''] = await process.saw(/listening on (http:\/\/127\.0\.0\.1:\d+)/);
  return (await fetch(url)).text();
}

/** A project whose component calls a server of this machine. */
async function project(port: number, allowedHosts: readonly string[]): Promise<TemporaryFolder> {
  const config = { build: { componentPath: 'x.wasm' }, dev: { http: '127.0.0.1:0' }, workload: { allowedHosts } };
  return temporaryFolder({
    'lodge.config.js': `export default ${JSON.stringify(config)};`,
    'x.wasm': await callingServer(port),
  });
}

/** A server of this machine, as a developer has it beside the project. */
async function neighbour(): Promise<{ readonly port: number } & Disposable> {
  const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { port: address.port, [Symbol.dispose]: () => server.close() };
}

test('under lodge dev, * in allowed hosts includes servers of this machine', async () => {
  using server = await neighbour();
  await using folder = await project(server.port, ['*']);
  await using process = lodge(['dev', folder.path]);
  expect(await answerOf(process)).toBe('+');
});

test('under lodge dev, nothing is reached without allowed hosts', async () => {
  using server = await neighbour();
  await using folder = await project(server.port, []);
  await using process = lodge(['dev', folder.path]);
  expect(await answerOf(process)).toBe('P');
});

test('under lodge run, * does not include servers of this machine', async () => {
  using server = await neighbour();
  await using folder = await project(server.port, []);
  await using process = lodge(['run', 'x.wasm', '--http', '127.0.0.1:0', '--allow-host', '*'], { cwd: folder.path });
  expect(await answerOf(process)).toBe('E');
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import { fixture } from '@lodge-internal/fixtures';
import { describe, expect, test, vi } from 'vitest';
import { helloComponent } from './support/hello-component.js';
import { type LodgeProcess, lodge, runLodge } from './support/lodge.js';
import { slowBody } from './support/slow-body.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

async function addressOf(process: LodgeProcess): Promise<string> {
  const [, url] = await process.saw(/listening on (http:\/\/127\.0\.0\.1:\d+)/);
  return url ?? '';
}

test('an HTTP component is served until SIGTERM, which ends lodge with 0', async () => {
  await using folder = await temporaryFolder({ 'hello.wasm': await helloComponent('hello world') });
  await using process = lodge(['run', 'hello.wasm', '--http', '127.0.0.1:0'], { cwd: folder.path });
  const response = await fetch(await addressOf(process));
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('hello world');
  process.child.kill('SIGTERM');
  expect(await process.ended).toBe(0);
});

test('a pool of warm instances answers, too', async () => {
  await using folder = await temporaryFolder({ 'hello.wasm': await helloComponent('hello world') });
  await using process = lodge(['run', 'hello.wasm', '--http', '127.0.0.1:0', '--pool', '2'], { cwd: folder.path });
  const url = await addressOf(process);
  const texts = await Promise.all(Array.from({ length: 6 }, async () => (await fetch(url)).text()));
  expect(new Set(texts)).toEqual(new Set(['hello world']));
});

test('with -o json, what happens is told as JSON lines', async () => {
  await using folder = await temporaryFolder({ 'hello.wasm': await helloComponent('hello world') });
  await using process = lodge(['run', 'hello.wasm', '--http', '127.0.0.1:0', '-o', 'json'], { cwd: folder.path });
  await process.saw(/"event":"listening"/);
  process.child.kill('SIGINT');
  expect(await process.ended).toBe(0);
  const events = process
    .stdout()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events).toEqual([
    { event: 'listening', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
    { event: 'stopping' },
  ]);
});

describe('a running request', () => {
  test('may end after the first signal, and lodge ends with 0', async () => {
    await using folder = await temporaryFolder({ 'echo.wasm': await fixture('http-echo') });
    await using process = lodge(['run', 'echo.wasm', '--http', '127.0.0.1:0'], { cwd: folder.path });
    const { body, more, end } = slowBody();
    const response = await fetch(await addressOf(process), { method: 'POST', body, duplex: 'half' });
    process.child.kill('SIGINT');
    await process.saw(/^stopping$/m);
    more('late');
    end();
    expect(await response.text()).toBe('early late');
    expect(await process.ended).toBe(0);
  });

  test('does not hold up the second signal', async () => {
    await using folder = await temporaryFolder({ 'echo.wasm': await fixture('http-echo') });
    await using process = lodge(['run', 'echo.wasm', '--http', '127.0.0.1:0'], { cwd: folder.path });
    const { body } = slowBody();
    await fetch(await addressOf(process), { method: 'POST', body, duplex: 'half' });
    process.child.kill('SIGINT');
    await process.saw(/^stopping$/m);
    process.child.kill('SIGINT');
    expect(await process.ended).toBe(130);
  });
});

test('a port in use is an error in one line with exit code 1', async () => {
  await using folder = await temporaryFolder({ 'hello.wasm': await helloComponent('hello world') });
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { code, stderr } = await runLodge(['run', 'hello.wasm', '--http', `127.0.0.1:${port}`], { cwd: folder.path });
  other.close();
  expect(code).toBe(1);
  expect(stderr).toContain('ERR_ADDRESS_IN_USE');
  expect(stderr).toContain(String(port));
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

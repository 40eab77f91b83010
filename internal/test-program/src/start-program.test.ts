import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findProgram } from './find-program.js';
import { startProgram } from './start-program.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lodge-program-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const announcement = (line: string): number | undefined => {
  const port = /^port (\d+)$/.exec(line)?.[1];
  return port === undefined ? undefined : Number(port);
};

test('a program is there when it says so, and gone when it is killed', async () => {
  const script = 'echo starting >&2; echo port 7 >&2; exec sleep 600';
  const running = await startProgram({ program: '/bin/sh', args: ['-c', script], folder, announcement });
  expect(running.announced).toBe(7);
  expect(isAlive(running.pid)).toBe(true);
  process.kill(running.pid, 'SIGKILL');
  await running.ended;
  expect(isAlive(running.pid)).toBe(false);
  expect(existsSync(folder)).toBe(true);
});

test('arguments reach a program as they are', async () => {
  const script = 'for word in "$@"; do echo "port $word" >&2; done; exec sleep 600';
  const args = ['-c', script, 'sh', '* $(id)', '12'];
  const running = await startProgram({ program: '/bin/sh', args, folder, announcement });
  expect(running.announced).toBe(12);
  process.kill(running.pid, 'SIGKILL');
  await running.ended;
});

test('a program that ends before it is ready is an error with its own words', async () => {
  const options = { program: '/bin/sh', args: ['-c', 'echo no room >&2; exit 3'], folder, announcement };
  await expect(startProgram(options)).rejects.toThrow(/^sh did not start:\nno room$/);
});

test('a program and its folder are gone when the process that started it dies', async () => {
  const built = fileURLToPath(new URL('../dist/index.js', import.meta.url));
  const source = `
    const { startProgram } = await import(${JSON.stringify(built)});
    const { pid } = await startProgram({
      program: '/bin/sh',
      args: ['-c', 'echo ready >&2; exec sleep 600'],
      folder: ${JSON.stringify(folder)},
      announcement: (line) => line === 'ready' || undefined,
    });
    console.log(pid);
    setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [pid] = await once(starter.stdout, 'data');
  starter.kill('SIGKILL');
  await expect.poll(() => isAlive(Number(pid)) || existsSync(folder), { timeout: 20_000 }).toBe(false);
});

test('a program is found on the path, and one that is nowhere is an error that says how to get it', () => {
  expect(findProgram('sh')).toMatch(/\/sh$/);
  expect(() => findProgram('lodge-no-such-server')).toThrow('lodge-no-such-server is missing: run `npm test`');
});

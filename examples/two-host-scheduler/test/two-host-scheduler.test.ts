import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { fixture } from '@lodge-internal/fixtures';
import { type NatsServer, startNatsServer } from '@lodge-internal/test-nats';
import { afterEach, beforeEach, expect, test } from 'vitest';

const example = fileURLToPath(new URL('..', import.meta.url));
let server: NatsServer;
let images: string;
let programs: ChildProcess[];

beforeEach(async () => {
  programs = [];
  server = await startNatsServer({ jetStream: false });
  images = await mkdtemp(join(tmpdir(), 'lodge-two-host-'));
  await writeFile(join(images, 'http-hello.wasm'), await fixture('lean'));
});

afterEach(async () => {
  await Promise.all(programs.map((program) => end(program, 'SIGKILL')));
  await server[Symbol.asyncDispose]();
  await rm(images, { recursive: true, force: true });
});

/** A program of the example, and how to wait for what it prints. */
function run(
  file: string,
  ...args: readonly string[]
): { readonly program: ChildProcess; until(line: RegExp): Promise<string> } {
  const env = { ...process.env, NATS_URL: server.url, PORT: '0' };
  const program = spawn(process.execPath, [join('src', file), ...args], { cwd: example, env, stdio: 'pipe' });
  programs.push(program);
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [program.stdout, program.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
      for (const listener of listeners) listener();
    });
  }
  const until = (line: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const [, found] = line.exec(output) ?? [];
        if (found !== undefined) resolve(found);
      };
      listeners.add(look);
      program.once('close', () => reject(new Error(`${file} ended:\n${output}`)));
      look();
    });
  return { program, until };
}

async function end(program: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  if (program.exitCode !== null || program.signalCode !== null) return program.exitCode;
  const closed = once(program, 'close');
  program.kill(signal);
  await closed;
  return program.exitCode;
}

async function get(url: string, host: string): Promise<readonly [number | undefined, string]> {
  const sent = request(url, { headers: { host } }).end();
  const [response] = await once(sent, 'response');
  return [response.statusCode, await text(response)];
}

test('each workload runs on a host of its group until the scheduler leaves', async () => {
  const scheduler = run('scheduler.ts');
  // Otherwise it might miss the first heartbeats, and the next ones take 15 seconds.
  await scheduler.until(/(waiting) for heartbeats/);
  const hosts = ['edge', 'cloud'].map((group) => ({ group, ...run('host.ts', group, images) }));
  const urls = new Map<string, string>();
  for (const { group, until } of hosts) {
    const url = await until(/is there, on (\S+)\n/);
    urls.set(group, url);
    expect(await scheduler.until(new RegExp(`hello-${group} runs on .* (http\\S+)\n`))).toBe(url);
    expect(await get(url, `hello-${group}`)).toEqual([200, 'hello world']);
  }
  expect((await get(urls.get('edge') ?? '', 'hello-cloud'))[0]).toBe(404);
  expect(await end(scheduler.program, 'SIGTERM')).toBe(0);
  for (const [group, url] of urls) expect((await get(url, `hello-${group}`))[0]).toBe(404);
  for (const { program } of hosts) expect(await end(program, 'SIGTERM')).toBe(0);
});

test('docs/writing-a-scheduler.md has the files of this example', async () => {
  const page = await readFile(join(example, '../../docs/writing-a-scheduler.md'), 'utf8');
  for (const file of ['src/host.ts', 'src/scheduler.ts']) {
    expect(page).toContain(`**\`${file}\`**\n\n\`\`\`ts\n${await readFile(join(example, file), 'utf8')}\`\`\`\n`);
  }
});

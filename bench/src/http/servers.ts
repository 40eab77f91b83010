import { once } from 'node:events';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LineProcess } from '../line-process.ts';
import { hasProgram } from './has-program.ts';
import { request } from './request.ts';
import type { CpuReply, PortReply } from './server-process.ts';

const startTimeoutMs = 30_000;

/** A server in a process of its own. */
export interface ServerProcess {
  readonly subject: string;
  readonly port: number;
  /** What it wrote to stderr lately. */
  readonly stderr: string;
  /** Milliseconds of processor time that it has taken so far; unset where it cannot be asked. */
  cpuMs(): Promise<number | undefined>;
  end(): Promise<void>;
}

/** What serves in the HTTP scenarios, the yardstick first. */
export const serverSubjects = [
  'node:http',
  'lodge warm',
  'lodge fresh',
  'lodge fresh, limited',
  'lodge fresh, interruptible',
  'jco serve',
  'jco serve --isolate-requests instance',
] as const;

/**
 * Makes a worker for each request, also for those whose client has gone: what is left of a round would slow everyone in the next. It is
 * started anew for each round, after the others have ended.
 */
export const busySubject = 'jco serve --isolate-requests';

/**
 * Starts a server and waits until it answers.
 *
 * @param folder for what it writes
 * @throws Error why it does not answer
 */
export async function startServer(subject: string, file: string, folder: string): Promise<ServerProcess> {
  const { process, port } = subject.startsWith('jco ')
    ? await startJco(subject, file, folder)
    : await startOwn(subject, file);
  try {
    await firstAnswer(port, process);
  } catch (error) {
    await process.end(0);
    throw error;
  }
  return {
    subject,
    port,
    get stderr() {
      return process.stderr;
    },
    async cpuMs() {
      if (subject.startsWith('jco ')) return undefined;
      return (await process.ask<CpuReply>('cpu', startTimeoutMs)).cpuMs;
    },
    end: () => process.end(),
  };
}

async function startOwn(subject: string, file: string): Promise<{ process: LineProcess; port: number }> {
  const script = fileURLToPath(new URL('./server-process.ts', import.meta.url));
  const process = new LineProcess(await onServerCores([script, subject, file]));
  try {
    const { port } = await process.ask<PortReply>(undefined, startTimeoutMs);
    return { process, port };
  } catch (error) {
    await process.end(0);
    throw error;
  }
}

async function startJco(
  subject: string,
  file: string,
  folder: string,
): Promise<{ process: LineProcess; port: number }> {
  const port = await freePort();
  const program = join(dirname(fileURLToPath(import.meta.resolve('@bytecodealliance/jco'))), 'jco.js');
  const mode = subject.includes('--isolate-requests')
    ? [
        subject.endsWith('instance') ? '--isolate-requests=instance' : '--isolate-requests=worker',
        '--isolate-worker-pool-size',
        '4',
      ]
    : [];
  const options = await onServerCores([program, 'serve', file, '--host', '127.0.0.1', '--port', String(port), ...mode]);
  const process = new LineProcess({
    ...options,
    env: { JCO_RUN_ARGS: `--import ${new URL('./end-with-input.ts', import.meta.url).href}`, TMPDIR: folder },
  });
  return { process, port };
}

/** Everywhere but on the core of the load generator, where there is a way to say so. */
async function onServerCores(args: readonly string[]): Promise<{ command: string; args: readonly string[] }> {
  const cores = availableParallelism();
  if (cores < 2 || !(await hasProgram('taskset'))) return { command: process.execPath, args };
  return { command: 'taskset', args: ['-c', `0-${cores - 2}`, process.execPath, ...args] };
}

async function firstAnswer(port: number, process: LineProcess): Promise<void> {
  const end = performance.now() + startTimeoutMs;
  for (;;) {
    const answer = request(port, 5_000);
    try {
      const status = await Promise.race([answer, process.ended]);
      if (status === 200) return;
      throw new Error(`it answers with ${status}: ${process.stderr.trim().slice(-300)}`);
    } catch (error) {
      if (!isRefused(error) || performance.now() > end) throw error;
    }
    await sleep(50);
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

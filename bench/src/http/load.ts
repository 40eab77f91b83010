import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hasProgram } from './has-program.ts';

const run = promisify(execFile);

/** How a server did under load. */
export interface LoadResult {
  /** Answers with 200 in a second. */
  readonly perSecond: number;
  readonly answers: number;
  /** Other answers, and connections that broke. */
  readonly failures: number;
}

/** Microseconds from a request to the end of its answer. */
export interface LatencyResult extends LoadResult {
  readonly p50: number;
  readonly p99: number;
}

/** 32 connections, each with one request at a time, by wrk where it is installed. */
export async function loadOf(port: number, seconds: number): Promise<LoadResult> {
  if (!(await hasProgram('wrk'))) return ownLoad<LoadResult>(port, 32, seconds);
  const { stdout } = await onLoadCore('wrk', ['-t1', '-c32', `-d${seconds}`, `http://127.0.0.1:${port}/`], seconds);
  return readWrk(stdout);
}

/** Until V8 has optimised the server, and its connections and instances have been made once. */
export async function warmUp(port: number): Promise<void> {
  await ownLoad<LoadResult>(port, 32, 0.7);
}

/** One connection, one request after another. */
export function latencyOf(port: number, seconds: number): Promise<LatencyResult> {
  return ownLoad<LatencyResult>(port, 1, seconds);
}

/**
 * Reads the report of wrk.
 *
 * @throws Error for one without requests per second
 */
export function readWrk(report: string): LoadResult {
  const perSecond = Number(/Requests\/sec:\s*([\d.]+)/.exec(report)?.[1]);
  if (Number.isNaN(perSecond)) throw new Error(`wrk said ${JSON.stringify(report.slice(0, 200))}`);
  const answers = Number(/(\d+) requests in/.exec(report)?.[1] ?? 0);
  const others = Number(/Non-2xx or 3xx responses: (\d+)/.exec(report)?.[1] ?? 0);
  const [, connect = 0, read = 0, write = 0, timeout = 0] =
    /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(report) ?? [];
  const errors = [connect, read, write, timeout].reduce((sum: number, count) => sum + Number(count), 0);
  return { perSecond, answers, failures: others + errors };
}

async function ownLoad<T extends LoadResult>(port: number, connections: number, seconds: number): Promise<T> {
  const script = fileURLToPath(new URL('./load-process.ts', import.meta.url));
  const args = [script, String(port), String(connections), String(seconds)];
  const { stdout } = await onLoadCore(process.execPath, args, seconds);
  return JSON.parse(stdout);
}

/** On the last core, away from the servers, where there is a way to say so. */
async function onLoadCore(command: string, args: readonly string[], seconds: number): Promise<{ stdout: string }> {
  const cores = availableParallelism();
  const timeout = seconds * 1000 + 15_000;
  if (cores < 2 || !(await hasProgram('taskset'))) return run(command, args, { timeout });
  return run('taskset', ['-c', String(cores - 1), command, ...args], { timeout });
}

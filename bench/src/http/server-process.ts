import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { startLodge } from './lodge-server.ts';
import { startNodeHttp } from './node-server.ts';

/** Its first line. */
export interface PortReply {
  readonly port: number;
}

/** Its answer to each line. */
export interface CpuReply {
  /** Processor time of all its threads so far, in milliseconds. */
  readonly cpuMs: number;
}

// The process of one server: says where it listens, then for each line what it has cost, and ends with its input.
const [subject, file = ''] = process.argv.slice(2);
say({ port: await start() } satisfies PortReply);
for await (const _ of createInterface({ input: process.stdin })) {
  const { user, system } = process.cpuUsage();
  say({ cpuMs: (user + system) / 1000 } satisfies CpuReply);
}
process.exit();

function say(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function start(): Promise<number> {
  if (subject === 'node:http') return (await startNodeHttp()).port;
  const { lodgeEngine } = await import('@lodge/engine');
  const bytes = new Uint8Array(await readFile(file));
  // As many warm instances as there are connections, so that no request has to be given a fresh one.
  const poolSize = subject === 'lodge warm' ? 64 : 0;
  const isLimited = subject === 'lodge fresh, limited';
  const isInterruptible = subject === 'lodge fresh, interruptible';
  return (await startLodge({ engine: lodgeEngine(), bytes, poolSize, isLimited, isInterruptible })).port;
}

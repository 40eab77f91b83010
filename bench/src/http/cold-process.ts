import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../statistics.ts';
import { startLodge } from './lodge-server.ts';
import { startNodeHttp } from './node-server.ts';
import { request } from './request.ts';

// From bytes to the first response: once in this process when it is fresh, then again when it is warm.
const [subject, file = '', warmStarts = '1'] = process.argv.slice(2);
const pauseMs = 300;
const bytes = new Uint8Array(await readFile(file));
const engineOf = subject === 'node:http' ? undefined : await engineFactory();
const cold = await firstResponse();
const warm: number[] = [];
for (let round = 0; round < Number(warmStarts); round++) {
  // What the last host still does in the background is not this one's.
  await sleep(pauseMs);
  warm.push(await firstResponse());
}
process.stdout.write(`${JSON.stringify({ cold, warm: median(warm) })}\n`);
process.exit();

async function engineFactory(): Promise<() => import('@lodge/core').Engine> {
  if (subject === 'jco engine') return (await import('@lodge/engine-jco')).jcoEngine;
  return (await import('@lodge/engine')).lodgeEngine;
}

async function firstResponse(): Promise<number> {
  const start = performance.now();
  const { port, stop } = await serve();
  const status = await request(port, 30_000);
  const elapsed = performance.now() - start;
  await stop();
  if (status !== 200) throw new Error(`the first response was ${status}`);
  return elapsed;
}

async function serve(): Promise<{ port: number; stop: () => Promise<void> }> {
  if (engineOf === undefined) {
    const { server, port } = await startNodeHttp();
    return { port, stop: async () => void server.close() };
  }
  const { host, port } = await startLodge({ engine: engineOf(), bytes, poolSize: 0 });
  return { port, stop: () => host.stop({ drainMs: 100 }) };
}

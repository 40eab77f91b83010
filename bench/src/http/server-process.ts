import { readFile } from 'node:fs/promises';
import { startLodge } from './lodge-server.ts';
import { startNodeHttp } from './node-server.ts';

// The process of one server: says where it listens, and ends with its input.
const [subject, file = ''] = process.argv.slice(2);
const port = await start();
process.stdout.write(`${JSON.stringify({ port })}\n`);
process.stdin.on('end', () => process.exit()).resume();

async function start(): Promise<number> {
  if (subject === 'node:http') return (await startNodeHttp()).port;
  const { lodgeEngine } = await import('@lodge/engine');
  const bytes = new Uint8Array(await readFile(file));
  // As many warm instances as there are connections, so that no request has to be given a fresh one.
  const poolSize = subject === 'lodge warm' ? 64 : 0;
  return (await startLodge({ engine: lodgeEngine(), bytes, poolSize })).port;
}

// Run by memory.test.ts in a process of its own: sends an object through a component to NATS and back, and prints what that took.
// By hand, with its figures beside those of the bare client: node test/memory.fixture.ts <nats url> 500 compare
import { createHost } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { blobstorePlugin } from '@lodge/plugin-blobstore';
import { natsBlobstore } from '@lodge/plugin-blobstore/nats';
import { inMemoryHttp } from '@lodge/plugin-http/in-memory';
import { wasi } from '@lodge/wasi';
import { Objm } from '@nats-io/obj';
import { connect } from '@nats-io/transport-node';
import { blobGuest } from '../src/testing/blob-guest.ts';

const [url = '', megabytes = '100', mode] = process.argv.slice(2);
const pieceBytes = 65_536;
const warmUpMegabytes = 64;

const http = inMemoryHttp();
const plugins = [wasi(), http, blobstorePlugin({ backends: [natsBlobstore({ url })] })];
const host = createHost({ engine: lodgeEngine(), plugins });
await host.start();
await host.workloadStart({
  workloadId: 'files',
  workload: {
    namespace: 'test',
    name: 'files',
    components: [{ name: 'files', source: { bytes: await blobGuest() } }],
    hostInterfaces: [
      { namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'] },
      { namespace: 'wasi', package: 'blobstore', interfaces: ['blobstore', 'container', 'types'] },
    ],
  },
});

function body(size: number): ReadableStream<Uint8Array> {
  let pieces = size / pieceBytes;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (pieces-- > 0) controller.enqueue(new Uint8Array(pieceBytes).fill(pieces));
        else controller.close();
      },
    },
    { highWaterMark: 1 },
  );
}

async function drain(stream: ReadableStream<Uint8Array> | null): Promise<number> {
  let size = 0;
  for await (const chunk of stream ?? []) size += chunk.length;
  return size;
}

let phase = 'up';
async function roundTrip(size: number): Promise<{ upload: number; download: number }> {
  phase = 'up';
  const started = performance.now();
  const put = await http.fetch('http://files/', { method: 'PUT', body: body(size), duplex: 'half' } as RequestInit);
  if (put.status !== 200) throw new Error(`PUT gave ${put.status}`);
  phase = 'down';
  const between = performance.now();
  const got = await drain((await http.fetch('http://files/', { method: 'POST' })).body);
  if (got !== size) throw new Error(`POST gave ${got} bytes of ${size}`);
  return { upload: rate(size, between - started), download: rate(size, performance.now() - between) };
}

function rate(size: number, milliseconds: number): number {
  return Math.round(size / 1_048_576 / (milliseconds / 1000));
}

/** The same with the client alone. */
async function bare(size: number): Promise<{ upload: number; download: number }> {
  const connection = await connect({ servers: url });
  const store = await new Objm(connection).create('bare');
  const started = performance.now();
  await store.put({ name: 'o' }, body(size));
  const between = performance.now();
  await drain((await store.get('o'))?.data ?? null);
  const ended = performance.now();
  await store.destroy();
  await connection.close();
  return { upload: rate(size, between - started), download: rate(size, ended - between) };
}

for (let count = 0; count < 3; count++) await roundTrip(warmUpMegabytes * 1_048_576);
const idle = process.memoryUsage.rss();
let peak = idle; console.error('idle', JSON.stringify(Object.fromEntries(Object.entries(process.memoryUsage()).map(([k, v]) => [k, v >> 20]))));
const sampling = setInterval(() => {
  const m = process.memoryUsage();
  if (m.rss > peak + 1e6) console.error(phase, JSON.stringify(Object.fromEntries(Object.entries(m).map(([k, v]) => [k, v >> 20]))));
  peak = Math.max(peak, m.rss);
}, 10);
const component = await roundTrip(Number(megabytes) * 1_048_576);
clearInterval(sampling);
const grownMegabytes = Math.round((peak - idle) / 1_048_576);
const client = mode === 'compare' ? await bare(Number(megabytes) * 1_048_576) : undefined;
await host.stop();
console.log(JSON.stringify({ megabytes: Number(megabytes), grownMegabytes, component, client }));

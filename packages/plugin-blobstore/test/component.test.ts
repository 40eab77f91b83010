import { createHost, type Host } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { type BlobstoreBackend, blobstorePlugin } from '@lodge/plugin-blobstore';
import { inMemoryBlobstore } from '@lodge/plugin-blobstore/in-memory';
import { natsBlobstore } from '@lodge/plugin-blobstore/nats';
import { type InMemoryHttp, inMemoryHttp } from '@lodge/plugin-http/in-memory';
import { wasi } from '@lodge/wasi';
import { type NatsServer, startNatsServer } from '@lodge-internal/test-nats';
import { recordSpans } from '@lodge-internal/tracing/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { blobGuest } from '../src/testing/blob-guest.js';

const servers: NatsServer[] = [];
const hosts: Host[] = [];
beforeAll(async () => {
  servers.push(await startNatsServer());
});
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.stop();
});
afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
});

const backends: Readonly<Record<string, () => BlobstoreBackend>> = {
  'in-memory': () => inMemoryBlobstore(),
  nats: () => natsBlobstore({ url: servers[0]?.url ?? '' }),
};

/** The same component and the same manifest: only the host's list of plugins differs. */
async function serve(backend: BlobstoreBackend, config: Readonly<Record<string, string>> = {}): Promise<InMemoryHttp> {
  const http = inMemoryHttp();
  const host = createHost({ engine: lodgeEngine(), plugins: [wasi(), http, blobstorePlugin({ backends: [backend] })] });
  await host.start();
  hosts.push(host);
  const status = await host.workloadStart({
    workloadId: 'files',
    workload: {
      namespace: 'test',
      name: 'files',
      components: [{ name: 'files', source: { bytes: await blobGuest() } }],
      hostInterfaces: [
        { namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'] },
        { namespace: 'wasi', package: 'blobstore', interfaces: ['blobstore', 'container', 'types'], config },
      ],
    },
  });
  expect(status).toMatchObject({ state: 'running' });
  return http;
}

describe.each(Object.keys(backends))('a component with the backend %s', (name) => {
  test('writes an object by stream, and reads a range and all of it back', async () => {
    const http = await serve(backends[name]?.() ?? inMemoryBlobstore());
    const content = Uint8Array.from({ length: 700_000 }, (_, index) => (index * 7 + (index >> 12)) % 256);
    const put = await http.fetch('http://files/', { method: 'PUT', body: content });
    expect([put.status, await put.text()]).toEqual([200, '']);
    const part = await http.fetch('http://files/');
    expect([...(await part.bytes())]).toEqual([...content.subarray(2, 6)]);
    const whole = await http.fetch('http://files/', { method: 'POST' });
    expect(Buffer.from(await whole.bytes()).equals(content)).toBe(true);
    expect((await http.fetch('http://files/', { method: 'DELETE' })).status).toBe(200);
    expect((await http.fetch('http://files/')).status).toBe(500);
  });

  test('whose client breaks off in the middle of an upload leaves what was there', async () => {
    const http = await serve(backends[name]?.() ?? inMemoryBlobstore());
    await http.fetch('http://files/', { method: 'PUT', body: 'as it was' });
    const controller = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      start(stream) {
        stream.enqueue(new Uint8Array(500_000));
      },
      pull() {
        controller.abort();
      },
    });
    const init = { method: 'PUT', body, duplex: 'half', signal: controller.signal } as const;
    await expect(http.fetch('http://files/', init)).rejects.toThrow();
    await expect.poll(() => http.exchanges).toBe(0);
    expect(await (await http.fetch('http://files/', { method: 'POST' })).text()).toBe('as it was');
  });

  test('is stopped by the limit of its entry', async () => {
    const http = await serve(backends[name]?.() ?? inMemoryBlobstore(), { max_object_bytes: '1000' });
    expect((await http.fetch('http://files/', { method: 'PUT', body: 'x'.repeat(1000) })).status).toBe(200);
    expect((await http.fetch('http://files/', { method: 'PUT', body: 'x'.repeat(1001) })).status).toBe(500);
  });
});

test('for who traces, each call is a span with the name that wasmCloud gives it', async () => {
  using recording = recordSpans();
  const http = await serve(inMemoryBlobstore());
  await http.fetch('http://files/', { method: 'PUT', body: 'content' });
  const whole = await http.fetch('http://files/', { method: 'POST' });
  expect(await whole.text()).toBe('content');
  const names = recording.spans.map(({ name }) => name);
  const wanted = [
    'new_outgoing_value',
    'outgoing_value_write_body',
    'write_data',
    'finish',
    'get_data',
    'incoming_value_consume_async',
  ].map((name) => `wasi.blobstore.${name}`);
  expect(names).toEqual(expect.arrayContaining(wanted));
  const own = names.filter((name) => name.startsWith('wasi.blobstore.'));
  // Reading and writing a stream is not a call of this interface.
  expect(own.filter((name) => !/^wasi\.blobstore\.[a-z_]+$/.test(name) || /read|splice/.test(name))).toEqual([]);
});

test('a component without an entry for the blob store does not start, and is told which package serves it', async () => {
  const host = createHost({ engine: lodgeEngine(), plugins: [wasi(), inMemoryHttp(), blobstorePlugin()] });
  await host.start();
  hosts.push(host);
  const status = await host.workloadStart({
    workloadId: 'files',
    workload: {
      namespace: 'test',
      name: 'files',
      components: [{ name: 'files', source: { bytes: await blobGuest() } }],
      hostInterfaces: [{ namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'] }],
    },
  });
  expect(status.state).toBe('error');
  expect(status.message).toContain('wasi:blobstore/blobstore@0.2.0-draft');
});

import { connect } from 'node:net';
import { createHost } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { devRouter, type HttpPlugin, httpPlugin } from '@lodge/plugin-http';
import { wasi } from '@lodge/wasi';
import { fixture } from '@lodge-internal/fixtures';
import { describe, expect, test } from 'vitest';

/** `http-spin` behind a socket of a host whose guests all give way while they compute. */
interface Served extends AsyncDisposable {
  readonly http: HttpPlugin;
  readonly port: number;
  readonly url: string;
  /** Instances that are in a call, or kept for one. */
  instances(): number;
}

async function served(poolSize: number, deadlineMs?: number): Promise<Served> {
  const limits = { drainMs: 200, ...(deadlineMs !== undefined && { deadlineMs }) };
  const http = httpPlugin({ listen: { port: 0 }, router: devRouter(), limits });
  const host = createHost({ engine: lodgeEngine(), plugins: [wasi(), http], interruption: 'always' });
  await host.start();
  const components = [{ name: 'spinner', source: { bytes: await fixture('http-spin') }, poolSize }];
  const hostInterfaces = [{ namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'] }];
  const workload = { namespace: 'test', name: 'spinner', components, hostInterfaces };
  const { message } = await host.workloadStart({ workloadId: 'spinner', workload });
  expect(message).toBe('Workload started successfully');
  const port = http.address?.port ?? 0;
  return {
    http,
    port,
    url: `http://127.0.0.1:${port}/`,
    instances: () => host.usage().workloads.reduce((sum, { instances }) => sum + instances, 0),
    [Symbol.asyncDispose]: () => host.stop(),
  };
}

/** `expect.poll` with the patience of a busy machine. */
const eventually: typeof expect.poll = (read) => expect.poll(read, { timeout: 20_000, interval: 5 });

describe.each([0, 1])('a guest that computes without end, with %i warm instances', (poolSize) => {
  test('is ended at its deadline with 504, others are answered meanwhile, and those that come after it', async () => {
    await using guest = await served(poolSize, 2_000);
    let isSpinning = true;
    const spun = fetch(guest.url, { method: 'POST' }).finally(() => {
      isSpinning = false;
    });
    await eventually(() => guest.http.exchanges).toBe(1);
    expect((await fetch(guest.url)).status).toBe(200);
    expect(isSpinning).toBe(true);
    const { status } = await spun;
    expect(status).toBe(504);
    await eventually(() => guest.http.exchanges).toBe(0);
    expect(guest.instances()).toBe(0);
    expect((await fetch(guest.url)).status).toBe(200);
  });

  test('is ended when its client goes, and nothing of it is left for the next one', async () => {
    await using guest = await served(poolSize);
    const client = connect(guest.port, '127.0.0.1');
    client.write('POST / HTTP/1.1\r\nhost: any.example\r\ncontent-length: 0\r\n\r\n');
    await eventually(() => guest.instances()).toBe(1);
    expect(guest.http.exchanges).toBe(1);
    client.destroy();
    await eventually(() => guest.http.exchanges).toBe(0);
    expect(guest.instances()).toBe(0);
    for (let index = 0; index < 3; index += 1) expect((await fetch(guest.url)).status).toBe(200);
    await eventually(() => guest.instances()).toBe(poolSize);
  });
});

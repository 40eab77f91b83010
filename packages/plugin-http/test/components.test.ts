import { readFile } from 'node:fs/promises';
import { createHost, type Host, type WorkloadStartRequest } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { devRouter, dynamicRouter, type HttpPlugin, httpPlugin } from '@lodge/plugin-http';
import { inMemoryHttp } from '@lodge/plugin-http/in-memory';
import { wasi } from '@lodge/wasi';
import { embedComponent, fixture, jsComponent } from '@lodge-internal/fixtures';
import { afterEach, describe, expect, test, vi } from 'vitest';

type Name = Parameters<typeof fixture>[0];

async function bytesOf(name: Name | 'http-hello'): Promise<Uint8Array> {
  return name === 'http-hello' ? jsComponent(name) : fixture(name);
}

const hosts: Host[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.stop();
});

async function started(http: HttpPlugin | ReturnType<typeof inMemoryHttp>): Promise<Host> {
  const host = createHost({ engine: lodgeEngine(), plugins: [wasi(), http] });
  await host.start();
  hosts.push(host);
  return host;
}

async function workload(
  name: Name | 'http-hello',
  config: Readonly<Record<string, string>> = {},
  poolSize = 0,
): Promise<WorkloadStartRequest> {
  return {
    workloadId: name,
    workload: {
      namespace: 'test',
      name,
      components: [{ name, source: { bytes: await bytesOf(name) }, poolSize }],
      hostInterfaces: [{ namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'], config }],
    },
  };
}

/** The client may have the last byte before the exchange is over. */
async function isIdle(http: { readonly exchanges: number }): Promise<void> {
  await vi.waitFor(() => expect(http.exchanges).toBe(0), { interval: 2 });
}

async function run(http: HttpPlugin | ReturnType<typeof inMemoryHttp>, request: WorkloadStartRequest): Promise<void> {
  const host = await started(http);
  expect(await host.workloadStart(request)).toMatchObject({ state: 'running' });
}

describe('a component behind a socket', () => {
  async function served(name: Name, poolSize = 0): Promise<{ http: HttpPlugin; url: string }> {
    const http = httpPlugin({ listen: { port: 0 }, router: devRouter(), limits: { drainMs: 200 } });
    await run(http, await workload(name, {}, poolSize));
    return { http, url: `http://127.0.0.1:${http.address?.port}/` };
  }

  test.each([0, 2])('answers, with %i warm instances', async (poolSize) => {
    const { http, url } = await served('lean', poolSize);
    for (let index = 0; index < 20; index++) {
      const response = await fetch(url);
      expect([response.status, await response.text()]).toEqual([200, 'hello world']);
      // In one write, although the engine suspends the guest at each blocking call.
      expect(response.headers.get('content-length')).toBe('11');
    }
    await isIdle(http);
  });

  test('echoes a body', async () => {
    const { http, url } = await served('http-echo');
    const body = 'x'.repeat(300_000);
    expect(await (await fetch(url, { method: 'POST', body })).text()).toBe(body);
    await isIdle(http);
  });

  test('that traps before the head gives 500, after it an answer that breaks off', async () => {
    const before = await served('http-trap');
    expect((await fetch(before.url)).status).toBe(500);
    const after = await served('http-trap-late');
    await expect(fetch(after.url).then((response) => response.text())).rejects.toThrow();
    await isIdle(before.http);
    await isIdle(after.http);
  });

  test('is found by its host, and no more once its workload has stopped', async () => {
    const http = httpPlugin({ listen: { port: 0 }, router: dynamicRouter() });
    const host = await started(http);
    await host.workloadStart(await workload('lean', { host: 'localhost' }));
    const url = `http://localhost:${http.address?.port}/`;
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace('localhost', '127.0.0.1'))).status).toBe(404);
    await host.workloadStop('lean');
    expect((await fetch(url)).status).toBe(404);
  });

  test('without a host key does not start under the dynamic router', async () => {
    const host = await started(httpPlugin({ router: dynamicRouter() }));
    const status = await host.workloadStart(await workload('lean'));
    expect(status.state).toBe('error');
    expect(status.message).toContain('no host header found');
  });
});

describe('a host whose guests may hold little memory', () => {
  const page = 65_536;

  async function served(
    bytes: Uint8Array,
    maxGuestMemoryBytes: number,
    poolSize = 0,
  ): Promise<{ host: Host; url: string }> {
    const http = httpPlugin({ listen: { port: 0 }, router: devRouter() });
    const host = createHost({ engine: lodgeEngine(), plugins: [wasi(), http], maxGuestMemoryBytes });
    await host.start();
    hosts.push(host);
    const request = await workload('lean', {}, poolSize);
    const components = [{ name: 'lean', source: { bytes }, poolSize }];
    const status = await host.workloadStart({ ...request, workload: { ...request.workload, components } });
    expect(status.message).toBe('Workload started successfully');
    return { host, url: `http://127.0.0.1:${http.address?.port}/` };
  }

  /** `http-echo`, but it asks for 1,000 pages and waits for the request's body before it answers. */
  async function greedy(): Promise<Uint8Array> {
    const folder = new URL('../../../internal/fixtures/components/', import.meta.url);
    const files = ['http-echo.wat', 'http-echo.wit', 'wasi.wit'].map((file) => readFile(new URL(file, folder), 'utf8'));
    const [wat = '', wit, wasiWit] = await Promise.all(files);
    const place = '(local.set $response (call $new-response';
    expect(wat).toContain(place);
    const grow = '(drop (memory.grow (i32.const 1000)))';
    const wait = '(call $blocking-read (local.get $input) (i64.const 4096) (i32.const 0))';
    return embedComponent(wat.replace(place, `${grow} ${wait} ${place}`), `${wit}\n${wasiWit}`, 'fixture');
  }

  test('answers 503 with retry-after while there is no room for another instance, and 200 when there is', async () => {
    const echo = await fixture('http-echo');
    const sizer = await served(echo, Number.MAX_SAFE_INTEGER);
    let guestMemoryBytes = 0;
    await holdRequest(sizer.url, async () => {
      ({ guestMemoryBytes } = sizer.host.usage());
    });
    expect(guestMemoryBytes).toBeGreaterThanOrEqual(page);

    const { host, url } = await served(echo, guestMemoryBytes * 1.5);
    await holdRequest(url, async () => {
      expect(host.usage().workloads).toEqual([{ workloadId: 'lean', instances: 1, guestMemoryBytes }]);
      for (let index = 0; index < 20; index++) {
        const refused = await fetch(url, { method: 'POST', body: 'no room' });
        expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
        expect(await refused.text()).toBe('service unavailable\n');
      }
    });
    for (let index = 0; index < 20; index++) {
      expect(await (await fetch(url, { method: 'POST', body: 'room again' })).text()).toBe('room again');
    }
    expect(host.usage().guestMemoryBytes).toBeLessThanOrEqual(guestMemoryBytes);
  });

  test('ends a guest that grows past it while it waits with 503, and serves those that do not', async () => {
    const { host, url } = await served(await greedy(), 500 * page);
    const body = new TransformStream<Uint8Array, Uint8Array>();
    const answered = fetch(url, { method: 'POST', body: body.readable, duplex: 'half' });
    const writer = body.writable.getWriter();
    await writer.write(new TextEncoder().encode('begun'));
    const refused = await answered;
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(host.usage().guestMemoryBytes).toBe(0);
    await writer.abort().catch(() => undefined);

    const calm = await served(await greedy(), 2_000 * page);
    expect((await fetch(calm.url, { method: 'POST', body: 'fits' })).status).toBe(200);
  });

  test('keeps warm instances as long as there is room', async () => {
    const { host, url } = await served(await fixture('lean'), 64 * page, 2);
    for (let index = 0; index < 100; index++) expect((await fetch(url)).status).toBe(200);
    const [use] = host.usage().workloads;
    expect(use?.instances).toBe(1);
  });
});

describe('a host that stops', () => {
  test('takes no more connections from then on, and lets what runs end', async () => {
    const http = httpPlugin({ listen: { port: 0 }, router: devRouter() });
    await run(http, await workload('http-echo'));
    const url = `http://127.0.0.1:${http.address?.port}/`;
    let stopped: Promise<void> | undefined;
    const answer = await holdRequest(url, async () => {
      stopped = hosts[0]?.stop();
      await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    });
    expect(answer).toBe('held');
    await stopped;
  });

  test('refuses requests in memory with 503 and retry-after', async () => {
    const http = inMemoryHttp();
    await run(http, await workload('lean'));
    const stopped = hosts[0]?.stop();
    const response = await http.fetch('http://any.example/');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    await stopped;
  });

  test('leaves its plugin to the next host, behind a socket', async () => {
    const http = httpPlugin({ listen: { port: 0 }, router: devRouter() });
    await run(http, await workload('lean'));
    await hosts[0]?.stop();
    await run(http, await workload('lean'));
    const response = await fetch(`http://127.0.0.1:${http.address?.port}/`);
    expect([response.status, await response.text()]).toEqual([200, 'hello world']);
    await isIdle(http);
  });

  test('leaves its plugin to the next host, in memory', async () => {
    const http = inMemoryHttp();
    await run(http, await workload('lean'));
    await hosts[0]?.stop();
    await run(http, await workload('lean'));
    const response = await http.fetch('http://any.example/');
    expect([response.status, await response.text()]).toEqual([200, 'hello world']);
    await isIdle(http);
  });
});

/** Posts a body whose end comes only after `meanwhile`; answers with what the guest echoed. */
async function holdRequest(url: string, meanwhile: () => Promise<void>): Promise<string> {
  const body = new TransformStream<Uint8Array, Uint8Array>();
  const writer = body.writable.getWriter();
  const answered = fetch(url, { method: 'POST', body: body.readable, duplex: 'half' });
  await writer.write(new TextEncoder().encode('held'));
  // The head of the answer tells that the guest is at work.
  const response = await answered;
  await meanwhile();
  await writer.close();
  return response.text();
}

describe('a component in memory', () => {
  test('answers and echoes', async () => {
    const http = inMemoryHttp();
    await run(http, await workload('http-echo'));
    const response = await http.fetch('http://any.example/', { method: 'POST', body: 'hello' });
    expect([response.status, await response.text()]).toEqual([200, 'hello']);
    await isIdle(http);
  });

  test('made from TypeScript answers', async () => {
    const http = inMemoryHttp();
    await run(http, await workload('http-hello'));
    const response = await http.fetch('http://any.example/');
    expect(response.status).toBe(200);
    expect((await response.text()).length).toBeGreaterThan(0);
    await isIdle(http);
  });

  test('that traps gives 500', async () => {
    const http = inMemoryHttp();
    await run(http, await workload('http-trap'));
    expect((await http.fetch('http://any.example/')).status).toBe(500);
    await isIdle(http);
  });
});

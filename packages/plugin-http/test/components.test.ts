import { createHost, type Host, type WorkloadStartRequest } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { devRouter, dynamicRouter, type HttpPlugin, httpPlugin } from '@lodge/plugin-http';
import { inMemoryHttp } from '@lodge/plugin-http/in-memory';
import { wasi } from '@lodge/wasi';
import { fixture, jsComponent } from '@lodge-internal/fixtures';
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

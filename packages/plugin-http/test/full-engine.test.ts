import { createHost, type Host } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { dynamicRouter, httpPlugin } from '@lodge/plugin-http';
import { wasi } from '@lodge/wasi';
import { fixture } from '@lodge-internal/fixtures';
import { expect, test } from 'vitest';

/** Each of them answers under a name of this machine; an instance has one memory. */
const names = { 'http-echo': 'localhost', lean: '127.0.0.1' } as const;
type Name = keyof typeof names;

/** A host whose engine has room for so many instances. Ends with its test. */
interface Served extends AsyncDisposable {
  readonly host: Host;
  /** But for what is said for each call. */
  readonly log: readonly string[];
  run(name: Name, poolSize?: number): Promise<void>;
  url(name: Name): string;
}

async function served(maxLiveMemories: number): Promise<Served> {
  const log: string[] = [];
  const logger = { log: (level: string, message: string) => void (level === 'debug' || log.push(message)) };
  const http = httpPlugin({ listen: { port: 0 }, router: dynamicRouter() });
  const host = createHost({ engine: lodgeEngine({ maxLiveMemories }), plugins: [wasi(), http], logger });
  await host.start();
  return {
    host,
    log,
    async run(name, poolSize = 0) {
      const components = [{ name, source: { bytes: await fixture(name) }, poolSize }];
      const config = { host: names[name] };
      const hostInterfaces = [{ namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'], config }];
      const workload = { namespace: 'test', name, components, hostInterfaces };
      const status = await host.workloadStart({ workloadId: name, workload });
      expect(status.message).toBe('Workload started successfully');
    },
    url: (name) => `http://${names[name]}:${http.address?.port}/`,
    [Symbol.asyncDispose]: () => host.stop(),
  };
}

/** A request that holds an instance until it is ended: its answer, once that has begun. */
async function hold(url: string): Promise<{ end(): Promise<string> }> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const answering = fetch(url, { method: 'POST', body: readable, duplex: 'half' });
  await writer.write(new TextEncoder().encode('held'));
  const answer = await answering;
  return {
    async end() {
      await writer.close();
      return answer.text();
    },
  };
}

test('a full engine is 503 with retry-after, told once, and the next request is served when one has ended', async () => {
  await using full = await served(1);
  await full.run('http-echo');
  const held = await hold(full.url('http-echo'));
  for (let index = 0; index < 20; index += 1) {
    const refused = await fetch(full.url('http-echo'), { method: 'POST', body: 'no room' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.text()).toBe('service unavailable\n');
  }
  expect(await held.end()).toBe('held');
  await expect
    .poll(async () => (await fetch(full.url('http-echo'), { method: 'POST', body: 'room again' })).text())
    .toBe('room again');
  const refusals = full.log.filter(
    (message) => message === 'the engine has no room for more instances: calls are refused',
  );
  expect(refusals).toHaveLength(1);
  expect(full.log).not.toContain('a call failed');
});

test('instances that one workload keeps warm make room for a request to another one', async () => {
  await using full = await served(1);
  await full.run('http-echo', 1);
  await full.run('lean');
  expect(await (await fetch(full.url('http-echo'), { method: 'POST', body: 'warm' })).text()).toBe('warm');
  await expect.poll(() => full.host.usage().workloads.map(({ instances }) => instances)).toEqual([1, 0]);
  expect((await fetch(full.url('lean'))).status).toBe(200);
  expect(full.host.usage().workloads.map(({ instances }) => instances)).toEqual([0, 0]);
});

import { type ComponentInfo, type HostPlugin, type InterfaceRequest, WitError } from '@lodge/core';
import { testHostPlugin } from '@lodge/plugin-conformance';
import { startNatsServer } from '@lodge-internal/test-nats';
import { describe, expect, test } from 'vitest';
import type { MessagingBackend } from './backend.js';
import { type InMemoryMessaging, inMemoryMessaging } from './in-memory/backend.js';
import { natsMessaging } from './nats/backend.js';
import { type MessagingPlugin, messagingPlugin } from './plugin.js';
import type { Consumer } from './wit/consumer.js';

const backends = new WeakMap<HostPlugin, InMemoryMessaging>();

function withOwnBroker(): MessagingPlugin {
  const backend = inMemoryMessaging();
  const plugin = messagingPlugin({ backends: [backend] });
  backends.set(plugin, backend);
  return plugin;
}

function stalled(): MessagingBackend {
  return {
    name: 'stalled',
    start: (_context, { signal }) => until(signal),
    open: (_options, { signal }) => until(signal),
  };
}

function until(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

testHostPlugin(
  { describe, test },
  {
    create: withOwnBroker,
    createStalled: () => messagingPlugin({ backends: [stalled()] }),
    createUnstartable: () => messagingPlugin({ backends: [natsMessaging({ url: '127.0.0.1:1', timeoutMs: 200 })] }),
    interfaces: [
      { id: 'wasmcloud:messaging/types@0.2.0', functions: [] },
      { id: 'wasmcloud:messaging/consumer@0.2.0', functions: ['request', 'publish'] },
      { id: 'wasmcloud:messaging/handler@0.2.0', functions: ['handle-message'] },
    ],
    workloads: [
      { namespace: 'a', config: { subscriptions: 'a.work', allowed_publish: 'a.>' } },
      { namespace: 'b', config: { subscriptions: 'b.work', allowed_publish: 'b.>' } },
    ],
    refused: [
      { config: { subscriptions: 'a b' } },
      { config: { backend: 'kafka' } },
      { config: { subscribe: 'a' } },
      { config: { allowed_publish: '$SYS.>' } },
    ],
    usesScope: true,
    held: (plugin) => backends.get(plugin)?.held ?? 0,
    async observe({ imports }) {
      const functions = imports('wasmcloud:messaging/consumer') as unknown as Consumer;
      const outcomes: unknown[] = [];
      for (const subject of ['a.x', 'b.x', '$SYS.x']) {
        const message = { subject, body: new Uint8Array(1), replyTo: undefined };
        outcomes.push(await functions.publish(message).catch((error) => (WitError.is(error) ? error.payload : error)));
      }
      return outcomes;
    },
  },
);

test('labelled imports reach the brokers of their entries', async () => {
  const [east, west] = ['east', 'west'].map((backend) => inMemoryMessaging({ backend }));
  if (east === undefined || west === undefined) throw new TypeError('no backends');
  const plugin = messagingPlugin({ backends: [east, west] });
  const hook = { signal: new AbortController().signal };
  const workload = { id: 'w', namespace: 'n', name: 'w', annotations: {} };
  const component = {
    name: 'c',
    kind: 'component',
    workload,
    localResources: { config: {} },
  } as unknown as ComponentInfo;
  const requests = ['east', 'west'].map((label): InterfaceRequest => {
    const id = 'wasmcloud:messaging/consumer@0.2.0';
    const shape = { externName: label, id, functions: [], resources: [] } as const;
    return { id, direction: 'import', externName: label, component, name: label, config: { backend: label }, shape };
  });
  const state = await plugin.onWorkloadBind(workload, requests, hook);
  const binding = await plugin.bindComponent(component, requests, state, hook);
  const imports = binding.importsFor({ id: 'i', component, signal: hook.signal, defer() {} });
  const heard: string[] = [];
  for (const backend of [east, west]) {
    const session = await backend.open({ workload, config: {}, path: 'config' }, hook);
    const receive = async (): Promise<'handled'> => {
      heard.push(backend.name);
      return 'handled';
    };
    await session.subscribe({ subjects: ['a'], group: undefined, maxInFlight: 1, receive, onLost() {} }, hook);
  }
  const labelled = imports['west'] as unknown as Consumer;
  await labelled.publish({ subject: 'a', body: new Uint8Array(1), replyTo: undefined });
  expect(heard).toEqual(['west']);
  await plugin.onWorkloadUnbind(workload, state, hook);
});

test.each([
  [{ backends: [] }, 'backends'],
  [{ backends: [inMemoryMessaging(), inMemoryMessaging()] }, 'backends'],
  [{ maxInFlight: 0 }, 'maxInFlight'],
  [{ maxInFlightPerComponent: 1.5 }, 'maxInFlightPerComponent'],
  [{ deliverTimeoutMs: Number.NaN }, 'deliverTimeoutMs'],
])('messagingPlugin(%o) is refused', (options, name) => {
  expect(() => messagingPlugin(options)).toThrow(
    expect.objectContaining({ code: 'ERR_CONFIG_INVALID', message: expect.stringContaining(name) }),
  );
});

test('a backend that cannot start stops those that have started', async () => {
  const calls: string[] = [];
  const first: MessagingBackend = {
    ...stalled(),
    name: 'first',
    start: async () => void calls.push('start'),
    stop: async () => void calls.push('stop'),
  };
  const second: MessagingBackend = {
    ...stalled(),
    name: 'second',
    start: () => Promise.reject(new Error('no server')),
  };
  const plugin = messagingPlugin({ backends: [first, second] });
  const host = { id: 'h', friendlyName: 'h', version: '0', labels: {} };
  const shared = async <T>(_key: string, create: () => Promise<T>) => create();
  const { signal } = new AbortController();
  const context = { logger: { log() {} }, host, stopping: signal, shared };
  await expect(plugin.start?.(context, { signal })).rejects.toThrow('no server');
  expect(calls).toEqual(['start', 'stop']);
});

test('a NATS server that is not there fails the start', async () => {
  const server = await startNatsServer({ jetStream: false });
  await server[Symbol.asyncDispose]();
  const plugin = messagingPlugin({ backends: [natsMessaging({ url: server.url, timeoutMs: 500 })] });
  const host = { id: 'h', friendlyName: 'h', version: '0', labels: {} };
  const shared = async <T>(_key: string, create: () => Promise<T>) => create();
  const context = { logger: { log() {} }, host, stopping: new AbortController().signal, shared };
  await expect(plugin.start?.(context, { signal: new AbortController().signal })).rejects.toMatchObject({
    code: 'ERR_CONFIG_INVALID',
  });
});

import { readFile } from 'node:fs/promises';
import { consoleLogger, createHost, type HostInterfaceSpec } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { devRouter, httpPlugin } from '@lodge/plugin-http';
import { messagingPlugin } from '@lodge/plugin-messaging';
import { inMemoryMessaging } from '@lodge/plugin-messaging/in-memory';
import { natsMessaging } from '@lodge/plugin-messaging/nats';
import { wasi } from '@lodge/wasi';

// The one line that decides where messages go: with NATS_URL they meet those of other hosts.
const url = process.env['NATS_URL'];
const broker = url === undefined ? inMemoryMessaging() : natsMessaging({ url });

const http = httpPlugin({ router: devRouter(), listen: { port: Number(process.env['PORT'] ?? 8000) } });
const plugins = [wasi(), http, messagingPlugin({ backends: [broker] })];
const host = createHost({ engine: lodgeEngine(), plugins, logger: consoleLogger({ level: 'warn' }) });
await host.start();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => host.stop());

const messaging = { namespace: 'wasmcloud', package: 'messaging' };

/** Neither may send messages anywhere else: the worker only answers. */
const workloads: Readonly<Record<string, readonly HostInterfaceSpec[]>> = {
  worker: [
    {
      ...messaging,
      interfaces: ['consumer', 'handler'],
      config: { subscriptions: 'tasks.>', allowed_publish: '' },
    },
  ],
  gateway: [
    { namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'] },
    { ...messaging, interfaces: ['consumer'], config: { allowed_publish: 'tasks.>' } },
  ],
};

for (const [name, hostInterfaces] of Object.entries(workloads)) {
  const bytes = await readFile(new URL(`../dist/${name}.wasm`, import.meta.url));
  const components = [{ name, source: { bytes } }];
  const workload = { namespace: 'default', name, components, hostInterfaces };
  const { state, message } = await host.workloadStart({ workloadId: name, workload });
  if (state !== 'running') throw new Error(message);
}
console.log(
  `listening on http://127.0.0.1:${http.address?.port}, messages ${url ? `over ${broker.name}` : broker.name}`,
);

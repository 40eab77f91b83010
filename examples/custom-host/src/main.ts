import { readFile } from 'node:fs/promises';
import { consoleLogger, createHost } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { devRouter, httpPlugin } from '@lodge/plugin-http';
import { wasi } from '@lodge/wasi';

const http = httpPlugin({ router: devRouter(), listen: { port: Number(process.env['PORT'] ?? 8000) } });
const host = createHost({ engine: lodgeEngine(), plugins: [wasi(), http], logger: consoleLogger() });
await host.start();

const bytes = await readFile(process.argv[2] ?? 'hello.wasm');
const components = [{ name: 'hello', source: { bytes } }];
const hostInterfaces = [{ namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'] }];
const workload = { namespace: 'default', name: 'hello', components, hostInterfaces };
console.log(await host.workloadStart({ workloadId: 'hello', workload }), http.address);

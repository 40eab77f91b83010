import { readFile } from 'node:fs/promises';
import { createHost } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { geoPlugin } from './plugin.ts';

const [file = 'dist/traveller.wasm', start = 'Vienna', goal = 'Lisbon'] = process.argv.slice(2);

const geo = geoPlugin({
  Vienna: { latitude: 48.2, longitude: 16.4 },
  Lisbon: { latitude: 38.7, longitude: -9.1 },
});
const host = createHost({ engine: lodgeEngine(), plugins: [geo] });
await host.start();

const components = [{ name: 'traveller', source: { bytes: new Uint8Array(await readFile(file)) } }];
const hostInterfaces = [{ namespace: 'acme', package: 'geo', interfaces: ['places', 'visitor'] }];
const workload = { namespace: 'default', name: 'traveller', components, hostInterfaces };
const status = await host.workloadStart({ workloadId: 'traveller', workload });
console.log(status.state === 'running' ? await geo.visit('traveller', start, goal) : status.message);
await host.stop();

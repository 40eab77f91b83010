import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { consoleLogger, createHost, HostError } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { dynamicRouter, httpPlugin } from '@lodge/plugin-http';
import { serveHost } from '@lodge/scheduler-protocol';
import { wasi } from '@lodge/wasi';
import { connect } from '@nats-io/transport-node';

// node src/host.ts <group> <folder>: a host of this group, whose images are the components in this folder.
const [group = 'default', folder = '.'] = process.argv.slice(2);
const logger = consoleLogger({ level: 'warn' });

const http = httpPlugin({ router: dynamicRouter(), listen: { port: Number(process.env['PORT'] ?? 0) } });
const host = createHost({
  engine: lodgeEngine(),
  plugins: [wasi(), http],
  hostname: '127.0.0.1',
  logger,
  // Whoever may schedule chooses the name, so it must not lead out of the folder.
  loader: async ({ image }) => {
    if (!/^[\w-]+$/.test(image)) throw new HostError('ERR_COMPONENT_NOT_FOUND', 'an image is a name here');
    return readFile(join(folder, `${image}.wasm`));
  },
});
await host.start();

const connection = await connect({ servers: process.env['NATS_URL'] ?? '127.0.0.1:4222', maxReconnectAttempts: -1 });
const served = await serveHost(host, connection, { hostGroup: group, logger });
console.log(`${host.friendlyName} of group ${group} is there, on http://127.0.0.1:${http.address?.port}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    // At the same time: the host gives up the starts whose answers the other one waits for.
    await Promise.all([served.close(), host.stop()]);
    await connection.close();
  });
}

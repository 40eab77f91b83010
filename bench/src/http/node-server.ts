import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The yardstick: raw `node:http` that says hello. */
export async function startNodeHttp(): Promise<{ server: Server; port: number }> {
  const server = createServer((_request, response) => {
    response.end('hello world');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

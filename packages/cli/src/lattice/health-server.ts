import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HostError } from '@lodge/core';
import type { ListenAddress } from '../settings.js';

/** What a {@link HealthServer} answers with. */
export interface HealthChecks {
  /** Why no more work should come here, in a few words each; empty: ready. */
  unreadiness(): readonly string[];
}

/** Answers the probes of an orchestrator on a port of its own. */
export interface HealthServer {
  readonly address: ListenAddress;
  close(): Promise<void>;
}

/**
 * Serves `/livez`, which is 200 as long as this process answers at all, and `/readyz`, which is 503 with the reasons while there are any.
 *
 * @throws HostError `ERR_ADDRESS_IN_USE` | `ERR_ADDRESS_DENIED`.
 */
export async function startHealthServer({ host, port }: ListenAddress, checks: HealthChecks): Promise<HealthServer> {
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 5_000 });
  // A probe is small, and one connection at a time.
  server.maxConnections = 64;
  server.on('request', (request, response) => {
    request.resume();
    const [status, text] = answer(request.method, request.url, checks);
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : `${text}\n`);
  });
  await listen(server, host, port);
  const address = server.address() as AddressInfo;
  return {
    address: { host: address.address, port: address.port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(method: string | undefined, url: string | undefined, checks: HealthChecks): [number, string] {
  const path = url?.split('?', 1)[0];
  if (path !== '/livez' && path !== '/readyz') return [404, 'there is /livez and /readyz'];
  if (method !== 'GET' && method !== 'HEAD') return [405, 'use GET'];
  const reasons = path === '/readyz' ? checks.unreadiness() : [];
  return reasons.length === 0 ? [200, 'ok'] : [503, reasons.join('\n')];
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isInUse = error.code === 'EADDRINUSE';
      const message = isInUse
        ? `Port ${port} of ${host} is in use: stop what listens there or choose another port for --health-addr.`
        : `Cannot listen on port ${port} of ${host} (${error.code}): choose another address for --health-addr.`;
      const code = isInUse ? 'ERR_ADDRESS_IN_USE' : 'ERR_ADDRESS_DENIED';
      reject(new HostError(code, message, { cause: error, details: { host, port } }));
    });
    server.listen({ host, port }, resolve);
  });
}

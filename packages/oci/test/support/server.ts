import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Artifact } from './artifacts.js';

/** A request that came. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** Answers a request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server on a random loopback port. */
export interface TestServer extends AsyncDisposable {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  readonly origin: string;
  readonly port: number;
  /** Everything that came, oldest first. */
  readonly requests: readonly SeenRequest[];
  /** How many requests had this method and a path with this in it. */
  count(method: string, part: string): number;
}

/** Starts a server that answers in whatever way, good or bad. */
export async function startServer(handler: Handler): Promise<TestServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers });
    response.on('error', () => {});
    handler(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  return {
    host,
    origin: `http://${host}`,
    port,
    requests,
    count: (method, part) => requests.filter((seen) => seen.method === method && seen.path.includes(part)).length,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers as a registry with one artifact does, under each name and tag. */
export function serve({ manifest, layer, config }: Artifact): Handler {
  return (request, response) => {
    const path = request.url ?? '';
    const found = path.includes('/manifests/')
      ? manifest
      : [manifest, layer, config].find(({ descriptor }) => path.endsWith(descriptor.digest));
    if (found === undefined) {
      response.writeHead(404).end(JSON.stringify({ errors: [{ code: 'BLOB_UNKNOWN', message: 'blob unknown' }] }));
      return;
    }
    response.setHeader('content-type', found.descriptor.mediaType);
    response.setHeader('content-length', found.bytes.length);
    response.setHeader('docker-content-digest', found.descriptor.digest);
    response.end(request.method === 'HEAD' ? undefined : found.bytes);
  };
}

/** Whether a request wants the bytes of the component. */
export function isForLayer(request: IncomingMessage, { layer }: Artifact): boolean {
  return request.url?.endsWith(layer.descriptor.digest) === true && request.method === 'GET';
}

import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { mediaTypes } from '@lodge/oci';

/** Its first line. */
export interface SlowRegistryHello {
  readonly port: number;
}

/** Its answer to each line. */
export interface SlowRegistryReply {
  /** Components that are on their way. */
  readonly trickling: number;
}

/** Bytes of each component, of which nobody ever gets the last one. */
const layerBytes = 100_000_000;
const trickle = Buffer.alloc(16_384);
const trickleMs = 100;

// A registry that has every name, and sends components at 160 KB a second. Says its port, then for each line how many it sends; ends with its input.
const config = Buffer.from('{}');
const trickling = new Set<ServerResponse>();
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '', 'http://localhost');
  const [, name = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(pathname) ?? [];
  if (kind === undefined) response.writeHead(pathname === '/v2/' ? 200 : 404).end();
  else if (kind === 'manifests') send(response, manifestOf(name), mediaTypes.manifest);
  else if (reference === digestOf(config)) send(response, config, mediaTypes.wasmConfig);
  else sendSlowly(response);
});
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as AddressInfo).port } satisfies SlowRegistryHello));
for await (const _ of createInterface({ input: process.stdin })) {
  say({ trickling: trickling.size } satisfies SlowRegistryReply);
}
process.exit();

function manifestOf(name: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: { mediaType: mediaTypes.wasmConfig, digest: digestOf(config), size: config.length },
      layers: [{ mediaType: mediaTypes.wasm, digest: digestOf(Buffer.from(name)), size: layerBytes }],
    }),
  );
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function send(response: ServerResponse, body: Buffer, type: string): void {
  const headers = { 'content-type': type, 'content-length': body.length, 'docker-content-digest': digestOf(body) };
  response.writeHead(200, headers).end(body);
}

function sendSlowly(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': mediaTypes.wasm, 'content-length': layerBytes });
  trickling.add(response);
  const timer = setInterval(() => response.write(trickle), trickleMs);
  response.on('close', () => {
    clearInterval(timer);
    trickling.delete(response);
  });
}

function say(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

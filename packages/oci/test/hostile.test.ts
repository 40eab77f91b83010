import { randomBytes } from 'node:crypto';
import { type OciClient, type OciClientOptions, OciError, type OciErrorCode, ociClient } from '@lodge/oci';
import { afterEach, expect, test } from 'vitest';
import { type Artifact, artifact, blob, digestOf, someComponent } from './support/artifacts.js';
import { cacheFiles, temporaryFolder } from './support/folders.js';
import { type Handler, isForLayer, serve, startServer, type TestServer } from './support/server.js';

const used: AsyncDisposable[] = [];

afterEach(async () => {
  for (const thing of used.splice(0).reverse()) await thing[Symbol.asyncDispose]();
});

async function serverWith(handler: Handler): Promise<TestServer> {
  const server = await startServer(handler);
  used.push(server);
  return server;
}

/** A client with an empty cache. */
async function clientWith(options: OciClientOptions = {}): Promise<{ client: OciClient; cacheDir: string }> {
  const cacheDir = await temporaryFolder();
  const client = ociClient({ plainHttp: true, dockerConfig: false, cacheDir, ...options });
  used.push(client);
  return { client, cacheDir };
}

/** The error of a pull, which must have this code and leave nothing behind. */
async function failedPull(handler: Handler, code: OciErrorCode, options: OciClientOptions = {}): Promise<OciError> {
  const server = await serverWith(handler);
  const { client, cacheDir } = await clientWith(options);
  const error: unknown = await client.pull(`${server.host}/acme/hello:1.0.0`).catch((reason: unknown) => reason);
  if (!OciError.is(error)) throw new Error(`not an OciError: ${String(error)}`);
  expect(error.message).toMatch(/^\S.*: .*\.$|^\S.*\.$/);
  expect({ code: error.code, message: error.message }).toMatchObject({ code });
  expect(await cacheFiles(cacheDir)).toEqual([]);
  return error;
}

/** Answers as a registry, but for the requests that `handler` takes. */
function registryBut(good: Artifact, handler: (...args: Parameters<Handler>) => boolean): Handler {
  const rest = serve(good);
  return (request, response) => {
    if (!handler(request, response)) rest(request, response);
  };
}

const good = artifact();

/** Answers requests for the layer. */
function layerThat(answer: Handler): Handler {
  return registryBut(good, (request, response) => {
    const isTaken = isForLayer(request, good);
    if (isTaken) answer(request, response);
    return isTaken;
  });
}

/** Answers requests for the manifest. */
function manifestThat(answer: Handler): Handler {
  return registryBut(good, (request, response) => {
    const isTaken = request.url?.includes('/manifests/') === true;
    if (isTaken) answer(request, response);
    return isTaken;
  });
}

test('a layer with other bytes of the same size is refused', async () => {
  const other = someComponent(good.component.length);
  await failedPull(
    layerThat((_, response) => response.end(other)),
    'ERR_DIGEST_MISMATCH',
  );
});

test('a layer without end is given up after the bytes that it may have', async () => {
  const closed = Promise.withResolvers<void>();
  let sent = 0;
  const endless = layerThat((_, response) => {
    response.on('close', () => closed.resolve());
    const chunk = randomBytes(65_536);
    const more = (): void => {
      while (!response.destroyed) {
        sent += chunk.length;
        if (!response.write(chunk)) break;
      }
    };
    response.on('drain', more);
    more();
  });
  await failedPull(endless, 'ERR_DIGEST_MISMATCH');
  await closed.promise;
  expect(sent).toBeLessThan(64 * 1024 * 1024);
});

test('a layer that announces another size is not read', async () => {
  const error = await failedPull(
    layerThat((_, response) => response.setHeader('content-length', 2_000_000_000).write('x')),
    'ERR_DIGEST_MISMATCH',
  );
  expect(error.message).toContain('2000000000 bytes where the manifest says 1000 bytes');
});

test('a layer that ends early is refused', async () => {
  await failedPull(
    layerThat((_, response) => response.end(good.component.subarray(0, 999))),
    'ERR_DIGEST_MISMATCH',
  );
});

test('a config with other bytes is refused', async () => {
  const { digest } = good.config.descriptor;
  const handler = registryBut(good, (request, response) => {
    const isConfig = request.url?.endsWith(digest) === true;
    if (isConfig) response.end(Buffer.from(good.config.bytes).reverse());
    return isConfig;
  });
  await failedPull(handler, 'ERR_DIGEST_MISMATCH');
});

test('a config that describes another layer is refused', async () => {
  const config = blob(JSON.stringify({ layerDigests: [digestOf('other')] }), 'application/vnd.wasm.config.v0+json');
  await failedPull(serve(artifact({ config })), 'ERR_ARTIFACT_INVALID');
});

test('a config that is not JSON is refused', async () => {
  const config = blob('{', 'application/vnd.wasm.config.v0+json');
  await failedPull(serve(artifact({ config })), 'ERR_ARTIFACT_INVALID');
});

test('a manifest other than the digest that was asked for is refused', async () => {
  const server = await serverWith(serve(good));
  const { client, cacheDir } = await clientWith();
  const pinned = client.pull(`${server.host}/acme/hello@${digestOf('something else')}`);
  await expect(pinned).rejects.toMatchObject({ code: 'ERR_DIGEST_MISMATCH' });
  expect(await cacheFiles(cacheDir)).toEqual([]);
});

test('a manifest that does not have the digest that the registry says it has is refused', async () => {
  const handler = manifestThat((_, response) => {
    response.setHeader('content-type', good.manifest.descriptor.mediaType);
    response.setHeader('docker-content-digest', digestOf('something else'));
    response.end(good.manifest.bytes);
  });
  await failedPull(handler, 'ERR_DIGEST_MISMATCH');
});

test('a manifest without end is given up', async () => {
  const handler = manifestThat((_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, ' ')));
    };
    response.on('drain', more);
    more();
  });
  await failedPull(handler, 'ERR_REGISTRY_INVALID');
});

test.each([
  ['text', 'hello'],
  ['cut off', '{"schemaVersion": 2, "mediaType"'],
  ['a list', '[]'],
  ['nested too deep to be anything', '['.repeat(100_000)],
  ['without a config', '{"schemaVersion":2,"layers":[]}'],
  ['with layers that are no list', JSON.stringify({ schemaVersion: 2, config: good.config.descriptor, layers: 7 })],
  ['with a size below nothing', manifestWith({ size: -1 })],
  ['with a size that is no number', manifestWith({ size: '1000' })],
  ['with a digest that is a path', manifestWith({ digest: 'sha256:../../../../etc/passwd' })],
])('a manifest that is %s is refused', async (_, text) => {
  const handler = manifestThat((_request, response) => {
    response.setHeader('content-type', good.manifest.descriptor.mediaType).end(text);
  });
  await failedPull(handler, 'ERR_ARTIFACT_INVALID');
});

test('a component larger than allowed is not fetched', async () => {
  const server = await serverWith(serve(good));
  const { client, cacheDir } = await clientWith({ maxArtifactBytes: 999 });
  const pulled = client.pull(`${server.host}/acme/hello:1.0.0`);
  await expect(pulled).rejects.toMatchObject({
    code: 'ERR_ARTIFACT_TOO_LARGE',
    message: expect.stringContaining('1000 bytes'),
  });
  expect(server.count('GET', '/blobs/')).toBe(0);
  expect(await cacheFiles(cacheDir)).toEqual([]);
});

test.each([
  [401, 'ERR_REGISTRY_INVALID'],
  [403, 'ERR_ACCESS_DENIED'],
  [404, 'ERR_ARTIFACT_NOT_FOUND'],
  [418, 'ERR_REGISTRY_INVALID'],
  [429, 'ERR_REGISTRY_BUSY'],
  [500, 'ERR_REGISTRY_FAILED'],
  [503, 'ERR_REGISTRY_FAILED'],
] as const)('the status %i of a manifest is %s', async (status, code) => {
  const error = await failedPull(
    manifestThat((_, response) => response.writeHead(status).end('<html>')),
    code,
  );
  expect(error.isRetryable).toBe(status === 429 || status >= 500);
});

test.each([
  [403, 'ERR_ACCESS_DENIED'],
  [404, 'ERR_ARTIFACT_NOT_FOUND'],
  [500, 'ERR_REGISTRY_FAILED'],
] as const)('the status %i of a layer is %s', async (status, code) => {
  await failedPull(
    layerThat((_, response) => response.writeHead(status).end()),
    code,
  );
});

test('what a registry says about an error is told in one line', async () => {
  const body = JSON.stringify({ errors: [{ code: 'DENIED', message: `no\n\u001b[31mred${'x'.repeat(1000)}` }] });
  const error = await failedPull(
    manifestThat((_, response) => response.writeHead(403).end(body)),
    'ERR_ACCESS_DENIED',
  );
  expect(error.message).toContain('DENIED: no??[31mred');
  expect(error.message.length).toBeLessThan(500);
  expect(error.message).not.toContain('\n');
  expect(error.message).not.toContain('\u001b');
});

test('a registry that fails for a moment is asked again', async () => {
  let failures = 0;
  const handler = layerThat((request, response) => {
    if (++failures <= 2) response.writeHead(failures === 1 ? 500 : 429, { 'retry-after': '0' }).end();
    else serve(good)(request, response);
  });
  const server = await serverWith(handler);
  const { client } = await clientWith();
  const { bytes } = await client.pull(`${server.host}/acme/hello:1.0.0`);
  expect(digestOf(bytes)).toBe(good.layer.descriptor.digest);
});

test('a registry that asks to wait is asked again no sooner', async () => {
  const times: number[] = [];
  const handler = manifestThat((request, response) => {
    times.push(performance.now());
    if (times.length === 1) response.writeHead(429, { 'retry-after': '1' }).end();
    else serve(good)(request, response);
  });
  const server = await serverWith(handler);
  const { client } = await clientWith();
  await client.pull(`${server.host}/acme/hello:1.0.0`);
  const [first = 0, second = 0] = times;
  expect(second - first).toBeGreaterThan(990);
});

test('a registry that asks to wait for longer than there is time is not waited for', async () => {
  const started = performance.now();
  const error = await failedPull(
    manifestThat((_, response) => response.writeHead(429, { 'retry-after': '3600' }).end()),
    'ERR_REGISTRY_BUSY',
  );
  expect(error.message).toContain('in 3600 s');
  expect(performance.now() - started).toBeLessThan(5000);
});

test('a connection that breaks midway is tried again', async () => {
  let breaks = 0;
  const handler = layerThat((request, response) => {
    if (++breaks > 1) {
      serve(good)(request, response);
      return;
    }
    response
      .setHeader('content-length', 1000)
      .write(good.component.subarray(0, 500), () => response.socket?.resetAndDestroy());
  });
  const server = await serverWith(handler);
  const { client } = await clientWith();
  const { bytes } = await client.pull(`${server.host}/acme/hello:1.0.0`);
  expect(digestOf(bytes)).toBe(good.layer.descriptor.digest);
  expect(breaks).toBe(2);
});

test('a connection that breaks midway each time is an error', async () => {
  const handler = layerThat((_, response) => {
    response
      .setHeader('content-length', 1000)
      .write(good.component.subarray(0, 500), () => response.socket?.resetAndDestroy());
  });
  await failedPull(handler, 'ERR_REGISTRY_UNREACHABLE');
});

test('a registry that nobody runs is an error that says so', async () => {
  const server = await startServer(() => {});
  await server[Symbol.asyncDispose]();
  const { client } = await clientWith();
  await expect(client.pull(`${server.host}/acme/hello:1.0.0`)).rejects.toMatchObject({
    code: 'ERR_REGISTRY_UNREACHABLE',
    message: expect.stringContaining('(ECONNREFUSED)'),
  });
});

test('a body that is too slow ends with the time of the pull', async () => {
  const handler = layerThat((_, response) => {
    response.setHeader('content-length', 1000).write('x');
    const drip = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(drip));
  });
  const error = await failedPull(handler, 'ERR_TRANSFER_TIMEOUT', { timeoutMs: 300 });
  expect(error.message).toContain('took longer than 300 ms');
});

test('a registry that never answers ends with the time of the pull', async () => {
  await failedPull(() => {}, 'ERR_TRANSFER_TIMEOUT', { timeoutMs: 300 });
});

test('closing the client ends a pull', async () => {
  const server = await serverWith(() => {});
  const { client } = await clientWith();
  const pulled = expect(client.pull(`${server.host}/acme/hello:1.0.0`)).rejects.toMatchObject({
    code: 'ERR_CLIENT_CLOSED',
  });
  await client.close();
  await pulled;
  await expect(client.pull(`${server.host}/acme/hello:1.0.0`)).rejects.toMatchObject({ code: 'ERR_CLIENT_CLOSED' });
});

/** Answers as a registry that takes whatever is pushed, but for the requests that `handler` takes. */
function takingRegistryBut(handler: (...args: Parameters<Handler>) => boolean): Handler {
  return (request, response) => {
    request.resume();
    if (handler(request, response)) return;
    if (request.method === 'HEAD') response.writeHead(404).end();
    else if (request.method === 'POST') response.writeHead(202, { location: '/v2/upload' }).end();
    else request.on('end', () => response.writeHead(201).end());
  };
}

test('an upload that fails for a moment begins anew', async () => {
  let failures = 0;
  const server = await serverWith(
    takingRegistryBut((request, response) => {
      const fails = request.method === 'PUT' && ++failures === 1;
      if (fails) response.writeHead(503).end();
      return fails;
    }),
  );
  const { client } = await clientWith();
  await client.push(`${server.host}/acme/hello:1.0.0`, good.component);
  expect(server.count('POST', '/blobs/uploads/')).toBe(3);
  expect(server.count('PUT', '/manifests/1.0.0')).toBe(1);
});

test.each([
  ['starts an upload and does not say where', 'POST', 202, {}, 'ERR_REGISTRY_INVALID'],
  ['has no such repository', 'POST', 404, {}, 'ERR_ARTIFACT_NOT_FOUND'],
  ['refuses the bytes', 'PUT', 400, {}, 'ERR_REGISTRY_INVALID'],
  ['stores something else', 'PUT', 201, { 'docker-content-digest': digestOf('x') }, 'ERR_DIGEST_MISMATCH'],
] as const)('a registry that %s fails the push', async (_, method, status, headers, code) => {
  const server = await serverWith(
    takingRegistryBut((request, response) => {
      const isTaken = request.method === method;
      if (isTaken) request.on('end', () => response.writeHead(status, headers).end());
      return isTaken;
    }),
  );
  const { client } = await clientWith();
  await expect(client.push(`${server.host}/acme/hello:1.0.0`, good.component)).rejects.toMatchObject({ code });
});

function manifestWith(layer: Readonly<Record<string, unknown>>): string {
  return Buffer.from(
    artifact({ manifest: { layers: [{ ...good.layer.descriptor, ...layer }] } }).manifest.bytes,
  ).toString();
}

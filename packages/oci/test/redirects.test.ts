import { ociClient } from '@lodge/oci';
import { afterEach, expect, test } from 'vitest';
import { artifact, digestOf } from './support/artifacts.js';
import { cacheFiles, temporaryFolder } from './support/folders.js';
import { type Handler, isForLayer, serve, startServer, type TestServer } from './support/server.js';

const used: AsyncDisposable[] = [];
const credentials = { username: 'ann', password: 'open sesame' };
const good = artifact();

afterEach(async () => {
  for (const thing of used.splice(0).reverse()) await thing[Symbol.asyncDispose]();
});

async function serverWith(handler: Handler): Promise<TestServer> {
  const server = await startServer(handler);
  used.push(server);
  return server;
}

/** A registry that wants credentials and sends whoever wants the layer somewhere else. */
function registryRedirectingTo(location: string | (() => string)): Promise<TestServer> {
  return serverWith((request, response) => {
    if (request.headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
    } else if (isForLayer(request, good)) {
      response.writeHead(307, { location: typeof location === 'string' ? location : location() }).end();
    } else {
      serve(good)(request, response);
    }
  });
}

async function pull(
  host: string,
  options: { plainHttp?: boolean | string[]; cacheDir?: string } = {},
): Promise<Uint8Array> {
  await using client = ociClient({ plainHttp: true, dockerConfig: false, ...options });
  return (await client.pull(`${host}/acme/hello:1.0.0`, { credentials })).bytes;
}

test('a layer may be on another server, which does not get the credentials', async () => {
  const storage = await serverWith((_, response) => response.end(good.component));
  const registry = await registryRedirectingTo(`${storage.origin}/bucket/layer?signature=abc`);
  expect(digestOf(await pull(registry.host))).toBe(good.layer.descriptor.digest);
  expect(storage.requests).toHaveLength(1);
  expect(storage.requests[0]?.path).toBe('/bucket/layer?signature=abc');
  expect(storage.requests[0]?.headers.authorization).toBeUndefined();
});

test('credentials in the address of a redirect are not used', async () => {
  const storage = await serverWith((_, response) => response.end(good.component));
  const registry = await registryRedirectingTo(`http://mallory:secret@${storage.host}/layer`);
  await pull(registry.host);
  expect(storage.requests[0]?.headers.authorization).toBeUndefined();
});

test('a redirect within the registry keeps the credentials', async () => {
  const registry: TestServer = await serverWith((request, response) => {
    if (request.headers.authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
    else if (isForLayer(request, good)) response.writeHead(302, { location: '/elsewhere' }).end();
    else if (request.url === '/elsewhere') response.end(good.component);
    else serve(good)(request, response);
  });
  expect(digestOf(await pull(registry.host))).toBe(good.layer.descriptor.digest);
});

test('a redirect back to the registry comes without the credentials', async () => {
  const storage = await serverWith((_, response) =>
    response.writeHead(307, { location: `${registry.origin}/back` }).end(),
  );
  const registry = await registryRedirectingTo(() => `${storage.origin}/layer`);
  const failed = pull(registry.host);
  await expect(failed).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_/) });
  const back = registry.requests.filter(({ path }) => path === '/back');
  expect(back.length).toBeGreaterThan(0);
  expect(back.every(({ headers }) => headers.authorization === undefined)).toBe(true);
});

test.each([
  ['the metadata service', 'http://169.254.169.254/latest/meta-data/'],
  ['the metadata service in one number', 'http://2852039166/latest/meta-data/'],
  ['the metadata service in IPv6', 'http://[::ffff:169.254.169.254]/latest/meta-data/'],
  ['a link-local address', 'http://[fe80::1]/'],
])('a redirect to %s is refused', async (_, location) => {
  const registry = await registryRedirectingTo(location);
  const cacheDir = await temporaryFolder();
  await expect(pull(registry.host, { cacheDir })).rejects.toMatchObject({ code: 'ERR_REDIRECT_DENIED' });
  expect(await cacheFiles(cacheDir)).toEqual([]);
});

test('a redirect to something other than HTTP is refused', async () => {
  const registry = await registryRedirectingTo('file:///etc/passwd');
  await expect(pull(registry.host)).rejects.toMatchObject({ code: 'ERR_REDIRECT_DENIED' });
});

test('a redirect that leads nowhere is refused', async () => {
  const registry = await registryRedirectingTo('http://');
  await expect(pull(registry.host)).rejects.toMatchObject({ code: 'ERR_REGISTRY_INVALID' });
});

test('redirects in a circle end', async () => {
  const registry = await registryRedirectingTo('/v2/again');
  const again = await serverWith((_, response) => response.writeHead(307, { location: '/again' }).end());
  const circle = await registryRedirectingTo(`${again.origin}/again`);
  await expect(pull(circle.host)).rejects.toMatchObject({ code: 'ERR_REGISTRY_INVALID' });
  expect(again.requests.length).toBeLessThan(10);
  await expect(pull(registry.host)).rejects.toMatchObject({ code: 'ERR_ARTIFACT_NOT_FOUND' });
});

test('an upload to another server goes there without the credentials', async () => {
  const storage = await serverWith((request, response) => {
    request.resume().on('end', () => response.writeHead(201).end());
  });
  const registry = await serverWith((request, response) => {
    request.resume();
    if (request.headers.authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
    else if (request.method === 'HEAD') response.writeHead(404).end();
    else if (request.method === 'POST')
      response.writeHead(202, { location: `${storage.origin}/upload?id=a%2Bb+c~%20` }).end();
    else response.writeHead(201).end();
  });
  await using client = ociClient({ plainHttp: true, dockerConfig: false });
  await client.push(`${registry.host}/acme/hello:1.0.0`, good.component, { credentials });
  const puts = storage.requests.map(({ method, path }) => `${method} ${path.replace(/sha256%3A[0-9a-f]{64}$/, '…')}`);
  expect(puts).toEqual(['PUT /upload?id=a%2Bb+c~%20&digest=…', 'PUT /upload?id=a%2Bb+c~%20&digest=…']);
  expect(storage.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  expect(registry.requests.at(-1)?.headers.authorization).toBeDefined();
});

test('an upload that is redirected is refused', async () => {
  const registry = await serverWith((request, response) => {
    request.resume();
    if (request.method === 'HEAD') response.writeHead(404).end();
    else response.writeHead(307, { location: '/elsewhere' }).end();
  });
  await using client = ociClient({ plainHttp: true, dockerConfig: false });
  const pushed = client.push(`${registry.host}/acme/hello:1.0.0`, good.component);
  await expect(pushed).rejects.toMatchObject({ code: 'ERR_REDIRECT_DENIED' });
});

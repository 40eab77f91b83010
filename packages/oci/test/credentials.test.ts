import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ociClient } from '@lodge/oci';
import { registryUser, startRegistry, startTokenServer } from '@lodge-internal/test-registry';
import { afterEach, expect, test, vi } from 'vitest';
import { artifact, someComponent } from './support/artifacts.js';
import { temporaryFolder } from './support/folders.js';
import { serve, startServer } from './support/server.js';

const wrong = { username: 'ann', password: 'wrong' };

afterEach(() => vi.unstubAllEnvs());

/** A config file of Docker's with this in it. */
async function dockerConfig(content: unknown): Promise<string> {
  const file = join(await temporaryFolder(), 'config.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const basic = Buffer.from(`${registryUser.username}:${registryUser.password}`).toString('base64');

test('with basic authentication the right credentials get in, others are told what is wrong', async () => {
  await using registry = await startRegistry({ auth: 'basic' });
  await using oci = ociClient({ plainHttp: [registry.host], dockerConfig: false });
  const reference = `${registry.host}/acme/hello:1`;
  const { digest } = await oci.push(reference, someComponent(), { credentials: registryUser });
  expect((await oci.pull(reference, { credentials: registryUser })).digest).toBe(digest);
  expect(await oci.resolve(reference, { credentials: registryUser })).toEqual({ digest });
  await expect(oci.pull(reference)).rejects.toMatchObject({ code: 'ERR_CREDENTIALS_MISSING' });
  await expect(oci.pull(reference, { credentials: wrong })).rejects.toMatchObject({ code: 'ERR_CREDENTIALS_REFUSED' });
  await expect(oci.push(reference, someComponent())).rejects.toMatchObject({ code: 'ERR_CREDENTIALS_MISSING' });
});

test("credentials come from Docker's config file", async () => {
  await using registry = await startRegistry({ auth: 'basic' });
  const file = await dockerConfig({ auths: { [registry.host]: { auth: basic } } });
  await using oci = ociClient({ plainHttp: [registry.host], dockerConfig: file });
  const { digest } = await oci.push(`${registry.host}/acme/hello:1`, someComponent());
  expect((await oci.pull(`${registry.host}/acme/hello:1`)).digest).toBe(digest);
  await expect(oci.pull(`${registry.host}/acme/hello:1`, { credentials: wrong })).rejects.toMatchObject({
    code: 'ERR_CREDENTIALS_REFUSED',
  });
});

test('DOCKER_CONFIG names the folder of the config file', async () => {
  await using registry = await startRegistry({ auth: 'basic' });
  const file = await dockerConfig({ auths: { [`https://${registry.host}/v2/`]: { ...registryUser } } });
  vi.stubEnv('DOCKER_CONFIG', join(file, '..'));
  await using oci = ociClient({ plainHttp: [registry.host] });
  await oci.push(`${registry.host}/acme/hello:1`, someComponent());
});

test.each(['credHelpers', 'credsStore'])('credentials come from a helper that %s names', async (member) => {
  await using registry = await startRegistry({ auth: 'basic' });
  await helper(
    'lodge-test',
    `read server; [ "$server" = "${registry.host}" ] && echo '${JSON.stringify({ Username: registryUser.username, Secret: registryUser.password })}'`,
  );
  const file = await dockerConfig({
    [member]: member === 'credsStore' ? 'lodge-test' : { [registry.host]: 'lodge-test' },
  });
  await using oci = ociClient({ plainHttp: [registry.host], dockerConfig: file });
  await oci.push(`${registry.host}/acme/hello:1`, someComponent());
});

test('with a token service, tokens are bought with the credentials and used while they are good', async () => {
  await using tokens = await startTokenServer({ user: registryUser });
  await using registry = await startRegistry({ auth: tokens });
  await using oci = ociClient({ plainHttp: [registry.host], dockerConfig: false });
  const reference = `${registry.host}/acme/hello:1`;
  const { digest } = await oci.push(reference, someComponent(), { credentials: registryUser });
  expect(tokens.requests.map(({ scopes }) => scopes)).toEqual([['repository:acme/hello:pull,push']]);
  expect((await oci.pull(reference, { credentials: registryUser })).digest).toBe(digest);
  await oci.pull(reference, { credentials: registryUser, policy: 'always' });
  expect(tokens.requests.map(({ scopes }) => scopes).slice(1)).toEqual([['repository:acme/hello:pull']]);
  await expect(oci.pull(reference)).rejects.toMatchObject({ code: 'ERR_CREDENTIALS_MISSING' });
  await expect(oci.pull(reference, { credentials: wrong })).rejects.toMatchObject({ code: 'ERR_CREDENTIALS_REFUSED' });
});

test('a token service gives tokens for what is public to everybody', async () => {
  await using tokens = await startTokenServer({
    user: registryUser,
    isPublic: (repository) => repository === 'acme/public',
  });
  await using registry = await startRegistry({ auth: tokens });
  await using oci = ociClient({ plainHttp: [registry.host], dockerConfig: false });
  const reference = `${registry.host}/acme/public:1`;
  const { digest } = await oci.push(reference, someComponent(), { credentials: registryUser });
  expect((await oci.pull(reference)).digest).toBe(digest);
  await expect(oci.push(reference, someComponent())).rejects.toMatchObject({ code: 'ERR_CREDENTIALS_MISSING' });
});

test('a token that has run out is replaced', async () => {
  await using tokens = await startTokenServer({ user: registryUser, expiresIn: 1 });
  await using registry = await startRegistry({ auth: tokens });
  await using oci = ociClient({ plainHttp: [registry.host], dockerConfig: false });
  await oci.push(`${registry.host}/acme/hello:1`, someComponent(), { credentials: registryUser });
  expect(tokens.requests.length).toBeGreaterThan(1);
});

test('an identity token buys tokens', async () => {
  await using tokens = await startTokenServer({ user: registryUser, identityToken: 'stands for ann' });
  await using registry = await startRegistry({ auth: tokens });
  const file = await dockerConfig({ auths: { [registry.host]: { identitytoken: 'stands for ann' } } });
  await using oci = ociClient({ plainHttp: [registry.host], dockerConfig: file });
  await oci.push(`${registry.host}/acme/hello:1`, someComponent());
  expect(tokens.requests).toMatchObject([{ method: 'POST', isKnownUser: true }]);
});

test('credentials do not go to a token service of another site, unless it is named', async () => {
  const good = artifact();
  const seen: (string | undefined)[] = [];
  await using service = await startServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end(JSON.stringify({ token: 'abc' }));
  });
  await using registry = await startServer((request, response) => {
    const realm = `http://localhost:${service.port}/token`;
    if (request.headers.authorization === 'Bearer abc') serve(good)(request, response);
    else response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="x"` }).end();
  });
  const reference = `${registry.host}/acme/hello:1`;
  await using strict = ociClient({ plainHttp: true, dockerConfig: false });
  await expect(strict.pull(reference, { credentials: registryUser })).rejects.toMatchObject({
    code: 'ERR_REALM_UNTRUSTED',
    message: expect.stringContaining(`name localhost:${service.port} in tokenRealms`),
  });
  expect(seen).toEqual([]);
  await strict.pull(reference);
  expect(seen).toEqual([undefined]);
  await using trusting = ociClient({
    plainHttp: true,
    dockerConfig: false,
    tokenRealms: [`localhost:${service.port}`],
  });
  await trusting.pull(reference, { credentials: registryUser });
  expect(seen).toEqual([undefined, `Basic ${basic}`]);
});

test('a token service that redirects elsewhere does not take the credentials along', async () => {
  const seen: (string | undefined)[] = [];
  await using elsewhere = await startServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(401).end();
  });
  await using registry = await startServer((request, response) => {
    if (request.url?.startsWith('/token') === true) response.writeHead(307, { location: elsewhere.origin }).end();
    else response.writeHead(401, { 'www-authenticate': `Bearer realm="${registry.origin}/token"` }).end();
  });
  await using oci = ociClient({ plainHttp: true, dockerConfig: false });
  const pulled = oci.pull(`${registry.host}/acme/hello:1`, { credentials: registryUser });
  await expect(pulled).rejects.toMatchObject({ code: 'ERR_CREDENTIALS_REFUSED' });
  expect(seen).toEqual([undefined]);
});

test.each([
  ['text', 'hello'],
  ['nothing', '{}'],
  ['a token with a line break', JSON.stringify({ token: 'a\r\nx-evil: 1' })],
  ['a token that is no text', JSON.stringify({ token: 7 })],
])('a token service that answers %s is an error', async (_, body) => {
  await using registry = await startServer((request, response) => {
    if (request.url?.startsWith('/token') === true) response.end(body);
    else response.writeHead(401, { 'www-authenticate': `Bearer realm="${registry.origin}/token"` }).end();
  });
  await using oci = ociClient({ plainHttp: true, dockerConfig: false });
  await expect(oci.pull(`${registry.host}/acme/hello:1`)).rejects.toMatchObject({ code: 'ERR_REGISTRY_INVALID' });
});

test('a registry that takes no token asks for credentials once and not for ever', async () => {
  await using registry = await startServer((request, response) => {
    if (request.url?.startsWith('/token') === true) response.end(JSON.stringify({ token: 'abc' }));
    else response.writeHead(401, { 'www-authenticate': `Bearer realm="${registry.origin}/token"` }).end();
  });
  await using oci = ociClient({ plainHttp: true, dockerConfig: false });
  await expect(oci.pull(`${registry.host}/acme/hello:1`, { credentials: registryUser })).rejects.toMatchObject({
    code: 'ERR_CREDENTIALS_REFUSED',
  });
  expect(registry.requests).toHaveLength(3);
});

test('no error and no log line holds a credential or a token', async () => {
  const text: string[] = [];
  const secret = 'do not print me';
  await using registry = await startServer((request, response) => {
    if (request.url?.startsWith('/token') === true) response.end(JSON.stringify({ token: 'do-not-print-me' }));
    else if (request.headers.authorization === undefined)
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${registry.origin}/token"` }).end();
    else response.writeHead(500).end();
  });
  await using oci = ociClient({
    plainHttp: true,
    dockerConfig: false,
    logger: { log: (...line) => text.push(JSON.stringify(line)) },
  });
  const error = await oci
    .pull(`${registry.host}/acme/hello:1`, { credentials: { username: 'ann', password: secret } })
    .catch((reason: unknown) => reason);
  text.push(JSON.stringify(error, Object.getOwnPropertyNames(error)));
  expect(text.length).toBeGreaterThan(2);
  expect(text.join('\n')).not.toMatch(/print.me/);
});

/** A program `docker-credential-<name>` on the path. */
async function helper(name: string, script: string): Promise<void> {
  const folder = join(await temporaryFolder(), 'bin');
  await mkdir(folder);
  const file = join(folder, `docker-credential-${name}`);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
}

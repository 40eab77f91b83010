import { chmod, copyFile, mkdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type OciClientOptions, ociClient } from '@lodge/oci';
import { registryUser, startRegistry } from '@lodge-internal/test-registry';
import { afterEach, expect, test } from 'vitest';
import { artifact, digestOf, someComponent } from './support/artifacts.js';
import { cacheFiles, temporaryFolder } from './support/folders.js';
import { serve, startServer, type TestServer } from './support/server.js';

const used: AsyncDisposable[] = [];

afterEach(async () => {
  for (const thing of used.splice(0).reverse()) await thing[Symbol.asyncDispose]();
});

async function registryWith(content = artifact()): Promise<TestServer> {
  const server = await startServer(serve(content));
  used.push(server);
  return server;
}

function client(options: OciClientOptions): ReturnType<typeof ociClient> {
  const oci = ociClient({ plainHttp: true, dockerConfig: false, ...options });
  used.push(oci);
  return oci;
}

test('files and folders of the cache are for this user only', async () => {
  const cacheDir = await temporaryFolder();
  await chmod(cacheDir, 0o777);
  const registry = await registryWith();
  await client({ cacheDir }).pull(`${registry.host}/acme/hello:1`);
  const files = await cacheFiles(cacheDir);
  expect(files).toHaveLength(4);
  expect(new Set(files.map(({ mode }) => mode))).toEqual(new Set([0o600]));
});

test('a folder in its place that others can look into is not used', async () => {
  const cacheDir = await temporaryFolder();
  await mkdir(join(cacheDir, 'lodge-oci-1'));
  await chmod(join(cacheDir, 'lodge-oci-1'), 0o755);
  const logged: string[] = [];
  const registry = await registryWith();
  const oci = client({ cacheDir, logger: { log: (level, message) => logged.push(`${level}: ${message}`) } });
  await oci.pull(`${registry.host}/acme/hello:1`);
  expect(await cacheFiles(cacheDir)).toEqual([]);
  expect(logged).toContain('warn: the cache of components cannot be used');
});

test('a link in its place is not followed', async () => {
  const [cacheDir, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
  await symlink(elsewhere, join(cacheDir, 'lodge-oci-1'));
  const registry = await registryWith();
  await client({ cacheDir }).pull(`${registry.host}/acme/hello:1`);
  expect(await cacheFiles(elsewhere)).toEqual([]);
});

test.each([
  [
    'changed',
    (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte, at) => (at === bytes.length - 1 ? ~byte : byte))),
  ],
  ['cut off', (bytes: Buffer): Buffer => bytes.subarray(0, 10)],
  ['grown', (bytes: Buffer): Buffer => Buffer.concat([bytes, bytes])],
  ['empty', (): Buffer => Buffer.alloc(0)],
])('files that are %s are fetched again', async (_, damage) => {
  const cacheDir = await temporaryFolder();
  const content = artifact();
  const registry = await registryWith(content);
  const oci = client({ cacheDir });
  const reference = `${registry.host}/acme/hello@${content.manifest.descriptor.digest}`;
  await oci.pull(reference);
  for (const { path } of await cacheFiles(cacheDir)) {
    const sound = await readFile(path);
    await writeFile(path, damage(sound));
    const requests = registry.requests.length;
    const { bytes } = await oci.pull(reference);
    expect(digestOf(bytes)).toBe(content.layer.descriptor.digest);
    expect(registry.requests.length).toBeGreaterThan(requests);
    expect(Buffer.compare(await readFile(path), sound)).toBe(0);
    await oci.pull(reference, { policy: 'never' });
  }
});

test('what a reference means cannot be swapped with that of another', async () => {
  const cacheDir = await temporaryFolder();
  const registry = await registryWith();
  const oci = client({ cacheDir });
  await oci.pull(`${registry.host}/acme/one:1`);
  const entries = async (): Promise<string[]> => {
    const files = await cacheFiles(cacheDir);
    return files.map(({ path }) => path).filter((path) => path.includes('references'));
  };
  const ones = await entries();
  await oci.pull(`${registry.host}/acme/two:1`);
  const twos = (await entries()).filter((path) => !ones.includes(path));
  for (const path of twos) await copyFile(ones[0] ?? '', path);
  await expect(oci.pull(`${registry.host}/acme/two:1`, { policy: 'never' })).rejects.toMatchObject({
    code: 'ERR_ARTIFACT_NOT_CACHED',
  });
});

test('what was used least recently makes room', async () => {
  const cacheDir = await temporaryFolder();
  await using registry = await startRegistry();
  // Two components of 100,000 bytes, with a manifest and an entry each, and not three.
  const oci = client({ cacheDir, maxCacheBytes: 240_000 });
  const reference = (name: string): string => `${registry.host}/acme/${name}:1`;
  const pull = async (name: string): Promise<void> => {
    // Files of one test are older than what it uses next.
    for (const { path } of await cacheFiles(cacheDir)) await age(path);
    await oci.pull(reference(name));
  };
  for (const name of ['a', 'b', 'c']) await oci.push(reference(name), someComponent(100_000));
  await pull('a');
  await pull('b');
  await pull('a');
  await pull('c');
  const isThere = (name: string): Promise<boolean> =>
    oci.pull(reference(name), { policy: 'never' }).then(
      () => true,
      () => false,
    );
  expect({ a: await isThere('a'), b: await isThere('b'), c: await isThere('c') }).toEqual({
    a: true,
    b: false,
    c: true,
  });
});

test('a component larger than the cache is pulled and not kept', async () => {
  const cacheDir = await temporaryFolder();
  const registry = await registryWith(artifact({ component: someComponent(50_000) }));
  const oci = client({ cacheDir, maxCacheBytes: 20_000 });
  expect((await oci.pull(`${registry.host}/acme/hello:1`)).bytes).toHaveLength(50_000);
  const total = (await cacheFiles(cacheDir)).reduce((sum, { size }) => sum + size, 0);
  expect(total).toBeLessThan(20_000);
});

test('what a process that died was writing is removed after a while', async () => {
  const cacheDir = await temporaryFolder();
  const registry = await registryWith();
  const oci = client({ cacheDir });
  await oci.pull(`${registry.host}/acme/hello:1`);
  const [left, recent] = ['left', 'recent'].map((name) => join(cacheDir, 'lodge-oci-1', 'staging', name));
  for (const path of [left, recent]) await writeFile(path ?? '', 'half');
  const past = new Date(Date.now() - 2 * 60 * 60 * 1000);
  await utimes(left ?? '', past, past);
  await oci.pull(`${registry.host}/acme/other:1`);
  const staging = (await cacheFiles(cacheDir)).map(({ path }) => path).filter((path) => path.includes('staging'));
  expect(staging).toEqual([recent]);
});

test('what one caller pulled with credentials is not given to others without asking the registry', async () => {
  const cacheDir = await temporaryFolder();
  await using registry = await startRegistry({ auth: 'basic' });
  const oci = client({ cacheDir });
  const reference = `${registry.host}/acme/secret:1`;
  await oci.push(reference, someComponent(), { credentials: registryUser });
  await oci.pull(reference, { credentials: registryUser });
  await expect(oci.pull(reference)).rejects.toMatchObject({ code: 'ERR_CREDENTIALS_MISSING' });
  await expect(oci.pull(reference, { policy: 'never' })).rejects.toMatchObject({ code: 'ERR_ARTIFACT_NOT_CACHED' });
  const wrong = { ...registryUser, password: 'guess' };
  await expect(oci.pull(reference, { credentials: wrong })).rejects.toMatchObject({ code: 'ERR_CREDENTIALS_REFUSED' });
  await expect(oci.pull(reference, { credentials: wrong, policy: 'never' })).rejects.toMatchObject({
    code: 'ERR_ARTIFACT_NOT_CACHED',
  });
  await registry.stop();
  // Another process of the host recognises them too.
  for (const again of [oci, client({ cacheDir })])
    await again.pull(reference, { credentials: registryUser, policy: 'never' });
});

test('what the host pulled with its own credentials is for callers without, not for those with others', async () => {
  const cacheDir = await temporaryFolder();
  await using registry = await startRegistry({ auth: 'basic' });
  const dockerConfig = join(await temporaryFolder(), 'config.json');
  await writeFile(dockerConfig, JSON.stringify({ auths: { [registry.host]: registryUser } }));
  const oci = client({ cacheDir, dockerConfig });
  const reference = `${registry.host}/acme/secret:1`;
  await oci.push(reference, someComponent());
  await oci.pull(reference);
  const others = { username: 'bob', password: 'guess' };
  await expect(oci.pull(reference, { credentials: others })).rejects.toMatchObject({ code: 'ERR_CREDENTIALS_REFUSED' });
  await registry.stop();
  // A hit asks nobody, and that includes what says who we are.
  await writeFile(dockerConfig, 'no longer JSON');
  await oci.pull(reference);
});

test('a caller whose credentials are new is asked for once and does not fetch the component again', async () => {
  const cacheDir = await temporaryFolder();
  const registry = await registryWith();
  const oci = client({ cacheDir });
  const reference = `${registry.host}/acme/hello:1`;
  await oci.pull(reference, { credentials: { username: 'ann', password: 'a' } });
  const before = registry.requests.length;
  const bob = { username: 'bob', password: 'b' };
  await oci.pull(reference, { credentials: bob });
  expect(registry.requests.slice(before).map(({ method }) => method)).toEqual(['HEAD']);
  await oci.pull(reference, { credentials: bob });
  expect(registry.requests.slice(before)).toHaveLength(1);
});

test('the cache has no password in it', async () => {
  const cacheDir = await temporaryFolder();
  const registry = await registryWith();
  await client({ cacheDir }).pull(`${registry.host}/acme/hello:1`, {
    credentials: { username: 'ann', password: 'hunter-two' },
  });
  for (const { path } of await cacheFiles(cacheDir)) expect((await readFile(path)).includes('hunter-two')).toBe(false);
});

test('what was pulled by tag is there by digest too', async () => {
  const cacheDir = await temporaryFolder();
  const registry = await registryWith();
  const oci = client({ cacheDir });
  const { digest } = await oci.pull(`${registry.host}/acme/hello:1`);
  expect((await oci.pull(`${registry.host}/acme/hello@${digest}`, { policy: 'never' })).digest).toBe(digest);
});

test('with always, what has not changed is asked for and not fetched', async () => {
  const cacheDir = await temporaryFolder();
  const registry = await registryWith();
  const oci = client({ cacheDir });
  await oci.pull(`${registry.host}/acme/hello:1`, { policy: 'always' });
  const before = registry.requests.length;
  await oci.pull(`${registry.host}/acme/hello:1`, { policy: 'always' });
  expect(registry.requests.slice(before).map(({ method }) => method)).toEqual(['HEAD']);
});

test('a cache that cannot be written does not stop a pull', async () => {
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, '');
  const registry = await registryWith();
  const oci = client({ cacheDir: join(file, 'cache') });
  await oci.pull(`${registry.host}/acme/hello:1`);
});

/** Makes a file a minute older. */
async function age(path: string): Promise<void> {
  const { mtimeMs } = await stat(path);
  const earlier = new Date(mtimeMs - 60_000);
  await utimes(path, earlier, earlier);
}

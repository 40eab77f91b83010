import { type OciProgress, ociClient } from '@lodge/oci';
import { type Registry, registryCertificate, startRegistry } from '@lodge-internal/test-registry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { artifact, blob, digestOf, someComponent } from './support/artifacts.js';
import { temporaryFolder } from './support/folders.js';
import { rawPush, rawPushManifest } from './support/raw-push.js';

let registry: Registry;

beforeAll(async () => {
  registry = await startRegistry();
});

afterAll(() => registry[Symbol.asyncDispose]());

const client = (options: { cacheDir?: string } = {}): ReturnType<typeof ociClient> =>
  ociClient({ plainHttp: [registry.host], dockerConfig: false, ...options });

async function getJson(path: string): Promise<Record<string, unknown>> {
  const accept = 'application/vnd.oci.image.manifest.v1+json';
  const response = await fetch(`${registry.url}/v2/${path}`, { headers: { accept } });
  return (await response.json()) as Record<string, unknown>;
}

test('what was pushed is pulled', async () => {
  await using oci = client();
  const component = someComponent(700_000);
  const pushed = await oci.push(`${registry.host}/acme/hello:1.0.0`, component);
  const pulled = await oci.pull(`${registry.host}/acme/hello:1.0.0`);
  expect(Buffer.compare(pulled.bytes, component)).toBe(0);
  expect(pulled).toMatchObject({ ...pushed, mediaType: 'application/wasm' });
  expect(await oci.resolve(`${registry.host}/acme/hello:1.0.0`)).toEqual({ digest: pushed.digest });
  const pinned = await oci.pull(`${registry.host}/acme/hello@${pushed.digest}`);
  expect(Buffer.compare(pinned.bytes, component)).toBe(0);
});

test('what is pushed has the shape that wkg writes', async () => {
  await using oci = client();
  const component = someComponent();
  await oci.push(`${registry.host}/acme/shape:1.0.0`, component, {
    annotations: { 'org.opencontainers.image.version': '1.0.0' },
    config: {
      author: 'Ann',
      created: new Date('2026-01-02T03:04:05.678Z'),
      component: { imports: ['wasi:io/poll@0.2.0'], exports: ['wasi:http/incoming-handler@0.2.0'] },
    },
  });
  const manifest = await getJson('acme/shape/manifests/1.0.0');
  expect(manifest).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.wasm.config.v0+json', digest: expect.any(String), size: expect.any(Number) },
    layers: [{ mediaType: 'application/wasm', digest: digestOf(component), size: 1000 }],
    annotations: { 'org.opencontainers.image.version': '1.0.0' },
  });
  const { digest } = manifest['config'] as { digest: string };
  expect(await getJson(`acme/shape/blobs/${digest}`)).toEqual({
    created: '2026-01-02T03:04:05.678Z',
    author: 'Ann',
    architecture: 'wasm',
    os: 'wasip2',
    layerDigests: [digestOf(component)],
    component: {
      exports: ['wasi:http/incoming-handler@0.2.0'],
      imports: ['wasi:io/poll@0.2.0'],
      target: null,
    },
  });
});

test('a core module is pushed as one', async () => {
  await using oci = client();
  await oci.push(`${registry.host}/acme/module:1`, Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  const { digest } = (await getJson('acme/module/manifests/1'))['config'] as { digest: string };
  expect(await getJson(`acme/module/blobs/${digest}`)).toMatchObject({ os: 'wasip1', component: null });
});

test('what is no wasm is not pushed', async () => {
  await using oci = client();
  const pushed = oci.push(`${registry.host}/acme/text:1`, Buffer.from('hello, world'));
  await expect(pushed).rejects.toMatchObject({ code: 'ERR_ARTIFACT_INVALID' });
});

test('a push to a digest is refused', async () => {
  await using oci = client();
  const pushed = oci.push(`${registry.host}/acme/hello@${digestOf('')}`, someComponent());
  await expect(pushed).rejects.toMatchObject({ code: 'ERR_REFERENCE_INVALID' });
});

test.each([
  ['wkg and wash', {}],
  [
    'earlier tools',
    {
      layerType: 'application/vnd.module.wasm.content.layer.v1+wasm',
      config: blob('{}', 'application/vnd.oci.image.config.v1+json'),
    },
  ],
  ['tools that leave the type to the header', { manifest: { mediaType: undefined } }],
])('what %s pushed is pulled', async (_, options) => {
  await using oci = client();
  const pushed = artifact(options);
  await rawPush(registry.url, 'acme/others', 'v1', pushed);
  const pulled = await oci.pull(`${registry.host}/acme/others:v1`);
  expect(Buffer.compare(pulled.bytes, pushed.component)).toBe(0);
  expect(pulled.digest).toBe(pushed.manifest.descriptor.digest);
  expect(pulled.mediaType).toBe(pushed.layer.descriptor.mediaType);
});

test('of an index the image for wasm is pulled', async () => {
  await using oci = client();
  const linux = artifact({
    layerType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    config: blob('{}', 'application/vnd.oci.image.config.v1+json'),
  });
  const wasm = artifact();
  await rawPush(registry.url, 'acme/index', 'linux', linux);
  await rawPush(registry.url, 'acme/index', 'wasm', wasm);
  const index = indexOf([
    { ...linux.manifest.descriptor, platform: { os: 'linux', architecture: 'amd64' } },
    { ...wasm.manifest.descriptor, platform: { os: 'wasip2', architecture: 'wasm' } },
  ]);
  await rawPushManifest(registry.url, 'acme/index', 'all', index);
  const pulled = await oci.pull(`${registry.host}/acme/index:all`);
  expect(pulled.digest).toBe(wasm.manifest.descriptor.digest);
  expect(Buffer.compare(pulled.bytes, wasm.component)).toBe(0);
  expect(await oci.resolve(`${registry.host}/acme/index:all`)).toEqual({ digest: index.descriptor.digest });
  const pinned = await oci.pull(`${registry.host}/acme/index@${index.descriptor.digest}`);
  expect(pinned.digest).toBe(wasm.manifest.descriptor.digest);
});

test('an index without an image for wasm is refused with what it has', async () => {
  await using oci = client();
  const linux = artifact();
  await rawPush(registry.url, 'acme/linux', 'linux', linux);
  const platforms = ['amd64', 'arm64'].map((architecture) => ({
    ...linux.manifest.descriptor,
    platform: { os: 'linux', architecture },
  }));
  await rawPushManifest(registry.url, 'acme/linux', 'all', indexOf(platforms));
  await expect(oci.pull(`${registry.host}/acme/linux:all`)).rejects.toMatchObject({
    code: 'ERR_ARTIFACT_UNSUPPORTED',
    message: expect.stringContaining('"linux/amd64", "linux/arm64"'),
  });
});

test('a container image is refused with what it is', async () => {
  await using oci = client();
  const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  await rawPush(
    registry.url,
    'acme/container',
    '1',
    artifact({ layerType, config: blob('{}', 'application/vnd.oci.image.config.v1+json') }),
  );
  await expect(oci.pull(`${registry.host}/acme/container:1`)).rejects.toMatchObject({
    code: 'ERR_ARTIFACT_UNSUPPORTED',
    message: expect.stringContaining(layerType),
  });
});

test('what is not there is told, by tag and by digest', async () => {
  await using oci = client();
  await oci.push(`${registry.host}/acme/here:1`, someComponent());
  for (const missing of ['acme/here:2', 'acme/nowhere:1', `acme/here@${digestOf('nothing')}`]) {
    const error = { code: 'ERR_ARTIFACT_NOT_FOUND', isUserError: true };
    await expect(oci.pull(`${registry.host}/${missing}`)).rejects.toMatchObject(error);
    if (!missing.includes('@')) await expect(oci.resolve(`${registry.host}/${missing}`)).rejects.toMatchObject(error);
  }
});

test('progress tells how far a push and a pull are', async () => {
  await using oci = client();
  const component = someComponent(1_000_000);
  const seen = (events: OciProgress[]): unknown[] => [events.at(0)?.stage, events.at(-1)];
  const upload: OciProgress[] = [];
  await oci.push(`${registry.host}/acme/progress:1`, component, { onProgress: (event) => upload.push(event) });
  expect(seen(upload)).toEqual(['upload', { stage: 'upload', transferredBytes: 1_000_000, totalBytes: 1_000_000 }]);
  const again: OciProgress[] = [];
  await oci.push(`${registry.host}/acme/progress:2`, component, { onProgress: (event) => again.push(event) });
  expect(again).toEqual([{ stage: 'cached', transferredBytes: 1_000_000, totalBytes: 1_000_000 }]);
  const download: OciProgress[] = [];
  await oci.pull(`${registry.host}/acme/progress:1`, { onProgress: (event) => download.push(event) });
  expect(seen(download)).toEqual([
    'resolve',
    { stage: 'download', transferredBytes: 1_000_000, totalBytes: 1_000_000 },
  ]);
  expect(download.length).toBeGreaterThan(4);
});

test('a callback for progress that fails does not end the pull', async () => {
  const logged: string[] = [];
  await using oci = ociClient({
    plainHttp: [registry.host],
    dockerConfig: false,
    logger: { log: (_, message) => logged.push(message) },
  });
  await oci.push(`${registry.host}/acme/callback:1`, someComponent());
  const onProgress = (): void => {
    throw new Error('broken');
  };
  await oci.pull(`${registry.host}/acme/callback:1`, { onProgress });
  expect(logged).toContain('onProgress of a transfer failed');
});

test('if-not-present and never do without the registry once they have it; always does not', async () => {
  await using own = await startRegistry();
  await using oci = ociClient({ plainHttp: [own.host], dockerConfig: false, cacheDir: await temporaryFolder() });
  const reference = `${own.host}/acme/hello:1`;
  await expect(oci.pull(reference, { policy: 'never' })).rejects.toMatchObject({ code: 'ERR_ARTIFACT_NOT_CACHED' });
  const component = someComponent();
  const { digest } = await oci.push(reference, component);
  await oci.pull(reference);
  await own.stop();
  for (const policy of ['if-not-present', 'never'] as const) {
    const pulled = await oci.pull(reference, { policy });
    expect(Buffer.compare(pulled.bytes, component)).toBe(0);
    expect(pulled.digest).toBe(digest);
  }
  await expect(oci.pull(reference, { policy: 'always' })).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNREACHABLE' });
});

test('always follows a tag that moves, if-not-present keeps what it has', async () => {
  await using oci = client({ cacheDir: await temporaryFolder() });
  const reference = `${registry.host}/acme/moving:1`;
  const first = await oci.push(reference, someComponent());
  expect((await oci.pull(reference)).digest).toBe(first.digest);
  const second = await oci.push(reference, someComponent());
  expect((await oci.pull(reference)).digest).toBe(first.digest);
  expect((await oci.pull(reference, { policy: 'always' })).digest).toBe(second.digest);
  expect((await oci.pull(reference)).digest).toBe(second.digest);
});

test('a registry with a certificate of its own is trusted with its authority, and only so', async () => {
  await using secure = await startRegistry({ tls: true });
  await using trusting = ociClient({ ca: [registryCertificate.cert], dockerConfig: false });
  const reference = `${secure.host}/acme/hello:1`;
  const { digest } = await trusting.push(reference, someComponent());
  expect((await trusting.pull(reference)).digest).toBe(digest);
  await using strict = ociClient({ dockerConfig: false });
  await expect(strict.pull(reference)).rejects.toMatchObject({
    code: 'ERR_REGISTRY_UNREACHABLE',
    message: expect.stringContaining('give the one of its authority as ca'),
  });
});

test('a registry without TLS is told apart from one with', async () => {
  await using strict = ociClient({ dockerConfig: false });
  await expect(strict.pull(`${registry.host}/acme/hello:1`)).rejects.toMatchObject({
    code: 'ERR_REGISTRY_UNREACHABLE',
    message: expect.stringContaining(`name ${registry.host} in plainHttp`),
  });
});

function indexOf(manifests: readonly unknown[]): ReturnType<typeof blob> {
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  return blob(JSON.stringify({ schemaVersion: 2, mediaType, manifests }), mediaType);
}

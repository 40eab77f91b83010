import type { Artifact, Blob } from './artifacts.js';

/** Stores an artifact with bare requests, as another tool does. */
export async function rawPush(
  url: string,
  repository: string,
  tag: string,
  { layer, config, manifest }: Artifact,
): Promise<void> {
  await rawPushBlob(url, repository, layer);
  await rawPushBlob(url, repository, config);
  await rawPushManifest(url, repository, tag, manifest);
}

/** Stores one manifest or index. */
export async function rawPushManifest(
  url: string,
  repository: string,
  tag: string,
  { bytes, descriptor }: Blob,
): Promise<void> {
  const headers = { 'content-type': descriptor.mediaType };
  const response = await fetch(`${url}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    headers,
    body: Buffer.from(bytes),
  });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
}

async function rawPushBlob(url: string, repository: string, { bytes, descriptor }: Blob): Promise<void> {
  const begun = await fetch(`${url}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  const location = new URL(begun.headers.get('location') ?? '', url);
  location.searchParams.set('digest', descriptor.digest);
  const response = await fetch(location, { method: 'PUT', body: Buffer.from(bytes) });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
}

import type { DiskCache } from './cache/disk-cache.js';
import { mediaTypes } from './media-types.js';
import { OciError } from './oci-error.js';
import type { OciProgress } from './progress.js';
import type { PulledArtifact, PullPolicy } from './pull.js';
import { formatReference, type OciReference } from './reference.js';
import { type Descriptor, type ImageManifest, parseJson, parseManifest } from './registry/manifest.js';
import { maxManifestBytes, type Repository } from './registry/repository.js';

/** A config has some names in it; more is something else. */
const maxConfigBytes = 4 * 1024 * 1024;

/** Who pulls: how the registry is asked, and which grants of the cache count. */
export interface Puller {
  /** Asks as this caller. */
  repository(): Promise<Repository>;
  /** What an entry of the cache must have one of. */
  acceptedGrants(): Promise<readonly string[]>;
  /** What an entry gets after the registry has let this caller in. */
  earnedGrant(): Promise<string | undefined>;
}

/** What {@link pullArtifact} needs. */
export interface PullRequest {
  readonly reference: OciReference;
  readonly policy: PullPolicy;
  readonly puller: Puller;
  readonly cache: DiskCache | undefined;
  readonly maxArtifactBytes: number;
  readonly tell: (progress: OciProgress) => void;
}

interface Fetched {
  readonly root: string;
  readonly manifest: { readonly digest: string; readonly bytes: Uint8Array };
  readonly layer: Descriptor;
  readonly bytes: Uint8Array;
}

/**
 * Pulls an artifact. Nothing reaches the cache before all of it has been checked, and nothing leaves the cache for a caller to whom the registry has not given it.
 *
 * @throws OciError
 */
export async function pullArtifact(request: PullRequest): Promise<PulledArtifact> {
  const { policy, puller, cache, tell } = request;
  const reference = nameOf(request.reference);
  const entry = await cache?.entry(reference);
  if (policy !== 'always' && entry !== undefined) {
    const accepted = await puller.acceptedGrants();
    const hit = entry.grants.some((grant) => accepted.includes(grant))
      ? await cached(request, entry.manifest)
      : undefined;
    if (hit !== undefined) return hit;
  }
  if (policy === 'never') throw notCached(reference, cache !== undefined, entry !== undefined);

  tell({ stage: 'resolve', transferredBytes: 0, totalBytes: undefined });
  const repository = await puller.repository();
  if (entry !== undefined && (await rootOf(request.reference, repository)) === entry.root) {
    const hit = await cached(request, entry.manifest);
    const grant = hit === undefined ? undefined : await puller.earnedGrant();
    if (grant !== undefined && !entry.grants.includes(grant))
      await cache?.remember({ ...entry, grants: [...entry.grants, grant] });
    if (hit !== undefined) return hit;
  }
  const fetched = await fetchArtifact(request, repository);
  await keep(request, reference, fetched);
  const { manifest, layer, bytes } = fetched;
  return { bytes: plain(bytes), digest: manifest.digest, reference, mediaType: layer.mediaType };
}

/** The reference as the cache knows it: a digest says everything that a tag could. */
function nameOf({ registry, repository, tag, digest }: OciReference): string {
  if (digest !== undefined) return formatReference({ registry, repository, digest });
  return formatReference({ registry, repository, tag: tag ?? 'latest' });
}

/** What the reference means now, which takes the registry's leave also for a digest. */
async function rootOf({ tag = 'latest', digest }: OciReference, repository: Repository): Promise<string | undefined> {
  const announced = await repository.manifestDigest(digest ?? tag);
  return digest ?? announced;
}

async function cached(request: PullRequest, digest: string): Promise<PulledArtifact | undefined> {
  const { cache, maxArtifactBytes, tell } = request;
  const reference = nameOf(request.reference);
  const manifestBytes = await cache?.blob(digest, maxManifestBytes);
  if (manifestBytes === undefined) return undefined;
  const manifest = parseManifest(manifestBytes, reference, mediaTypes.manifest);
  if (manifest.kind !== 'image') return undefined;
  const { layer } = manifest;
  checkSize(layer, reference, maxArtifactBytes);
  const bytes = await cache?.blob(layer.digest, layer.size);
  if (bytes === undefined) return undefined;
  tell({ stage: 'cached', transferredBytes: layer.size, totalBytes: layer.size });
  return { bytes: plain(bytes), digest, reference, mediaType: layer.mediaType };
}

async function fetchArtifact(request: PullRequest, repository: Repository): Promise<Fetched> {
  const { tell, maxArtifactBytes } = request;
  const { tag = 'latest', digest } = request.reference;
  const reference = nameOf(request.reference);
  const root = await repository.manifest(digest ?? tag);
  const parsed = parseManifest(root.bytes, reference, root.contentType);
  const { found, manifest } =
    parsed.kind === 'image' ? { found: root, manifest: parsed } : await fetchImage(repository, parsed.image, reference);
  const { config, layer } = manifest;
  checkSize(layer, reference, maxArtifactBytes);
  await checkConfig(repository, config, layer, reference);
  const tellBytes = (transferredBytes: number): void =>
    tell({ stage: 'download', transferredBytes, totalBytes: layer.size });
  const bytes = await repository.blob(layer, 'layer', tellBytes);
  return { root: root.digest, manifest: found, layer, bytes };
}

/** The image that an index names. */
async function fetchImage(
  repository: Repository,
  image: Descriptor,
  reference: string,
): Promise<{ found: Fetched['manifest']; manifest: ImageManifest }> {
  const found = await repository.manifest(image.digest);
  const manifest = parseManifest(found.bytes, reference, found.contentType ?? image.mediaType);
  if (manifest.kind === 'image') return { found, manifest };
  throw new OciError('ERR_ARTIFACT_UNSUPPORTED', `${reference} is an index within an index: it is not a component.`);
}

function checkSize({ size }: Descriptor, reference: string, maxArtifactBytes: number): void {
  if (size <= maxArtifactBytes) return;
  throw new OciError(
    'ERR_ARTIFACT_TOO_LARGE',
    `${reference} has ${size} bytes, and ${maxArtifactBytes} are allowed: raise maxArtifactBytes if it may be that large.`,
    { details: { size, maxArtifactBytes } },
  );
}

/** What describes an artifact must be whole and must describe this one. */
async function checkConfig(
  repository: Repository,
  config: Descriptor,
  layer: Descriptor,
  reference: string,
): Promise<void> {
  const fail = (problem: string): OciError =>
    new OciError('ERR_ARTIFACT_INVALID', `The config of ${reference} ${problem}: push the artifact again.`);
  if (config.size > maxConfigBytes) throw fail(`has ${config.size} bytes, and ${maxConfigBytes} are allowed`);
  const bytes = await repository.blob(config, 'config');
  if (config.mediaType !== mediaTypes.wasmConfig) return;
  const value = parseJson(bytes);
  if (value === undefined) throw fail('is not a JSON object');
  const { layerDigests } = value;
  const isOther = Array.isArray(layerDigests) && !layerDigests.includes(layer.digest);
  if (isOther) throw fail('describes another layer');
}

/** Keeps an artifact under its reference, and under its digest too: who pulls by tag may pin what came. */
async function keep(request: PullRequest, reference: string, fetched: Fetched): Promise<void> {
  const { cache, puller } = request;
  const grant = await puller.earnedGrant();
  if (cache === undefined || grant === undefined) return;
  const { root, manifest, layer, bytes } = fetched;
  if (!(await cache.store(layer.digest, bytes))) return;
  await cache.store(manifest.digest, manifest.bytes);
  const { registry, repository } = request.reference;
  for (const name of new Set([reference, nameOf({ registry, repository, digest: root })])) {
    const before = await cache.entry(name);
    const grants = before?.root === root ? before.grants.filter((other) => other !== grant) : [];
    await cache.remember({ reference: name, root, manifest: manifest.digest, grants: [...grants, grant] });
  }
  await cache.trim();
}

/** The same bytes as an ordinary array: the methods of a Buffer differ. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function notCached(reference: string, hasCache: boolean, isKnown: boolean): OciError {
  const why = !hasCache
    ? 'there is no cache: set cacheDir'
    : isKnown
      ? 'what the cache has is damaged, or was pulled with other credentials: pull it once with these'
      : 'the cache does not have it: pull it once with another policy';
  return new OciError(
    'ERR_ARTIFACT_NOT_CACHED',
    `${reference} must not be pulled, as the policy is never, and ${why}.`,
  );
}

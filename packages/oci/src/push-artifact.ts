import { sha256 } from './digest.js';
import { mediaTypes } from './media-types.js';
import { OciError } from './oci-error.js';
import type { OciProgress } from './progress.js';
import type { PushedArtifact, PushOptions } from './push.js';
import { formatReference, type OciReference } from './reference.js';
import { maxManifestBytes, type Repository } from './registry/repository.js';
import { kindOfWasm, wasmConfig } from './wasm-config.js';

/** What {@link pushArtifact} needs. */
export interface PushRequest {
  readonly reference: OciReference;
  readonly bytes: Uint8Array;
  readonly options: Pick<PushOptions, 'annotations' | 'config'>;
  readonly maxArtifactBytes: number;
  readonly repository: Repository;
  readonly tell: (progress: OciProgress) => void;
}

/**
 * Pushes an artifact: the layer, the config, and then the manifest that makes them one. What the registry has already is not sent again.
 *
 * @throws OciError
 */
export async function pushArtifact(request: PushRequest): Promise<PushedArtifact> {
  const { bytes, options, repository, tell } = request;
  const { tag, digest: pinned } = request.reference;
  const reference = formatReference(request.reference);
  if (tag === undefined || pinned !== undefined) {
    throw new OciError(
      'ERR_REFERENCE_INVALID',
      `${reference} names a digest, which is not known before the push: give a tag instead.`,
    );
  }
  const kind = kindOfWasm(bytes);
  if (kind === undefined) {
    throw new OciError(
      'ERR_ARTIFACT_INVALID',
      `What is to become ${reference} is neither a component nor a module: push a .wasm file.`,
    );
  }
  if (bytes.length > request.maxArtifactBytes) {
    throw new OciError(
      'ERR_ARTIFACT_TOO_LARGE',
      `${reference} would have ${bytes.length} bytes, and ${request.maxArtifactBytes} are allowed: raise maxArtifactBytes.`,
    );
  }
  const layer = { mediaType: mediaTypes.wasm, digest: await sha256(bytes), size: bytes.length };
  const configBytes = wasmConfig(kind, layer.digest, options.config ?? {});
  const config = { mediaType: mediaTypes.wasmConfig, digest: await sha256(configBytes), size: configBytes.length };
  const manifest = new TextEncoder().encode(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config,
      layers: [layer],
      ...(options.annotations !== undefined && { annotations: options.annotations }),
    }),
  );
  if (manifest.length > maxManifestBytes) {
    throw new OciError(
      'ERR_ARTIFACT_TOO_LARGE',
      `The annotations of ${reference} make a manifest of ${manifest.length} bytes, and registries take ${maxManifestBytes}: shorten them.`,
    );
  }
  const digest = await sha256(manifest);
  if (await repository.hasBlob(layer.digest)) {
    tell({ stage: 'cached', transferredBytes: layer.size, totalBytes: layer.size });
  } else {
    await repository.uploadBlob(bytes, layer.digest, (transferredBytes) => {
      tell({ stage: 'upload', transferredBytes, totalBytes: layer.size });
    });
  }
  if (!(await repository.hasBlob(config.digest))) await repository.uploadBlob(configBytes, config.digest);
  await repository.putManifest(tag, manifest, digest);
  return { digest, reference };
}

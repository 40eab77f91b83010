import { isDigest } from '../digest.js';
import { mediaTypes } from '../media-types.js';
import { OciError } from '../oci-error.js';

const maxLayers = 1000;

/** What names a blob. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** An image manifest, as far as it matters here. */
export interface ImageManifest {
  readonly kind: 'image';
  readonly config: Descriptor;
  /** The layer with the component. */
  readonly layer: Descriptor;
}

/** Several images under one reference; `image` is the one that has a component. */
export interface ImageIndex {
  readonly kind: 'index';
  readonly image: Descriptor;
}

/**
 * Reads a manifest.
 *
 * @param source For messages: the reference.
 * @param contentType Of the response; what the manifest says of itself wins.
 * @throws OciError `ERR_ARTIFACT_INVALID` for what breaks the specification, `ERR_ARTIFACT_UNSUPPORTED` for what has no component
 */
export function parseManifest(bytes: Uint8Array, source: string, contentType?: string): ImageManifest | ImageIndex {
  const value = parseJson(bytes);
  if (value === undefined) throw invalid(source, 'is not a JSON object');
  if (value['schemaVersion'] !== 2) throw unsupported(source, 'has a manifest of a version other than 2');
  const mediaType = value['mediaType'] ?? contentType?.split(';')[0]?.trim();
  if (mediaType === mediaTypes.index || mediaType === mediaTypes.dockerIndex) return parseIndex(value, source);
  if (mediaType === mediaTypes.manifest || mediaType === mediaTypes.dockerManifest) return parseImage(value, source);
  throw unsupported(source, `has a manifest of the unknown type ${quote(mediaType)}`);
}

function parseImage(value: Readonly<Record<string, unknown>>, source: string): ImageManifest {
  const config = descriptor(value['config']);
  if (config === undefined) throw invalid(source, 'has no valid "config"');
  const { layers } = value;
  if (!Array.isArray(layers) || layers.length > maxLayers) throw invalid(source, 'has no valid "layers"');
  const isWasm = (type: unknown): boolean => type === mediaTypes.wasm || type === mediaTypes.legacyWasm;
  const found: unknown = layers.find((entry) => isRecord(entry) && isWasm(entry['mediaType']));
  if (found === undefined) {
    const types = layers.slice(0, 3).map((entry) => quote(isRecord(entry) ? entry['mediaType'] : entry));
    const has = types.length === 0 ? 'has no layers' : `has layers of type ${types.join(', ')}`;
    throw unsupported(source, `${has}, and none of type ${mediaTypes.wasm}`);
  }
  const layer = descriptor(found);
  if (layer === undefined) throw invalid(source, 'has a layer without a valid digest and size');
  return { kind: 'image', config, layer };
}

function parseIndex(value: Readonly<Record<string, unknown>>, source: string): ImageIndex {
  const { manifests } = value;
  if (!Array.isArray(manifests) || manifests.length > maxLayers) throw invalid(source, 'has no valid "manifests"');
  const images = manifests.filter(isRecord);
  // A component goes before a module; an index with a single image leaves no choice.
  const found =
    images.find((image) => platform(image) === 'wasip2/wasm') ??
    images.find((image) => platform(image).endsWith('/wasm') || image['artifactType'] === mediaTypes.wasmConfig) ??
    (images.length === 1 ? images[0] : undefined);
  if (found === undefined) {
    const platforms = images.slice(0, 8).map((image) => quote(platform(image)));
    throw unsupported(source, `is an index without an image for wasm: it has ${platforms.join(', ') || 'none'}`);
  }
  const image = descriptor(found);
  if (image === undefined) throw invalid(source, 'has an image without a valid digest and size');
  return { kind: 'index', image };
}

function platform(image: Readonly<Record<string, unknown>>): string {
  const { platform: value } = image;
  return isRecord(value) ? `${String(value['os'])}/${String(value['architecture'])}` : '';
}

function descriptor(value: unknown): Descriptor | undefined {
  if (!isRecord(value)) return undefined;
  const { mediaType, digest, size } = value;
  if (typeof mediaType !== 'string' || !isDigest(digest)) return undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined;
  return { mediaType, digest, size };
}

/** An object in JSON; `undefined` for anything else. */
export function parseJson(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quote(value: unknown): string {
  return JSON.stringify(typeof value === 'string' ? value.replace(/[^\x20-\x7e]/g, '?').slice(0, 100) : typeof value);
}

function invalid(source: string, problem: string): OciError {
  return new OciError('ERR_ARTIFACT_INVALID', `The manifest of ${source} ${problem}: push the artifact again.`);
}

function unsupported(source: string, problem: string): OciError {
  return new OciError('ERR_ARTIFACT_UNSUPPORTED', `${source} ${problem}: it is not a component.`);
}

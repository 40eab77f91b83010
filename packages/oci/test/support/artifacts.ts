import { createHash, randomBytes } from 'node:crypto';

/** The first bytes of a component: magic, version 13, layer 1. */
const preamble = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/** Bytes that look like a component, different each time. */
export function someComponent(size = 1000): Uint8Array {
  return Buffer.concat([Buffer.from(preamble), randomBytes(size - preamble.length)]);
}

/** `sha256:…`. */
export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A blob with its descriptor. */
export interface Blob {
  readonly bytes: Uint8Array;
  readonly descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
}

/** Bytes as a blob. */
export function blob(content: Uint8Array | string, mediaType: string): Blob {
  const bytes = Buffer.from(content);
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}

/** The parts of an artifact as somebody pushes it. */
export interface Artifact {
  readonly component: Uint8Array;
  readonly config: Blob;
  readonly layer: Blob;
  readonly manifest: Blob;
}

/** How an artifact differs from what `wkg` writes. */
export interface ArtifactOptions {
  readonly component?: Uint8Array;
  readonly config?: Blob;
  readonly layerType?: string;
  /** Members of the manifest, over those that it has. */
  readonly manifest?: Readonly<Record<string, unknown>>;
}

/** An artifact in the shape of `wkg` and `wash`. */
export function artifact(options: ArtifactOptions = {}): Artifact {
  const component = options.component ?? someComponent();
  const layer = blob(component, options.layerType ?? 'application/wasm');
  const config =
    options.config ??
    blob(
      JSON.stringify({
        created: '2026-01-02T03:04:05.678901234Z',
        author: null,
        architecture: 'wasm',
        os: 'wasip2',
        layerDigests: [layer.descriptor.digest],
        component: { exports: ['wasi:http/incoming-handler@0.2.0'], imports: ['wasi:io/poll@0.2.0'], target: null },
      }),
      'application/vnd.wasm.config.v0+json',
    );
  const manifest = blob(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: config.descriptor,
      layers: [layer.descriptor],
      annotations: { 'org.opencontainers.image.title': 'hello' },
      ...options.manifest,
    }),
    'application/vnd.oci.image.manifest.v1+json',
  );
  return { component, config, layer, manifest };
}

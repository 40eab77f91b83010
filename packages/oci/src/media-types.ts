/** Media types of components in registries. */
export const mediaTypes = {
  /** An image manifest of the OCI, which is what push writes. */
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  /** Several images under one reference. */
  index: 'application/vnd.oci.image.index.v1+json',
  /** Docker's image manifest, which some tools write. */
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  /** Docker's several images under one reference. */
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  /** The description of a component or module. */
  wasmConfig: 'application/vnd.wasm.config.v0+json',
  /** The bytes of a component or module. */
  wasm: 'application/wasm',
  /** The same, as earlier tools wrote it. */
  legacyWasm: 'application/vnd.module.wasm.content.layer.v1+wasm',
} as const;

export {
  type BlobReading,
  type BlobstoreBackend,
  type BlobstoreBackendSupport,
  type ByteRange,
  type ContainerInfo,
  type ContainerPlace,
  clampRange,
  type DeleteOptions,
  type ObjectInfo,
  type ReadOptions,
} from './backend.js';
export { BlobstoreError, type BlobstoreErrorKind, type BlobstoreErrorOptions } from './errors.js';
export { type BlobstorePluginOptions, type BlobstoreWorkload, blobstorePlugin } from './plugin.js';
export type { StreamLimits } from './stream-quota.js';

export type {
  BackendConfig,
  BucketAddress,
  KeyPage,
  KeyValueBackend,
  KeyValueBucket,
  KeyValueChange,
  KeyValueEntry,
  KeyValueSupport,
  ListKeysOptions,
  MaybePromise,
  WatchOptions,
} from './backend.js';
export { KeyValueError, type StoreError } from './errors.js';
export { type InMemoryKeyValueOptions, inMemoryKeyValue } from './in-memory/backend.js';
export { defaultKeyValueLimits, type KeyValueLimits, maxKeyBytes } from './limits.js';
export { type KeyValuePluginOptions, type KeyValueWorkload, keyValuePlugin } from './plugin.js';

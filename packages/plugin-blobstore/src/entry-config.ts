import { HostError, type InterfaceRequest } from '@lodge/core';

/** What the `config` of an entry in `hostInterfaces` says. */
export interface EntryConfig {
  /** Values for the backend alone. */
  readonly own: Readonly<Record<string, string>>;
  /** Unset: the name of the entry, or `default`. */
  readonly store: string | undefined;
  /** The only containers that may be used. Unset: any. */
  readonly buckets: ReadonlySet<string> | undefined;
  /** Containers are those of all namespaces. */
  readonly isShared: boolean;
  readonly isReadOnly: boolean;
  /** Unset: as the backend allows. */
  readonly maxObjectBytes: number | undefined;
}

/** The keys of an entry's `config` that every backend has. */
export const entryKeys: readonly string[] = Object.freeze([
  'backend',
  'store',
  'buckets',
  'shared',
  'read_only',
  'max_object_bytes',
]);

/**
 * Reads the `config` of an entry.
 *
 * @param ownKeys Keys that its backend has besides.
 * @throws HostError `ERR_CONFIG_INVALID` with the path of the key.
 */
export function parseEntryConfig(request: InterfaceRequest, ownKeys: readonly string[] = []): EntryConfig {
  const { config } = request;
  const known = [...entryKeys, ...ownKeys];
  for (const key of Object.keys(config)) {
    if (!known.includes(key)) throw entryError(request, key, `is not known; known are ${known.join(', ')}`);
  }
  return {
    own: Object.fromEntries(Object.entries(config).filter(([key]) => ownKeys.includes(key))),
    store: config['store'],
    buckets: parseBuckets(request),
    isShared: parseBoolean(request, 'shared'),
    isReadOnly: parseBoolean(request, 'read_only'),
    maxObjectBytes: parseBytes(request, 'max_object_bytes'),
  };
}

/** The error for a key of an entry's `config`. */
export function entryError(request: InterfaceRequest, key: string, problem: string): HostError {
  const entry =
    request.name === undefined ? 'hostInterfaces[wasi:blobstore]' : `hostInterfaces[wasi:blobstore, ${request.name}]`;
  const path = `${entry}.config.${key}`;
  return new HostError('ERR_CONFIG_INVALID', `${path} ${problem}.`, { details: { path } });
}

/** Names between commas. The empty text allows nothing. */
function parseBuckets(request: InterfaceRequest): ReadonlySet<string> | undefined {
  const text = request.config['buckets'];
  if (text === undefined) return undefined;
  const names = text === '' ? [] : text.split(',').map((name) => name.trim());
  if (names.includes('')) throw entryError(request, 'buckets', 'must be names with commas between them');
  return new Set(names);
}

function parseBoolean(request: InterfaceRequest, key: string): boolean {
  const text = request.config[key] ?? 'false';
  if (text !== 'true' && text !== 'false') throw entryError(request, key, "must be 'true' or 'false'");
  return text === 'true';
}

function parseBytes(request: InterfaceRequest, key: string): number | undefined {
  const text = request.config[key];
  if (text === undefined) return undefined;
  const bytes = Number(text);
  if (!/^[0-9]{1,16}$/.test(text) || bytes < 1 || !Number.isSafeInteger(bytes)) {
    throw entryError(request, key, 'must be a number of bytes, 1 or more');
  }
  return bytes;
}

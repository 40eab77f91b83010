import { HostError, type InterfaceRequest } from '@lodge/core';

/** What the `config` of an entry in `hostInterfaces` says. */
export interface EntryConfig {
  /** Unset: the default backend. */
  readonly backend: string | undefined;
  /** The only containers that may be used. Unset: any. */
  readonly buckets: ReadonlySet<string> | undefined;
  /** Containers are those of all namespaces. */
  readonly isShared: boolean;
  readonly isReadOnly: boolean;
  /** Unset: as the backend allows. */
  readonly maxObjectBytes: number | undefined;
}

/** Every key of an entry's `config`. */
export const entryKeys: readonly string[] = Object.freeze([
  'backend',
  'buckets',
  'shared',
  'read_only',
  'max_object_bytes',
]);

/**
 * Reads the `config` of an entry.
 *
 * @throws HostError `ERR_CONFIG_INVALID` with the path of the key.
 */
export function parseEntryConfig(request: InterfaceRequest): EntryConfig {
  const { config } = request;
  for (const key of Object.keys(config)) {
    if (!entryKeys.includes(key)) throw entryError(request, key, `is not known; known are ${entryKeys.join(', ')}`);
  }
  return {
    backend: config['backend'],
    buckets: parseBuckets(config['buckets']),
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

/** Exact names between commas, nothing trimmed: a blank is a legal part of a name. The empty list allows nothing. */
function parseBuckets(text: string | undefined): ReadonlySet<string> | undefined {
  if (text === undefined) return undefined;
  return new Set(text === '' ? [] : text.split(','));
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

import { HostError, type InterfaceRequest } from '@lodge/core';
import type { BackendConfig, KeyValueBackend } from './backend.js';

/** What a host interface entry grants, read from its `config`. */
export interface EntryConfig {
  readonly backend: KeyValueBackend;
  /** The part of each bucket's address that the entry chooses. */
  readonly store: string;
  /** Buckets that may be opened; unset: any. */
  readonly buckets: ReadonlySet<string> | undefined;
  /** Buckets whose changes go to the component that exports `watcher`. */
  readonly watch: readonly string[];
  /** Whether buckets belong to all namespaces. */
  readonly isShared: boolean;
  readonly config: BackendConfig;
}

const commonKeys = ['backend', 'store', 'buckets', 'watch', 'shared'];

/**
 * Reads the `config` of the entry that a request came through.
 *
 * @throws HostError `ERR_CONFIG_INVALID` naming the key
 */
export function readConfig(
  { name, config }: Pick<InterfaceRequest, 'name' | 'config'>,
  backends: readonly KeyValueBackend[],
  pluginId: string,
): EntryConfig {
  const entry = name === undefined ? 'wasi:keyvalue' : `wasi:keyvalue '${name}'`;
  const [first] = backends;
  const backend = config['backend'] === undefined ? first : backends.find((known) => known.name === config['backend']);
  if (backend === undefined) {
    const names = backends.map((known) => `'${known.name}'`).join(', ');
    const message = `The key 'backend' of ${entry} is ${JSON.stringify(config['backend'])}; this host has ${names}.`;
    throw invalid('backend', message);
  }
  const keys = [...commonKeys, ...(backend.configKeys ?? [])];
  for (const key of Object.keys(config)) {
    if (keys.includes(key)) continue;
    const message = `The key ${JSON.stringify(key)} of ${entry} is unknown; with the backend '${backend.name}' the keys are ${keys.join(', ')}.`;
    throw invalid(key, message);
  }
  const isLabel = name !== undefined && name !== pluginId;
  const buckets = config['buckets'] === undefined ? undefined : new Set(readList('buckets', config['buckets'], entry));
  const watch = config['watch'] === undefined ? [] : [...new Set(readList('watch', config['watch'], entry))];
  const outside = watch.find((bucket) => buckets !== undefined && !buckets.has(bucket));
  if (outside !== undefined) {
    throw invalid('watch', `The key 'watch' of ${entry} names '${outside}', which its 'buckets' do not allow.`);
  }
  if (watch.length > 0 && !backend.supports.watch) {
    throw invalid('watch', `The key 'watch' of ${entry} is set, but the backend '${backend.name}' has no watches.`);
  }
  return {
    backend,
    store: config['store'] ?? (isLabel ? name : 'default'),
    buckets,
    watch,
    isShared: readBoolean('shared', config['shared'] ?? 'false', entry),
    config,
  };
}

function readList(key: string, text: string, entry: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.includes('')) throw invalid(key, `The key '${key}' of ${entry} must be names with commas between them.`);
  return items;
}

function readBoolean(key: string, text: string, entry: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw invalid(key, `The key '${key}' of ${entry} must be 'true' or 'false', and is ${JSON.stringify(text)}.`);
}

function invalid(key: string, message: string): HostError {
  return new HostError('ERR_CONFIG_INVALID', message, { details: { path: `config.${key}` } });
}

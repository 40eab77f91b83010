import { HostError, type InterfaceRequest } from '@lodge/core';

/** What an entry of `hostInterfaces` says: values for the guest, or where they are. */
export type EntryConfig =
  | { readonly kind: 'values'; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'backend'; readonly backend: string; readonly store: string; readonly isShared: boolean };

/** The store of an entry that names none. */
export const defaultStore = 'config';

const backendKeys: readonly string[] = ['backend', 'store', 'shared'];
const maxStoreLength = 128;

/**
 * Reads the `config` of an entry. One that has `backend` says where values are, and has no other keys than that takes; all keys of any
 * other one are values for the guest.
 *
 * @throws HostError `ERR_CONFIG_INVALID` with the path of the key.
 */
export function parseEntryConfig(request: InterfaceRequest): EntryConfig {
  const { config } = request;
  const backend = config['backend'];
  if (backend === undefined) return { kind: 'values', values: config };
  for (const key of Object.keys(config)) {
    if (!backendKeys.includes(key)) {
      const problem = `is not known beside 'backend'; known are ${backendKeys.join(', ')}`;
      throw entryError(request, key, `${problem}. Put values into the backend or into localResources.config`);
    }
  }
  const { store = defaultStore, shared = 'false' } = config;
  if (store === '' || store.length > maxStoreLength) {
    throw entryError(request, 'store', `must have 1 to ${maxStoreLength} characters`);
  }
  if (shared !== 'true' && shared !== 'false') throw entryError(request, 'shared', "must be 'true' or 'false'");
  return { kind: 'backend', backend, store, isShared: shared === 'true' };
}

/** The error for a key of an entry's `config`. */
export function entryError(request: InterfaceRequest, key: string, problem: string): HostError {
  const entry =
    request.name === undefined ? 'hostInterfaces[wasi:config]' : `hostInterfaces[wasi:config, ${request.name}]`;
  const path = `${entry}.config.${key}`;
  return new HostError('ERR_CONFIG_INVALID', `${path} ${problem}.`, { details: { path } });
}

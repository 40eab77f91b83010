import type { InterfaceRequest } from '@lodge/core';
import type { MessagingBackend } from '../backend.js';
import { entryPath, quote, settingError } from './settings.js';

/** Keys of an entry that the plugin reads itself. */
const pluginKeys = [
  'backend',
  'subscriptions',
  'consumer_group',
  'max_in_flight',
  'admission_wait',
  'allowed_publish',
] as const;

/** Which broker an entry of `hostInterfaces` uses, and how. */
export interface EntryConfig {
  readonly backend: MessagingBackend;
  /** The settings that the backend reads. */
  readonly settings: Readonly<Record<string, string>>;
  readonly path: string;
}

/**
 * Finds the backend of an entry and checks its keys. The first of `backends` serves entries that name none.
 *
 * @throws HostError `ERR_CONFIG_INVALID` with the path of the key
 */
export function parseEntryConfig(request: InterfaceRequest, backends: readonly MessagingBackend[]): EntryConfig {
  const path = entryPath(request);
  const { config } = request;
  const wanted = config['backend'];
  const backend = wanted === undefined ? backends[0] : backends.find(({ name }) => name === wanted);
  if (backend === undefined) {
    const names = backends.map(({ name }) => name).join(', ');
    throw settingError(`${path}.backend`, `is ${quote(wanted ?? '')}; this host has ${names}`);
  }
  const { configKeys = [] } = backend;
  const settings: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    if (configKeys.includes(key)) settings[key] = value;
    else if (!(pluginKeys as readonly string[]).includes(key)) {
      const known = [...pluginKeys, ...configKeys].join(', ');
      throw settingError(`${path}.${key}`, `is not known; with backend '${backend.name}', known are ${known}`);
    }
  }
  return { backend, settings, path };
}

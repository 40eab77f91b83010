import { HostError, type InterfaceRequest } from '@lodge/core';
import { type Level, levels } from './log-record.js';

/** What an entry of `hostInterfaces` says about logging. */
export interface EntryConfig {
  /** Unset: the first backend of the plugin. */
  readonly backend: string | undefined;
  /** Less urgent records are left out, uncounted. */
  readonly level: Level;
}

const knownKeys: readonly string[] = ['backend', 'level'];

/** Reads the `config` of an entry. @throws HostError `ERR_CONFIG_INVALID` with the path of the key. */
export function parseEntryConfig(request: InterfaceRequest): EntryConfig {
  const { config } = request;
  for (const key of Object.keys(config)) {
    if (!knownKeys.includes(key)) throw entryError(request, key, `is not known; known are ${knownKeys.join(', ')}`);
  }
  const { backend, level: name = 'trace' } = config;
  const level = levels.find((candidate) => candidate === name);
  if (level === undefined) throw entryError(request, 'level', `must be one of ${levels.join(', ')}`);
  return { backend, level };
}

/** The error for a key of an entry's `config`. */
export function entryError(request: InterfaceRequest, key: string, problem: string): HostError {
  const name = request.name === undefined ? '' : `, ${request.name}`;
  const path = `hostInterfaces[wasi:logging${name}].config.${key}`;
  return new HostError('ERR_CONFIG_INVALID', `${path} ${problem}.`, { details: { path } });
}

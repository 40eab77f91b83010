import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError } from '@lodge/core';
import type { ConfigBackend, ConfigPlace } from '@lodge/plugin-config';

/** Values from JSON files in a folder, read when a workload starts. */
export function jsonConfig(folder: string): ConfigBackend {
  let isRunning = false;
  return {
    // What `backend` in a workload's config calls it.
    name: 'json',
    // Files are read once, so changes do not reach a workload that runs. The suite skips what you lack, and nothing else.
    supports: { changes: false },
    async start() {
      isRunning = true;
    },
    async open(place, { signal }) {
      if (!isRunning) throw new HostError('ERR_HOST_STATE', 'The JSON backend is not running.');
      const text = await readOptional(join(folder, fileOf(place)), signal);
      if (text === undefined) return undefined;
      const values = new Map(Object.entries(parse(place, text)));
      return { get: (key) => values.get(key), entries: () => [...values], async close() {} };
    },
    async stop() {
      isRunning = false;
    },
  };
}

/** No two places have one file, whatever their names are: hex has no dots, slashes or capital letters. */
export function fileOf({ namespace, store }: ConfigPlace): string {
  const hex = (text: string): string => Buffer.from(text).toString('hex');
  return `${namespace === undefined ? 'shared' : `of-${hex(namespace)}`}-${hex(store)}.json`;
}

function parse({ store }: ConfigPlace, text: string): Record<string, string> {
  const value: unknown = JSON.parse(text);
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isRecord && Object.values(value).every((entry) => typeof entry === 'string'))
    return value as Record<string, string>;
  throw new HostError('ERR_CONFIG_INVALID', `The JSON file of store '${store}' must be an object of strings.`);
}

async function readOptional(path: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await readFile(path, { encoding: 'utf8', signal });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

import { HostError } from '@lodge/core';
import type { ConfigBackend, ConfigPlace, ConfigSource } from '../backend.js';

/** Options of {@link inMemoryConfig}. */
export interface InMemoryConfigOptions {
  /** @default 'in-memory' */
  readonly name?: string;
  /** Values from the start, by place. @default none */
  readonly stores?: readonly InMemoryStore[];
}

/** A store and its values. */
export interface InMemoryStore extends ConfigPlace {
  readonly values: Readonly<Record<string, string>>;
}

/** The backend that {@link inMemoryConfig} makes. */
export interface InMemoryConfig extends ConfigBackend {
  /** Sets a value, seen by the next read; makes the store if there is none. `undefined` removes the key. */
  set(place: ConfigPlace, key: string, value: string | undefined): void;
  /** Sources that are open. */
  readonly openSources: number;
}

/** Values in the memory of this process, for development, tests and embedders. They outlive the host and end with the process. */
export function inMemoryConfig(options: InMemoryConfigOptions = {}): InMemoryConfig {
  const stores = new Map<string, Map<string, string>>();
  let openSources = 0;
  let isStopped = false;

  for (const { values, ...place } of options.stores ?? []) {
    stores.set(storeKey(place), new Map(Object.entries(values)));
  }

  return {
    name: options.name ?? 'in-memory',
    supports: { changes: true },
    get openSources() {
      return openSources;
    },
    set(place, key, value) {
      const values = stores.get(storeKey(place)) ?? new Map<string, string>();
      stores.set(storeKey(place), values);
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    },
    async start() {
      isStopped = false;
    },
    async open(place, { signal }): Promise<ConfigSource | undefined> {
      signal.throwIfAborted();
      if (isStopped)
        throw new HostError('ERR_HOST_STATE', 'The config backend has stopped; open nothing after the stop.');
      const values = stores.get(storeKey(place));
      if (values === undefined) return undefined;
      let isOpen = true;
      openSources += 1;
      return {
        get: (key) => values.get(key),
        entries: () => [...values],
        async close() {
          if (isOpen) openSources -= 1;
          isOpen = false;
        },
      };
    },
    async stop() {
      isStopped = true;
    },
  };
}

/** No two places have one key: neither name is taken apart again. */
function storeKey({ namespace, store }: ConfigPlace): string {
  return JSON.stringify([namespace ?? null, store]);
}

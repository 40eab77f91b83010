import { type Logger, WitError } from '@lodge/core';
import type { ConfigSource } from '../backend.js';

/** `variant error { upstream(string), io(string) }`; `runtime` calls it `config-error`. */
export type ConfigError = { readonly tag: 'upstream' | 'io'; readonly val: string };

/** `wasi:config/store`, and `wasi:config/runtime`, which is its older name. */
export interface ConfigStore {
  /** `get: func(key: string) -> result<option<string>, error>` */
  get(key: string): string | undefined;
  /** `get-all: func() -> result<list<tuple<string, string>>, error>` */
  getAll(): [string, string][];
}

/** What a component's configuration is made of, the weakest first. */
export type ConfigLayer = Pick<ConfigSource, 'get' | 'entries'>;

/** The store of one component. A key has the value of the last layer that knows it. */
export function configStore(layers: readonly ConfigLayer[], logger: Logger): ConfigStore {
  const strongestFirst = [...layers].reverse();
  return Object.freeze({
    get(key: string): string | undefined {
      return orWitError(logger, () => {
        for (const layer of strongestFirst) {
          const value = layer.get(key);
          if (value !== undefined) return value;
        }
        return undefined;
      });
    },
    getAll(): [string, string][] {
      return orWitError(logger, () => {
        const merged = new Map<string, string>();
        for (const layer of layers) {
          for (const [key, value] of layer.entries()) merged.set(key, value);
        }
        return [...merged];
      });
    },
  });
}

/** A layer of values that do not change. */
export function fixedLayer(values: Readonly<Record<string, string>>): ConfigLayer {
  const map = new Map(Object.entries(values));
  return { get: (key) => map.get(key), entries: () => map };
}

/** A backend's own words stay with the host. */
function orWitError<T>(logger: Logger, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (WitError.is(error)) throw error;
    logger.log('error', 'a config backend failed to read', { error });
    const payload: ConfigError = { tag: 'upstream', val: 'the configuration cannot be read' };
    throw new WitError(payload);
  }
}

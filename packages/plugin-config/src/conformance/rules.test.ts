import { testBrokenSetups } from '@lodge-internal/conformance';
import { describe, expect, test } from 'vitest';
import type { ConfigPlace, ConfigSource } from '../backend.js';
import { type InMemoryConfig, inMemoryConfig } from '../in-memory/backend.js';
import { configBackendRules } from './rules.js';
import type { ConfigBackendSetup } from './setup.js';
import { testConfigBackend } from './test-config-backend.js';

type Fault = (setup: ConfigBackendSetup<InMemoryConfig>) => void;

/** For each rule, backends that break it. */
const faults: Readonly<Record<string, readonly Fault[]>> = {
  'has a name that a manifest can say': [faulty((backend) => set(backend, 'name', 'My Config'))],
  'supports what the setup says': [faulty((backend) => set(backend, 'supports', { changes: false }))],
  'has the values that were there before the open': [
    sources((source) => ({ ...source, get: () => undefined })),
    sources((source) => ({ ...source, get: (key) => source.get(key) ?? '' })),
    sources((source) => ({ ...source, entries: () => [] })),
    sources((source) => ({ ...source, entries: () => [...source.entries(), ...source.entries()] })),
  ],
  'says of a place that is not there that it is not': [
    faulty((backend) => {
      const open = backend.open;
      backend.open = async (place, options) => (await open(place, options)) ?? emptySource;
    }),
  ],
  'does not give a value that was removed': [puts((backend, place, key) => backend.set(place, key, ''), 'remove')],
  'takes any string for a key': [
    puts((backend, place, key, value) => backend.set(place, key.trim(), value)),
    puts((backend, place, key, value) => backend.set(place, key.toLowerCase(), value)),
    sources((source) => ({ ...source, get: (key) => source.get(key) ?? (key in {} ? 'inherited' : undefined) })),
  ],
  'takes any text for a value': [
    puts((backend, place, key, value) => backend.set(place, key, value.trim())),
    puts((backend, place, key, value) => backend.set(place, key, value.slice(0, 1_000))),
  ],
  'keeps places apart': [
    places((place) => ({ ...place, namespace: 'all' })),
    places((place) => ({ ...place, store: place.store.toLowerCase() })),
    places(({ namespace, store }) => ({ namespace: undefined, store: `${namespace ?? 'shared'}-${store}` })),
    places(({ namespace, store }) => ({ namespace: undefined, store: `${namespace ?? ''}__${store}` })),
  ],
  'shows a new value, a changed and a removed one, to who has the place open': [frozenSources()],
  'follows a place that was empty': [frozenSources()],
  'gives the values of one moment, whatever changes while they are read': [liveEntries()],
  'keeps one source going when another is closed, twice': [
    faulty((backend) => {
      let isClosed = false;
      wrapSources(backend, (source) => ({
        ...source,
        get: (key) => (isClosed ? undefined : source.get(key)),
        async close() {
          isClosed = true;
        },
      }));
    }),
    sources((source) => {
      let isClosed = false;
      return {
        ...source,
        async close() {
          if (isClosed) throw new Error('it is closed');
          isClosed = true;
        },
      };
    }),
  ],
  'opens one place for many at the same time': [
    faulty((backend) => {
      const open = backend.open;
      let isOpening = false;
      backend.open = async (place, options) => {
        if (isOpening) throw new Error('busy');
        isOpening = true;
        await Promise.resolve();
        isOpening = false;
        return open(place, options);
      };
    }),
  ],
  'holds nothing when all sources are closed': [sources((source) => ({ ...source, close: async () => {} }))],
  'gives up an open whose signal aborts': [
    faulty((backend) => {
      const open = backend.open;
      backend.open = (place, { signal }) => (signal.aborted ? new Promise(() => {}) : open(place, { signal }));
    }),
    faulty((backend) => {
      const open = backend.open;
      backend.open = (place) => open(place, { signal: new AbortController().signal });
    }),
  ],
  'stops twice, and opens nothing after it': [
    faulty((backend) => {
      backend.stop = async () => {};
    }),
    faulty((backend) => {
      let isStopped = false;
      backend.stop = async () => {
        if (isStopped) throw new Error('it has stopped');
        isStopped = true;
      };
    }),
  ],
};

describe('configBackendRules', () => {
  testBrokenSetups({ test: test.concurrent }, configBackendRules, { faults, setupWith: changed });

  test('about changes are skipped for a backend that has none', () => {
    const skipped: string[] = [];
    const runner = {
      describe: (_name: string, body: () => void) => body(),
      test: Object.assign(() => {}, { skip: (text: string) => void skipped.push(text) }),
    };
    testConfigBackend(runner, { ...inMemorySetup(), supports: { changes: false } });
    expect(skipped).toHaveLength(4);
    expect(skipped[0]).toMatch(/^shows a new value.*\(the backend does not support changes\)$/);
  });
});

const emptySource: ConfigSource = { get: () => undefined, entries: () => [], close: async () => {} };

function inMemorySetup(): ConfigBackendSetup<InMemoryConfig> {
  return {
    create: () => inMemoryConfig(),
    supports: { changes: true },
    put: (backend, place, key, value) => backend.set(place, key, value),
    remove: (backend, place, key) => backend.set(place, key, undefined),
    held: (backend) => backend.openSources,
  };
}

/** The rules hand a setup only backends that it has made. */
function changed(change: Fault): ConfigBackendSetup {
  const setup = inMemorySetup();
  change(setup);
  return setup as unknown as ConfigBackendSetup;
}

function set(backend: InMemoryConfig, key: keyof InMemoryConfig, value: unknown): void {
  Object.defineProperty(backend, key, { value });
}

function faulty(change: (backend: InMemoryConfig) => void): Fault {
  return (setup) => {
    setup.create = () => {
      const backend = inMemoryConfig();
      change(backend);
      return backend;
    };
  };
}

function wrapSources(backend: InMemoryConfig, wrap: (source: ConfigSource) => ConfigSource): void {
  const open = backend.open;
  backend.open = async (place, options) => {
    const source = await open(place, options);
    return source && wrap(source);
  };
}

function sources(wrap: (source: ConfigSource) => ConfigSource): Fault {
  return faulty((backend) => wrapSources(backend, wrap));
}

/** Sources that stay as they were. */
function frozenSources(): Fault {
  return sources((source) => {
    const values = new Map(source.entries());
    return { ...source, get: (key) => values.get(key), entries: () => values };
  });
}

/** Sources whose entries go on while they are read. */
function liveEntries(): Fault {
  return sources((source) => ({
    ...source,
    *entries() {
      const seen = new Set<string>();
      for (let next = source.entries(); ; next = source.entries()) {
        const entry = [...next].find(([key]) => !seen.has(key));
        if (entry === undefined) return;
        seen.add(entry[0]);
        yield entry;
      }
    },
  }));
}

function puts(
  put: (backend: InMemoryConfig, place: ConfigPlace, key: string, value: string) => void,
  name: 'put' | 'remove' = 'put',
): Fault {
  return (setup) => {
    setup[name] = (backend: InMemoryConfig, place: ConfigPlace, key: string, value: string = '') =>
      put(backend, place, key, value);
  };
}

/** Backends that take several places for one. */
function places(change: (place: ConfigPlace) => ConfigPlace): Fault {
  return (setup) => {
    faulty((backend) => {
      const { open } = backend;
      backend.open = (place, options) => open(change(place), options);
    })(setup);
    setup.put = (backend, place, key, value) => backend.set(change(place), key, value);
  };
}

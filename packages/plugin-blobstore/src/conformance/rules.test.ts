import { testBrokenSetups } from '@lodge-internal/conformance';
import { expect, test } from 'vitest';
import type { BlobstoreBackend, ContainerPlace } from '../backend.js';
import { BlobstoreError } from '../errors.js';
import { inMemoryBlobstore } from '../in-memory/backend.js';
import { type BlobstoreBackendSetup, blobstoreBackendRules } from './index.js';

/** Changes a backend that keeps every rule. */
type Fault = (backend: Backend) => void;
type Backend = { -readonly [Key in keyof BlobstoreBackend]: BlobstoreBackend[Key] };

/** For each rule, backends that break it. */
const faults: Readonly<Record<string, readonly Fault[]>> = {
  'has a name that a manifest can say': [set('name', 'In Memory'), set('name', '')],
  'knows a container from its creation to its deletion, and since when': [
    set('containerInfo', async () => ({ createdAt: Date.now() })),
    around('containerInfo', (real) => async (place, options) => {
      const info = await real(place, options);
      return info === undefined ? undefined : { createdAt: Math.trunc(info.createdAt / 1000) };
    }),
    set('deleteContainer', async () => {}),
    (backend) => {
      seconds(backend, 'createContainer');
      seconds(backend, 'containerInfo');
    },
  ],
  'creates a container once': [
    around(
      'createContainer',
      (real) => (place, options) => real(place, options).catch(() => ({ createdAt: Date.now() })),
    ),
    (backend) => {
      const real = backend.createContainer;
      backend.createContainer = async (place, options) => {
        const info = await backend.containerInfo(place, options);
        if (info !== undefined) throw new BlobstoreError('container-exists');
        await Promise.resolve();
        return real(place, options).catch(() => ({ createdAt: 0 }));
      };
    },
  ],
  'deletes a container with its objects': [
    (backend) => {
      const hidden = new Set<string>();
      around('deleteContainer', (real) => async (place, options) => {
        if (place.container !== 'photos') return real(place, options);
        hidden.add(place.container);
      })(backend);
      around(
        'createContainer',
        (real) => async (place, options) => (hidden.has(place.container) ? { createdAt: 0 } : real(place, options)),
      )(backend);
    },
  ],
  'says of a container that is not there that it is not': [
    set('deleteContainer', async () => {}),
    around('objectInfo', (real) => (place, name, options) => real(place, name, options).catch(() => undefined)),
    around(
      'read',
      (real) => (place, name, options) =>
        real(place, name, options).catch(() => Promise.reject(new BlobstoreError('no-such-object'))),
    ),
    around('write', (real) => async (place, name, bytes, options) => {
      if ((await Array.fromAsync(bytes)).every((chunk) => chunk.length === 0)) {
        return { size: 0, createdAt: Date.now(), version: '0' };
      }
      return real(place, name, one('x'), options);
    }),
    around('deleteObject', (real) => (place, name, options) => real(place, name, options).catch(() => {})),
    around('listObjects', (real) => (place, options) => quiet(real(place, options))),
  ],
  'keeps containers apart': [
    places((place) => ({ ...place, store: 'default' })),
    places((place) => ({ ...place, namespace: 'all' })),
    places((place) => ({ ...place, container: place.container.toLowerCase() })),
    places(({ namespace = 'none', store = 'none', container }) => ({
      namespace: '',
      store: '',
      container: [namespace, store, container].join('-'),
    })),
    places(({ namespace, store, container }) => ({ namespace, store, container: container.slice(0, 255) })),
    places(({ namespace, store, container }) => ({
      namespace: '',
      store: '',
      container: namespace === undefined ? container : [namespace, store, container].join('__'),
    })),
  ],
  'takes any text for the name of a container': [
    places((place) => ({ ...place, container: place.container.trim() })),
    places((place) => ({ ...place, container: place.container.replace(/[^-\w]/g, '_') })),
    refuse('createContainer', (place) => (place as ContainerPlace).container === ''),
    refuse('createContainer', (place) => (place as ContainerPlace).container.includes('..')),
  ],
  'gives back what was written, whatever its size': [
    around(
      'read',
      (real) => (place, name, options) =>
        real(place, name, options.range === undefined ? { ...options, range: { start: 0, end: 131_071 } } : options),
    ),
    around(
      'write',
      (real) => async (place, name, bytes, options) =>
        real(place, name, reversed(await Array.fromAsync(bytes)), options),
    ),
    around('write', (real) => async (place, name, bytes, options) => {
      const chunks = await Array.fromAsync(bytes);
      if (chunks.length === 0) throw new BlobstoreError('other');
      return real(place, name, forwards(chunks), options);
    }),
  ],
  'gives a range with both its ends, clamped to what there is': [
    // The three defects of the reference: an exclusive end, no range at all, no bound.
    ranges(({ start, end }) => ({ start, end: end - 1 })),
    ranges(() => undefined),
    around('read', (real) => async (place, name, options) => {
      const reading = await real(place, name, options);
      if (options.range !== undefined && options.range.end >= reading.info.size) throw new BlobstoreError('other');
      return reading;
    }),
  ],
  'gives ranges of a large object that begin and end anywhere': [
    ranges(({ start, end }) => ({ start: start - (start % 131_072), end })),
    ranges(({ start, end }) => (end - start > 500_000 ? { start, end: end - 1 } : { start, end })),
  ],
  'tells the size and the time of an object, and nothing of one that is not there': [
    around('objectInfo', (real) => async (place, name, options) => {
      const info = await real(place, name, options);
      return info === undefined ? undefined : { ...info, createdAt: 0 };
    }),
    around(
      'objectInfo',
      (real) =>
        async (...args) =>
          (await real(...args)) ?? { size: 0, createdAt: 0, version: '' },
    ),
    around('read', (real) => async (...args) => {
      const reading = await real(...args);
      return { ...reading, info: { ...reading.info, size: reading.size } };
    }),
    around('read', (real) => async (...args) => {
      const reading = await real(...args);
      return { ...reading, size: reading.info.size };
    }),
    around('objectInfo', (real) => async (place, name, options) => {
      const info = await real(place, name, options);
      return info === undefined ? undefined : { ...info, version: String(Math.random()) };
    }),
  ],
  'shows nothing of an object before all of it is written': [
    around('write', (real) => async (place, name, bytes, options) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of bytes) {
        chunks.push(chunk);
        await real(place, name, forwards(chunks), options);
      }
      return real(place, name, forwards(chunks), options);
    }),
  ],
  'keeps the object as it was when a write fails, with the error of the body': [
    around('write', (real) => (place, name, bytes, options) => real(place, name, untilFailure(bytes), options)),
    around(
      'write',
      (real) =>
        (...args) =>
          real(...args).catch(() => Promise.reject(new BlobstoreError('other'))),
    ),
    around('write', (real) => async (place, name, bytes, options) => {
      await real(place, name, one(''), options);
      return real(place, name, bytes, options);
    }),
  ],
  'replaces an object as a whole': [
    around('write', (real) => async (place, name, bytes, options) => {
      const chunks = await Array.fromAsync(bytes);
      const info = await real(place, name, forwards(chunks), options);
      return info.size === 5 ? real(place, `${name}.new`, forwards(chunks), options) : info;
    }),
    constantVersion,
    around('write', (real) => async (place, name, bytes, options) => {
      const kept = await Array.fromAsync(bytes);
      return kept.length > 4 ? real(place, name, forwards(kept), options) : { size: 0, createdAt: 0, version: '' };
    }),
  ],
  'has forgotten an object that was deleted': [
    // The defect of the reference: a tombstone is taken for an object.
    (backend) => {
      const seen = new Set<string>();
      around('deleteObject', (real) => async (place, name, options) => {
        seen.add(name);
        await real(place, name, options);
      })(backend);
      around(
        'objectInfo',
        (real) => async (place, name, options) =>
          (await real(place, name, options)) ??
          (seen.has(name) ? { size: 0, createdAt: 0, version: 'deleted' } : undefined),
      )(backend);
    },
    set('deleteObject', async () => {}),
    around('deleteObject', (real) => async (place, name, options) => {
      await real(place, name, options);
      await real(place, 'dog', options);
    }),
    around('deleteObject', (real) => async (place, name, options) => {
      const { objectInfo } = inMemoryBlobstore();
      await objectInfo(place, name, options).catch(() => {});
      if (name === 'never was') throw new BlobstoreError('no-such-object');
      await real(place, name, options);
    }),
  ],
  'deletes the version that is meant, and no other': [
    around(
      'deleteObject',
      (real) =>
        (place, name, { signal }) =>
          real(place, name, { signal }),
    ),
    around('deleteObject', (real) => async (place, name, options) => {
      if (options.ifVersion === undefined) await real(place, name, options);
    }),
  ],
  'takes any text for the name of an object': [
    objectNames((name) => name.normalize('NFD').replace(/\.\.\//g, '')),
    objectNames((name) => name.toLowerCase()),
    objectNames((name) => name.slice(0, 255)),
    refuse('write', (_place, name) => name === ''),
    refuse('write', (_place, name) => String(name).startsWith('/')),
  ],
  'shares no memory with its readers': [
    (backend) => {
      const cache = new Map<string, Uint8Array[]>();
      around('read', (real) => async (place, name, options) => {
        const reading = await real(place, name, options);
        const chunks = cache.get(name) ?? (await Array.fromAsync(reading.bytes));
        cache.set(name, chunks);
        return { ...reading, bytes: forwards(chunks) };
      })(backend);
    },
  ],
  'writes one object by many at a time as one of them': [
    (backend) => {
      const mixed: Uint8Array[] = [];
      around('write', (real) => async (place, name, bytes, options) => {
        for await (const chunk of bytes) mixed.push(chunk);
        return real(place, name, forwards(mixed), options);
      })(backend);
    },
  ],
  'reads to the end what it opened, or fails, but never mixes two contents': [
    // Reads piece by piece what is there now.
    around('read', (real) => async (place, name, options) => {
      const reading = await real(place, name, options);
      const bytes = async function* (): AsyncGenerator<Uint8Array> {
        for (let start = 0; start < reading.size; start += 65_536) {
          const range = { start, end: start + 65_535 };
          yield* (await real(place, name, { ...options, range })).bytes;
        }
      };
      return { ...reading, bytes: bytes() };
    }),
    // Promises to hold what it reads, and ends early instead.
    around('read', (real) => async (place, name, options) => {
      const reading = await real(place, name, options);
      return { ...reading, bytes: firstOnly(reading.bytes) };
    }),
  ],
  'lists every object once, and only objects': [
    around('listObjects', (real) => (place, options) => firstOnly(real(place, options))),
    around('listObjects', (real) => (place, options) => twice(() => real(place, options))),
    around('listObjects', (real) => (place, options) => prefixed('a-folder/', real(place, options))),
  ],
  'lists what is there all the time, once, whatever is written and deleted meanwhile': [
    // Pages by number: each deletion moves the rest up.
    around('listObjects', (real) => (place, options) => numberedPages(() => real(place, options), 256)),
    // Lists in the order of the last write: what is written again comes again.
    (backend) => {
      const log: string[] = [];
      around('write', (real) => async (place, name, bytes, options) => {
        const info = await real(place, name, bytes, options);
        log.push(name);
        return info;
      })(backend);
      backend.listObjects = async function* () {
        for (let index = 0; index < log.length; index += 100) yield log.slice(index, index + 100);
      };
    },
  ],
  'ends a listing that nobody wants to the end': [
    around(
      'listObjects',
      (real) => (place, options) =>
        withReturn(real(place, options), async () => {
          throw new Error('not supported');
        }),
    ),
  ],
  'reads no further ahead than a few megabytes': [
    around('read', (real) => async (...args) => {
      const reading = await real(...args);
      const all = Buffer.concat(await Array.fromAsync(reading.bytes));
      return { ...reading, bytes: one(all) };
    }),
  ],
  'takes the body of a write as it comes': [
    around('write', (real) => async (place, name, bytes, options) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of bytes) if (chunks.push(chunk) === 32) break;
      return real(place, name, forwards(chunks), options);
    }),
  ],
  'refuses what is larger than it takes, and goes on': [
    around('write', (real) => async (place, name, bytes, options) => {
      if (name !== 'large') return real(place, name, bytes, options);
      for await (const _chunk of bytes);
      return real(place, name, one('x'), options);
    }),
    around(
      'write',
      (real) =>
        (...args) =>
          real(...args).catch(() => Promise.reject(new Error('no space left'))),
    ),
    around('write', (real) => async (place, name, bytes, options) => {
      await real(place, 'leak', one('x'.repeat(600_000)), options);
      return real(place, name, bytes, options);
    }),
  ],
  'leaves nothing of a write that failed': [
    around('write', (real) => async (place, _name, bytes, options) => {
      await real(place, 'remains', untilFailure(bytes), options);
      throw new Error('the guest gave up');
    }),
  ],
  'leaves nothing of what was replaced or deleted': [
    around('write', (real) => async (place, name, bytes, options) => {
      const chunks = await Array.fromAsync(bytes);
      await real(place, `${name}-${chunks.length}`, forwards(chunks), options);
      return real(place, name, forwards(chunks), options);
    }),
    around('deleteObject', () => async () => {}),
  ],
  'gives up an operation whose signal aborts': (
    [
      'createContainer',
      'containerInfo',
      'deleteContainer',
      'objectInfo',
      'read',
      'write',
      'deleteObject',
      'listObjects',
    ] as const
  ).map((key) => ignoreSignal(key)),
  'gives up a write in the middle, and leaves nothing of it': [
    around('write', (real) => (place, name, bytes) => real(place, name, untilFailure(bytes), never())),
  ],
  'stops twice, and does nothing after it': [
    set('stop', async () => {}),
    (backend) => {
      let stops = 0;
      around('stop', (real) => async (options) => {
        stops += 1;
        if (stops > 1) throw new Error('stopped already');
        await real(options);
      })(backend);
    },
  ],
};

testBrokenSetups({ test }, blobstoreBackendRules, { faults, setupWith });

test('a setup that cannot count has its rules skipped', () => {
  const skipped = blobstoreBackendRules.filter(({ skipReason }) => skipReason?.({ create: () => inMemoryBlobstore() }));
  expect(skipped.map(({ name }) => name)).toEqual([
    'refuses what is larger than it takes, and goes on',
    'leaves nothing of a write that failed',
    'leaves nothing of what was replaced or deleted',
  ]);
});

function setupWith(fault: Fault): BlobstoreBackendSetup {
  const stored = new WeakMap<BlobstoreBackend, () => number>();
  const create = (options = {}): BlobstoreBackend => {
    const real = inMemoryBlobstore(options);
    const backend: Backend = { ...real };
    fault(backend);
    stored.set(backend, () => real.storedBytes);
    return backend;
  };
  return {
    create: () => create(),
    createLimited: () => create({ maxTotalBytes: 1_000_000 }),
    storedBytes: (backend) => stored.get(backend)?.() ?? 0,
    patienceMs: 100,
  };
}

function set<Key extends keyof Backend>(key: Key, value: Backend[Key]): Fault {
  return (backend) => {
    backend[key] = value;
  };
}

function around<Key extends keyof Backend>(
  key: Key,
  wrap: (real: NonNullable<Backend[Key]>) => NonNullable<Backend[Key]>,
): Fault {
  return (backend) => {
    const real = backend[key];
    if (real !== undefined) backend[key] = wrap(real);
  };
}

/** Another container than the one that is meant. */
function places(change: (place: ContainerPlace) => ContainerPlace): Fault {
  return (backend) => {
    around(
      'createContainer',
      (real) => (place, options) => real(change(place), options).catch(() => ({ createdAt: 0 })),
    )(backend);
    around(
      'write',
      (real) =>
        (place, ...rest) =>
          real(change(place), ...rest),
    )(backend);
    around(
      'read',
      (real) =>
        (place, ...rest) =>
          real(change(place), ...rest),
    )(backend);
  };
}

/** Another object than the one that is meant. */
function objectNames(change: (name: string) => string): Fault {
  return (backend) => {
    around(
      'write',
      (real) =>
        (place, name, ...rest) =>
          real(place, change(name), ...rest),
    )(backend);
    around(
      'read',
      (real) =>
        (place, name, ...rest) =>
          real(place, change(name), ...rest),
    )(backend);
  };
}

function ranges(change: (range: { start: number; end: number }) => { start: number; end: number } | undefined): Fault {
  return around('read', (real) => (place, name, { signal, range }) => {
    const changed = range === undefined ? undefined : change(range);
    return real(place, name, changed === undefined ? { signal } : { signal, range: changed });
  });
}

function refuse(key: 'createContainer' | 'write', isRefused: (...args: readonly unknown[]) => boolean): Fault {
  return (backend) => {
    const real = backend[key] as (...args: readonly unknown[]) => Promise<never>;
    const refusing = async (...args: readonly unknown[]): Promise<never> => {
      if (isRefused(...args)) throw new BlobstoreError('other');
      return real(...args);
    };
    backend[key] = refusing;
  };
}

function seconds(backend: Backend, key: 'createContainer' | 'containerInfo'): void {
  const real = backend[key];
  backend[key] = async (place: ContainerPlace, options: { signal: AbortSignal }) => {
    const info = await real(place, options);
    return { createdAt: Math.trunc((info?.createdAt ?? 0) / 1000) };
  };
}

function constantVersion(backend: Backend): void {
  around('objectInfo', (real) => async (...args) => {
    const info = await real(...args);
    return info === undefined ? undefined : { ...info, version: '1' };
  })(backend);
}

function ignoreSignal(key: Exclude<keyof Backend, 'name' | 'supports' | 'start' | 'stop'>): Fault {
  return (backend) => {
    const real = backend[key] as (...args: readonly unknown[]) => never;
    const deaf = (...args: readonly unknown[]): never => real(...args.slice(0, -1), never());
    Object.assign(backend, { [key]: deaf });
  };
}

function never(): { readonly signal: AbortSignal } {
  return { signal: new AbortController().signal };
}

async function* one(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

async function* forwards(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function* reversed(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* [...chunks].reverse();
}

async function* untilFailure(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch {
    // What a backend does that takes a broken body for a short one.
  }
}

async function* quiet<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* pages;
  } catch {
    // Takes a missing container for an empty one.
  }
}

async function* firstOnly<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    yield item;
    return;
  }
}

async function* twice<T>(items: () => AsyncIterable<T>): AsyncGenerator<T> {
  yield* items();
  yield* items();
}

async function* prefixed(folder: string, pages: AsyncIterable<readonly string[]>): AsyncGenerator<readonly string[]> {
  yield [folder];
  yield* pages;
}

async function* numberedPages(
  list: () => AsyncIterable<readonly string[]>,
  length: number,
): AsyncGenerator<readonly string[]> {
  for (let offset = 0; ; offset += length) {
    const names = (await Array.fromAsync(list())).flat().sort();
    if (offset >= names.length) return;
    yield names.slice(offset, offset + length);
  }
}

function withReturn<T>(items: AsyncIterable<T>, end: () => Promise<never>): AsyncIterable<T> {
  const iterator = items[Symbol.asyncIterator]();
  return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next(), return: end }) };
}

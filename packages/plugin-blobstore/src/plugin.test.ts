import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { HostError, type HostPlugin } from '@lodge/core';
import { testHostPlugin } from '@lodge/plugin-conformance';
import { afterEach, describe, expect, test } from 'vitest';
import type { BlobstoreBackend } from './backend.js';
import { BlobstoreError } from './errors.js';
import { inMemoryBlobstore } from './in-memory/backend.js';
import { blobstorePlugin } from './plugin.js';
import { asked, type BlobstoreImports, bind, type Entry, get, put, startPlugin, told } from './testing/workload.js';
import { Container } from './wit/container.js';
import { IncomingValue } from './wit/incoming-value.js';
import { OutgoingValue } from './wit/outgoing-value.js';
import { StreamObjectNames } from './wit/stream-object-names.js';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function started(
  backends: readonly BlobstoreBackend[] = [inMemoryBlobstore()],
): Promise<ReturnType<typeof blobstorePlugin>> {
  const plugin = blobstorePlugin({ backends });
  opened.push(await startPlugin(plugin));
  return plugin;
}

async function bound(entry: Entry = {}, backend: BlobstoreBackend = inMemoryBlobstore()): Promise<BlobstoreImports> {
  const imports = await bind(await started([backend]), entry);
  opened.push(imports);
  return imports;
}

async function photos(imports: BlobstoreImports): Promise<Container> {
  return imports.blobstore.createContainer('photos');
}

interface CountingBackend extends BlobstoreBackend {
  bind: NonNullable<BlobstoreBackend['bind']>;
  /** Binds that no unbind has followed. */
  readonly held: number;
}

function counting(): CountingBackend {
  const held = new Set<BlobstoreBackend>();
  const real = inMemoryBlobstore();
  return {
    ...real,
    get held() {
      return held.size;
    },
    async bind() {
      const bound: BlobstoreBackend = { ...real, unbind: async () => void held.delete(bound) };
      held.add(bound);
      return bound;
    },
  };
}

const countingBackends = new WeakMap<HostPlugin, CountingBackend>();

function countingPlugin(): ReturnType<typeof blobstorePlugin> {
  const backend = counting();
  const plugin = blobstorePlugin({ backends: [backend] });
  countingBackends.set(plugin, backend);
  return plugin;
}

testHostPlugin(
  { describe, test },
  {
    create: countingPlugin,
    held: (plugin) => countingBackends.get(plugin)?.held ?? 0,
    createStalled: () => blobstorePlugin({ backends: [{ ...inMemoryBlobstore(), bind: () => new Promise(() => {}) }] }),
    createUnstartable: () =>
      blobstorePlugin({ backends: [{ ...inMemoryBlobstore(), start: () => Promise.reject(new Error('no disk')) }] }),
    interfaces: [
      {
        id: 'wasi:blobstore/blobstore@0.2.0-draft',
        functions: [
          'create-container',
          'get-container',
          'delete-container',
          'container-exists',
          'copy-object',
          'move-object',
        ],
      },
      {
        id: 'wasi:blobstore/container@0.2.0-draft',
        functions: [
          '[method]container.name',
          '[method]container.info',
          '[method]container.get-data',
          '[method]container.write-data',
          '[method]container.list-objects',
          '[method]container.delete-object',
          '[method]container.delete-objects',
          '[method]container.has-object',
          '[method]container.object-info',
          '[method]container.clear',
          '[method]stream-object-names.read-stream-object-names',
          '[method]stream-object-names.skip-stream-object-names',
        ],
      },
      {
        id: 'wasi:blobstore/types@0.2.0-draft',
        functions: [
          '[static]outgoing-value.new-outgoing-value',
          '[method]outgoing-value.outgoing-value-write-body',
          '[static]outgoing-value.finish',
          '[static]incoming-value.incoming-value-consume-sync',
          '[static]incoming-value.incoming-value-consume-async',
          '[method]incoming-value.size',
        ],
      },
    ],
    workloads: [{ namespace: 'shop' }, { namespace: 'bank', config: { buckets: 'photos' } }],
    refused: [{ config: { bucket: 'photos' } }, { config: { backend: 'tape' } }],
    async observe({ imports }) {
      const { containerExists } = imports('wasi:blobstore/blobstore') as never as BlobstoreImports['blobstore'];
      return { photos: await containerExists('photos'), other: await told(containerExists('other')) };
    },
  },
);

test('the WIT text states every function there is', async () => {
  const wit = await readFile(new URL('../wit/blobstore.wit', import.meta.url), 'utf8');
  const stated = [...wit.matchAll(/^ +([a-z-]+): (?:static )?func\(/gm)].map(([, name = '']) => camelCase(name));
  const imports = await bound();
  const members = [Container, StreamObjectNames, OutgoingValue, imports.OutgoingValue, IncomingValue]
    .flatMap((type) => [...Object.getOwnPropertyNames(type.prototype), ...Object.getOwnPropertyNames(type)])
    .concat(Object.keys(imports.blobstore))
    .filter((name) => !['constructor', 'length', 'name', 'prototype', 'writeTo'].includes(name));
  // The name of a container is also a property of every class.
  expect([...members, 'name'].sort()).toEqual(stated.sort());
  const suspending = blobstorePlugin().world.provides.flatMap(({ suspends }) => suspends);
  for (const name of suspending) expect(stated).toContain(camelCase(name.replace(/^.*\./, '')));
});

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

describe('an object', () => {
  test('is written through a stream and read back, whole and in part', async () => {
    const imports = await bound();
    const container = await photos(imports);
    const content = Uint8Array.from({ length: 600_000 }, (_, index) => index % 251);
    await put(imports, container, 'cat', content);
    expect(Buffer.from(await get(imports, container, 'cat')).equals(content)).toBe(true);
    expect([...(await get(imports, container, 'cat', 250n, 253n))]).toEqual([250, 0, 1, 2]);
    const value = await container.getData('cat', 599_998n, 2n ** 64n - 1n);
    expect(value.size()).toBe(2n);
    expect([...(await IncomingValue.incomingValueConsumeSync(value))]).toEqual([...content.slice(-2)]);
  });

  test('is there after finish, and not before, even when the stream is dropped', async () => {
    const imports = await bound();
    const container = await photos(imports);
    const value = imports.OutgoingValue.newOutgoingValue();
    const stream = value.outgoingValueWriteBody();
    await container.writeData('cat', value);
    await stream.blockingWriteAndFlush(new Uint8Array(3000));
    stream[Symbol.dispose]();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await container.hasObject('cat')).toBe(false);
    await imports.OutgoingValue.finish(value);
    expect(await container.objectInfo('cat')).toMatchObject({ name: 'cat', container: 'photos', size: 3000n });
  });

  test('may be written before write-data says where to, however large it is', async () => {
    const imports = await bound();
    const container = await photos(imports);
    const before = await spools();
    const value = imports.OutgoingValue.newOutgoingValue();
    const stream = value.outgoingValueWriteBody();
    const content = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 7 + (index >> 12)) % 256);
    for (let offset = 0; offset < content.length; offset += 4096) {
      await stream.blockingWriteAndFlush(content.slice(offset, offset + 4096));
    }
    expect((await spools()).length).toBe(before.length + 1);
    await container.writeData('cat', value);
    stream[Symbol.dispose]();
    await imports.OutgoingValue.finish(value);
    expect(Buffer.from(await get(imports, container, 'cat')).equals(content)).toBe(true);
    expect((await spools()).length).toBe(before.length);
  });

  test('whose value is dropped was never written, and leaves nothing', async () => {
    const backend = inMemoryBlobstore();
    const imports = await bound({}, backend);
    const container = await photos(imports);
    const before = await spools();
    for (const isPlaced of [true, false]) {
      const value = imports.OutgoingValue.newOutgoingValue();
      const stream = value.outgoingValueWriteBody();
      if (isPlaced) await container.writeData('cat', value);
      for (let count = 0; count < 300; count++) await stream.blockingWriteAndFlush(new Uint8Array(4096));
      value[Symbol.dispose]();
      expect(await told(() => stream.checkWrite())).toBe('the value was dropped');
      stream[Symbol.dispose]();
    }
    await expect.poll(() => backend.storedBytes).toBe(0);
    await expect.poll(async () => (await spools()).length).toBe(before.length);
    expect(await container.hasObject('cat')).toBe(false);
  });

  test('that is empty is an object', async () => {
    const imports = await bound();
    const container = await photos(imports);
    const value = imports.OutgoingValue.newOutgoingValue();
    await container.writeData('nothing', value);
    await imports.OutgoingValue.finish(value);
    expect(await container.objectInfo('nothing')).toMatchObject({ size: 0n });
    expect((await get(imports, container, 'nothing')).length).toBe(0);
    const reading = await container.getData('nothing', 0n, 0n);
    expect((await IncomingValue.incomingValueConsumeSync(reading)).length).toBe(0);
  });

  test('has a creation time in seconds, as its container', async () => {
    const imports = await bound();
    const container = await photos(imports);
    await put(imports, container, 'cat', 'meow');
    const now = Date.now() / 1000;
    for (const { createdAt } of [await container.objectInfo('cat'), await container.info()]) {
      expect(Math.abs(Number(createdAt) - now)).toBeLessThan(60);
    }
  });

  test('that was deleted is not there: has-object, object-info, get-data, the list', async () => {
    const imports = await bound();
    const container = await photos(imports);
    for (const name of ['a', 'b', 'c', 'd']) await put(imports, container, name, name);
    await container.deleteObject('a');
    await container.deleteObject('a');
    await container.deleteObjects(['b', 'nowhere', 'b']);
    expect(await container.hasObject('a')).toBe(false);
    expect(await told(container.objectInfo('a'))).toBe('no such object');
    expect(await told(container.getData('a', 0n, 1n))).toBe('no such object');
    expect(await names(container)).toEqual(['c', 'd']);
    await container.clear();
    expect(await names(container)).toEqual([]);
    expect(await told(container.deleteObjects([]))).toBe('nothing');
  });
});

describe('what a guest does wrong is a clear error:', () => {
  test('a value that is written twice, or finished without an object, or whose body is taken twice', async () => {
    const imports = await bound();
    const container = await photos(imports);
    const value = imports.OutgoingValue.newOutgoingValue();
    await container.writeData('cat', value);
    expect(await told(container.writeData('dog', value))).toBe('the value was already written to an object');
    value.outgoingValueWriteBody();
    expect(await told(() => value.outgoingValueWriteBody())).toBe(undefined);
    await imports.OutgoingValue.finish(value);
    expect(await names(container)).toEqual(['cat']);
    expect(await told(imports.OutgoingValue.finish(imports.OutgoingValue.newOutgoingValue()))).toBe(
      'the value was not written to an object: call write-data before finish',
    );
  });

  test('a range whose start is after its end', async () => {
    const imports = await bound();
    const container = await photos(imports);
    await put(imports, container, 'cat', 'meow');
    expect(await told(container.getData('cat', 2n, 1n))).toBe('the range is not valid: start is after end');
  });

  test('names that are too long', async () => {
    const { blobstore, OutgoingValue } = await bound();
    const container = await blobstore.createContainer('é'.repeat(512));
    const text = 'the name is too long: at most 1024 bytes';
    expect(await told(blobstore.createContainer('x'.repeat(1025)))).toBe(text);
    for (const name of ['é'.repeat(513), 'x'.repeat(1025), '鍵'.repeat(342)]) {
      expect(await told(container.hasObject(name))).toBe(text);
      expect(await told(container.deleteObjects(['a', name]))).toBe(text);
      expect(await told(container.writeData(name, OutgoingValue.newOutgoingValue()))).toBe(text);
      expect(await told(blobstore.copyObject({ container: 'a', object: name }, { container: 'a', object: 'b' }))).toBe(
        text,
      );
    }
    expect(await container.hasObject('鍵'.repeat(341))).toBe(false);
  });

  test('a container that is not there, or there already', async () => {
    const imports = await bound();
    const { blobstore } = imports;
    expect(await blobstore.containerExists('photos')).toBe(false);
    expect(await told(blobstore.getContainer('photos'))).toBe('no such container');
    expect(await told(blobstore.deleteContainer('photos'))).toBe('no such container');
    const container = await photos(imports);
    expect(await told(photos(imports))).toBe('the container already exists');
    expect((await blobstore.getContainer('photos')).name()).toBe('photos');
    await blobstore.deleteContainer('photos');
    const value = imports.OutgoingValue.newOutgoingValue();
    for (const work of [
      container.info(),
      container.writeData('cat', value),
      container.listObjects(),
      container.deleteObjects([]),
      container.clear(),
      container.hasObject('cat'),
    ]) {
      expect(await told(work)).toBe('no such container');
    }
  });

  test('an object beyond the limit of its entry, at the stream and at finish', async () => {
    const imports = await bound({ config: { max_object_bytes: '10000' } });
    const container = await photos(imports);
    await put(imports, container, 'fits', new Uint8Array(10_000));
    const value = imports.OutgoingValue.newOutgoingValue();
    const stream = value.outgoingValueWriteBody();
    await container.writeData('large', value);
    const text = 'the object is too large: at most 10000 bytes';
    const write = async (): Promise<void> => {
      for (;;) await stream.blockingWriteAndFlush(new Uint8Array(4096));
    };
    expect(await told(write())).toBe(text);
    stream[Symbol.dispose]();
    expect(await told(imports.OutgoingValue.finish(value))).toBe(text);
    expect(await names(container)).toEqual(['fits']);
  });
});

describe('copy and move', () => {
  test('work within a container and across containers, and replace what is there', async () => {
    const imports = await bound();
    const { blobstore } = imports;
    const [from, to] = [await photos(imports), await blobstore.createContainer('archive')];
    await put(imports, from, 'cat', 'meow');
    await put(imports, to, 'cat', 'an older cat');
    await blobstore.copyObject({ container: 'photos', object: 'cat' }, { container: 'archive', object: 'cat' });
    await blobstore.copyObject({ container: 'photos', object: 'cat' }, { container: 'photos', object: 'kitten' });
    await blobstore.moveObject({ container: 'photos', object: 'cat' }, { container: 'archive', object: 'moved' });
    expect([await names(from), await names(to)]).toEqual([['kitten'], ['cat', 'moved']]);
    for (const [container, name] of [
      [from, 'kitten'],
      [to, 'cat'],
      [to, 'moved'],
    ] as const) {
      expect(Buffer.from(await get(imports, container, name)).toString()).toBe('meow');
    }
  });

  test('onto the same object leave it as it is', async () => {
    const imports = await bound();
    const container = await photos(imports);
    await put(imports, container, 'cat', 'meow');
    const place = { container: 'photos', object: 'cat' };
    await imports.blobstore.moveObject(place, { ...place });
    await imports.blobstore.copyObject(place, { ...place });
    expect(Buffer.from(await get(imports, container, 'cat')).toString()).toBe('meow');
  });

  test('that cannot write the copy delete nothing', async () => {
    const backend = inMemoryBlobstore({ maxTotalBytes: 2_000 });
    const imports = await bound({}, backend);
    const container = await photos(imports);
    const content = 'meow'.repeat(250);
    await put(imports, container, 'cat', content);
    const { blobstore } = imports;
    const cat = { container: 'photos', object: 'cat' };
    expect(await told(blobstore.moveObject(cat, { container: 'nowhere', object: 'cat' }))).toBe('no such container');
    expect(await told(blobstore.moveObject(cat, { container: 'photos', object: 'dog' }))).toBe(
      'the blob store is full',
    );
    expect(await told(blobstore.moveObject({ ...cat, object: 'dog' }, cat))).toBe('no such object');
    expect(await names(container)).toEqual(['cat']);
    expect(Buffer.from(await get(imports, container, 'cat')).toString()).toBe(content);
  });

  test('keep what was written to the source in the meantime', async () => {
    const real = inMemoryBlobstore();
    const imports = await bound(
      {},
      {
        ...real,
        async write(place, name, bytes, options) {
          const info = await real.write(place, name, bytes, options);
          if (name === 'moved') await real.write(place, 'cat', meow(), options);
          return info;
        },
      },
    );
    const container = await photos(imports);
    await put(imports, container, 'cat', 'old');
    await imports.blobstore.moveObject(
      { container: 'photos', object: 'cat' },
      { container: 'photos', object: 'moved' },
    );
    expect(Buffer.from(await get(imports, container, 'cat')).toString()).toBe('meow');
    expect(Buffer.from(await get(imports, container, 'moved')).toString()).toBe('old');
  });
});

describe('a list', () => {
  test('comes in pages of the size that is asked for, with the end beside the last names', async () => {
    const imports = await bound();
    const container = await photos(imports);
    const all = Array.from({ length: 600 }, (_, index) => `object-${index}`);
    await Promise.all(all.map((name) => put(imports, container, name, name)));
    const list = await container.listObjects();
    expect(await list.readStreamObjectNames(0n)).toEqual([[], false]);
    const [first, isFirstLast] = await list.readStreamObjectNames(400n);
    expect([first.length, isFirstLast]).toEqual([400, false]);
    expect(await list.skipStreamObjectNames(100n)).toEqual([100n, false]);
    const [rest, isRestLast] = await list.readStreamObjectNames(100n);
    expect([rest.length, isRestLast]).toEqual([100, true]);
    expect(await list.readStreamObjectNames(1n)).toEqual([[], true]);
    expect(new Set([...first, ...rest]).size).toBe(500);
    const whole = await container.listObjects();
    expect(await whole.skipStreamObjectNames(2n ** 64n - 1n)).toEqual([600n, true]);
  });

  test('gives at most 10,000 names at once', async () => {
    const page = Array.from({ length: 15_000 }, (_, index) => String(index));
    const imports = await bound({}, { ...inMemoryBlobstore(), listObjects: () => pagesOf([page]) });
    const list = await (await photos(imports)).listObjects();
    const [names, isLast] = await list.readStreamObjectNames(2n ** 64n - 1n);
    expect([names.length, isLast]).toEqual([10_000, false]);
  });
});

test('a guest that fails in a loop does not flood the log of the host', async () => {
  const lines: string[] = [];
  const plugin = blobstorePlugin({ backends: [inMemoryBlobstore({ maxTotalBytes: 2_000 })] });
  opened.push(await startPlugin(plugin, { log: (_level, message) => void lines.push(message) }));
  const imports = await bind(plugin);
  const container = await photos(imports);
  for (let index = 0; index < 200; index++) {
    expect(await told(put(imports, container, 'cat', 'm'.repeat(2_000)))).toBe('the blob store is full');
  }
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThan(40);
});

test('a workload creates a bounded number of containers, and may create others in their place', async () => {
  const plugin = blobstorePlugin({ maxContainers: 2 });
  opened.push(await startPlugin(plugin));
  const { blobstore } = await bind(plugin);
  const created = await Promise.all(['a', 'b', 'c'].map((name) => told(blobstore.createContainer(name))));
  expect(created).toEqual(['nothing', 'nothing', 'too many containers were created']);
  expect(await told(blobstore.createContainer('a'))).toBe('the container already exists');
  await blobstore.deleteContainer('a');
  expect(await told(blobstore.createContainer('c'))).toBe('nothing');
  expect(await told(blobstore.createContainer('a'))).toBe('too many containers were created');
});

describe('streams of a workload', () => {
  test('are bounded, and count until they are dropped', async () => {
    const plugin = blobstorePlugin({ maxOpenStreams: 64 });
    opened.push(await startPlugin(plugin));
    const imports = await bind(plugin);
    const container = await photos(imports);
    await put(imports, container, 'cat', 'meow');
    await expect.poll(() => imports.openStreams).toBe(0);
    const list = await container.listObjects();
    expect(imports.openStreams).toBe(32);
    const values = Array.from({ length: 33 }, () => imports.OutgoingValue.newOutgoingValue());
    for (const value of values.slice(0, 16)) value.outgoingValueWriteBody();
    const streams = await Promise.all(
      Array.from({ length: 16 }, async () =>
        imports.IncomingValue.incomingValueConsumeAsync(await container.getData('cat', 0n, 9n)),
      ),
    );
    expect(imports.openStreams).toBe(64);
    expect(await told(() => values[16]?.outgoingValueWriteBody())).toBe(undefined);
    expect(await told(container.writeData('dog', values[17] ?? fail()))).toBe('too many streams are open');
    expect(await told(container.listObjects())).toBe('too many streams are open');
    const value = await container.getData('cat', 0n, 9n);
    expect(await told(() => imports.IncomingValue.incomingValueConsumeAsync(value))).toBe('too many streams are open');
    list[Symbol.dispose]();
    for (const stream of streams) stream[Symbol.dispose]();
    for (const one of values) one[Symbol.dispose]();
    await expect.poll(() => imports.openStreams).toBe(0);
    await put(imports, container, 'dog', 'woof');
    expect(Buffer.from(await get(imports, container, 'dog')).toString()).toBe('woof');
  });

  test('have a bound on disk, too', async () => {
    const plugin = blobstorePlugin({ maxSpooledBytes: 1_000_000 });
    opened.push(await startPlugin(plugin));
    const { OutgoingValue } = await bind(plugin);
    const value = OutgoingValue.newOutgoingValue();
    const stream = value.outgoingValueWriteBody();
    const write = async (): Promise<never> => {
      for (;;) await stream.blockingWriteAndFlush(new Uint8Array(4096));
    };
    expect(await told(write())).toBe('too much is written before write-data says where to');
    value[Symbol.dispose]();
    // What the first one had on disk is free again, soon.
    await expect
      .poll(async () => {
        using other = OutgoingValue.newOutgoingValue();
        using enough = other.outgoingValueWriteBody();
        return await told(async () => {
          for (let count = 0; count < 200; count++) await enough.blockingWriteAndFlush(new Uint8Array(4096));
        });
      })
      .toBe('nothing');
  });
});

function fail(): never {
  throw new Error('there is no such value');
}

describe('an entry', () => {
  test('sees the containers of its namespace and store, and nobody else the shared ones', async () => {
    const plugin = await started();
    const shop = await bind(plugin);
    await put(shop, await shop.blobstore.createContainer('photos'), 'cat', 'meow');
    const other = await bind(plugin, { namespace: 'bank' });
    const archive = await bind(plugin, { config: { store: 'archive' } });
    const again = await bind(plugin);
    const shared = await bind(plugin, { config: { shared: 'true' } });
    const sharedToo = await bind(plugin, { namespace: 'bank', config: { shared: 'true' } });
    expect(await other.blobstore.containerExists('photos')).toBe(false);
    expect(await archive.blobstore.containerExists('photos')).toBe(false);
    expect(await shared.blobstore.containerExists('photos')).toBe(false);
    expect(await again.blobstore.containerExists('photos')).toBe(true);
    await shared.blobstore.createContainer('all');
    expect(await sharedToo.blobstore.containerExists('all')).toBe(true);
    expect(await shop.blobstore.containerExists('all')).toBe(false);
  });

  test('with buckets opens those and no others', async () => {
    const plugin = await started();
    const all = await bind(plugin);
    await all.blobstore.createContainer('photos');
    await all.blobstore.createContainer('secrets');
    const { blobstore } = await bind(plugin, { config: { buckets: 'photos,letters' } });
    const [photo, secret] = [
      { container: 'photos', object: 'a' },
      { container: 'secrets', object: 'a' },
    ];
    expect(await blobstore.containerExists('photos')).toBe(true);
    for (const work of [
      blobstore.containerExists('secrets'),
      blobstore.getContainer('secrets'),
      blobstore.createContainer('others'),
      blobstore.deleteContainer('secrets'),
      blobstore.copyObject(secret, photo),
      blobstore.copyObject(photo, secret),
      blobstore.moveObject(secret, photo),
      blobstore.moveObject(photo, secret),
    ]) {
      expect(await told(work)).toBe('unauthorized');
    }
    const none = await bind(plugin, { config: { buckets: '' } });
    expect(await told(none.blobstore.containerExists('photos'))).toBe('unauthorized');
  });

  test('that is read-only changes nothing, listed in buckets or not', async () => {
    const plugin = await started();
    const writer = await bind(plugin);
    await put(writer, await photos(writer), 'cat', 'meow');
    for (const config of [{ read_only: 'true' }, { read_only: 'true', buckets: 'photos,new' }]) {
      const reader = await bind(plugin, { config: config as Record<string, string> });
      const { blobstore, OutgoingValue } = reader;
      const container = await blobstore.getContainer('photos');
      const place = { container: 'photos', object: 'cat' };
      for (const work of [
        blobstore.createContainer('new'),
        blobstore.deleteContainer('photos'),
        blobstore.copyObject(place, { ...place, object: 'dog' }),
        blobstore.moveObject(place, { ...place, object: 'dog' }),
        container.writeData('dog', OutgoingValue.newOutgoingValue()),
        container.deleteObject('cat'),
        container.deleteObjects(['cat']),
        container.clear(),
      ]) {
        expect(await told(work)).toBe('the container is read-only');
      }
      expect(Buffer.from(await get(reader, container, 'cat')).toString()).toBe('meow');
    }
  });

  test('reaches the backend that its configuration names, else the first one', async () => {
    const [fast, slow] = [inMemoryBlobstore({ name: 'fast' }), inMemoryBlobstore({ name: 'slow' })];
    const plugin = await started([fast, slow]);
    await put(await bind(plugin), await photos(await bind(plugin)), 'cat', 'meow');
    const archive = await bind(plugin, { name: 'archive', config: { backend: 'slow' } });
    await put(archive, await photos(archive), 'cat', 'meow meow');
    const unsaid = await bind(plugin, { name: 'unsaid' });
    await put(unsaid, await photos(unsaid), 'cat', 'purr');
    expect([fast.storedBytes, slow.storedBytes]).toEqual([8, 9]);
  });

  test.each([
    [
      { config: { backend: 'tape' } },
      "hostInterfaces[wasi:blobstore].config.backend is 'tape'; this host has fast, slow.",
    ],
    [
      { name: 'archive', config: { backend: '' } },
      "hostInterfaces[wasi:blobstore, archive].config.backend is ''; this host has fast, slow.",
    ],
    [
      { name: 'archive', config: { backend: 'slow', bucket: 'a' } },
      'hostInterfaces[wasi:blobstore, archive].config.bucket is not known;',
    ],
  ])('that is wrong fails the start and says where: %j', async (entry: Entry, message) => {
    const plugin = await started([inMemoryBlobstore({ name: 'fast' }), inMemoryBlobstore({ name: 'slow' })]);
    const error = await bind(plugin, entry).catch((reason: unknown) => reason);
    expect(HostError.is(error, 'ERR_CONFIG_INVALID')).toBe(true);
    expect((error as Error).message).toContain(message);
  });
});

test('backends are named once', () => {
  const twice = [inMemoryBlobstore(), inMemoryBlobstore()];
  expect(() => blobstorePlugin({ backends: twice })).toThrow('backends must name each backend once');
  expect(() => blobstorePlugin({ backends: [] })).toThrow('backends must name each backend once');
});

test('a backend that does not start takes down those before it', async () => {
  const stopped: string[] = [];
  const first = { ...inMemoryBlobstore({ name: 'first' }), stop: async () => void stopped.push('first') };
  const second = { ...inMemoryBlobstore({ name: 'second' }), start: () => Promise.reject(new Error('no disk')) };
  await expect(startPlugin(blobstorePlugin({ backends: [first, second] }))).rejects.toThrow('no disk');
  expect(stopped).toEqual(['first']);
});

test('a workload that cannot start lets go of what its entries have bound', async () => {
  const backend = counting();
  const plugin = await started([backend]);
  const { workload, requests } = asked(plugin);
  const { requests: wrong } = asked(plugin, { name: 'archive', config: { read_only: 'perhaps' } });
  const hook = { signal: new AbortController().signal };
  await expect(plugin.onWorkloadBind(workload, [...requests, ...wrong], hook)).rejects.toThrow('read_only');
  expect(backend.held).toBe(0);
});

test('a bind that succeeds when its workload was given up is undone', async () => {
  const backend = counting();
  const gate = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const bindLate: BlobstoreBackend['bind'] = async (config, options) => {
    await gate.promise;
    const bound = await backend.bind(config, options);
    taken.resolve();
    return bound;
  };
  const plugin = await started([{ ...backend, bind: bindLate }]);
  const { workload, requests } = asked(plugin);
  const controller = new AbortController();
  const binding = plugin.onWorkloadBind(workload, requests, { signal: controller.signal });
  controller.abort(new Error('given up'));
  await expect(binding).rejects.toThrow('given up');
  gate.resolve();
  await taken.promise;
  await expect.poll(() => backend.held).toBe(0);
});

test.each(['maxContainers', 'maxOpenStreams', 'maxSpooledBytes'])('a %s that is no number is refused', (name) => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5]) {
    expect(() => blobstorePlugin({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID', message: expect.stringContaining(name) }),
    );
  }
  expect(() => blobstorePlugin({ [name]: 0 })).not.toThrow();
});

test('an unbind ends what the workload was writing', async () => {
  const backend = inMemoryBlobstore();
  const imports = await bind(await started([backend]));
  const container = await photos(imports);
  const value = imports.OutgoingValue.newOutgoingValue();
  const stream = value.outgoingValueWriteBody();
  await container.writeData('cat', value);
  await stream.blockingWriteAndFlush(new Uint8Array(4096));
  await imports[Symbol.asyncDispose]();
  expect(await told(() => stream.checkWrite())).toBe('the workload has stopped');
  await expect.poll(() => backend.storedBytes).toBe(0);
});

test('a foreign error of a backend is a defect: it goes on as it is', async () => {
  const defect = new TypeError('internal');
  const imports = await bound({}, { ...inMemoryBlobstore(), objectInfo: () => Promise.reject(defect) });
  expect(await told((await photos(imports)).hasObject('cat'))).toBe(defect);
});

test('a reading that breaks is told to the guest at its stream', async () => {
  const real = inMemoryBlobstore();
  const imports = await bound(
    {},
    {
      ...real,
      async read(place, name, options) {
        const reading = await real.read(place, name, options);
        return { ...reading, bytes: broken(reading.bytes) };
      },
    },
  );
  const container = await photos(imports);
  await put(imports, container, 'cat', 'meow');
  const text = 'the object was replaced or deleted while it was read';
  expect(await told(get(imports, container, 'cat'))).toBe(text);
  expect(await told(IncomingValue.incomingValueConsumeSync(await container.getData('cat', 0n, 9n)))).toBe(text);
});

async function names(container: Container): Promise<string[]> {
  const [all] = await (await container.listObjects()).readStreamObjectNames(1000n);
  return all.sort();
}

async function spools(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('lodge-blob-'));
}

async function* meow(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('meow');
}

async function* pagesOf(pages: readonly (readonly string[])[]): AsyncGenerator<readonly string[]> {
  yield* pages;
}

async function* broken(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    yield chunk.subarray(0, 1);
    throw new BlobstoreError('object-changed');
  }
}

import assert from 'node:assert/strict';
import type { Rule } from '@lodge/plugin-conformance';
import type { ContainerPlace } from '../backend.js';
import type { BlobstoreBackendSetup } from './setup.js';
import { fails, going, photos, withBackend } from './stage.js';

/** Names that a storage, a path or a JavaScript object might take for something else. */
export const oddNames: readonly string[] = Object.freeze([
  '',
  ' ',
  ' a',
  'two words',
  'größe',
  '鍵',
  '🗝',
  '__proto__',
  'constructor',
  '.',
  '..',
  '../a',
  '../../etc/passwd',
  '/a',
  'a/b',
  'a//b',
  'a\\b',
  'C:\\a',
  'a.b',
  '.a',
  'a.',
  'a*',
  '*',
  '>',
  'a>b',
  '$O.x',
  'a=b',
  '=',
  '=41',
  '_41',
  'A',
  'a',
  'a_b',
  'a__b',
  'a\nb',
  'a\0b',
  '%2e%2e',
  'a,b',
  'k'.repeat(300),
  'é'.repeat(512),
]);

/** Rules on containers. */
export const containerRules: readonly Rule<BlobstoreBackendSetup>[] = Object.freeze([
  {
    name: 'has a name that a manifest can say',
    check: (setup) =>
      withBackend(setup, async ({ backend }) => {
        assert.match(backend.name, /^[a-z][a-z0-9-]{0,63}$/, 'the name must be lower-case words and hyphens');
      }),
  },
  {
    name: 'knows a container from its creation to its deletion, and since when',
    check: (setup) =>
      withBackend(setup, async ({ backend }) => {
        const place = { ...photos, container: 'new' };
        assert.equal(await backend.containerInfo(place, going()), undefined, 'it is there before it was created');
        const before = Date.now();
        const created = await backend.createContainer(place, going());
        const info = await backend.containerInfo(place, going());
        assert.deepEqual(info, created, 'containerInfo must be what createContainer answered');
        isRecent(info?.createdAt, before);
        await backend.deleteContainer(place, going());
        assert.equal(await backend.containerInfo(place, going()), undefined, 'it is there after it was deleted');
      }),
  },
  {
    name: 'creates a container once',
    check: (setup) =>
      withBackend(setup, async ({ backend }) => {
        await fails(backend.createContainer(photos, going()), 'container-exists', 'a second creation');
        const place = { ...photos, container: 'race' };
        const attempts = await Promise.allSettled(
          Array.from({ length: 8 }, () => backend.createContainer(place, going())),
        );
        const created = attempts.filter(({ status }) => status === 'fulfilled');
        assert.equal(created.length, 1, 'of several creations at a time exactly one must succeed');
      }),
  },
  {
    name: 'deletes a container with its objects',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        await stage.put(photos, 'cat', 'meow');
        await stage.backend.deleteContainer(photos, going());
        await stage.create(photos);
        assert.equal(
          await stage.exists(photos, 'cat'),
          false,
          'an object came back with a new container of the same name',
        );
        assert.deepEqual(await stage.names(photos), []);
      }),
  },
  {
    name: 'says of a container that is not there that it is not',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const { backend } = stage;
        const place = { ...photos, container: 'nowhere' };
        await fails(backend.deleteContainer(place, going()), 'no-such-container', 'deleteContainer');
        await fails(backend.objectInfo(place, 'cat', going()), 'no-such-container', 'objectInfo');
        await fails(backend.read(place, 'cat', going()), 'no-such-container', 'read');
        await fails(stage.put(place, 'cat', 'meow'), 'no-such-container', 'write');
        await fails(stage.put(place, 'empty', ''), 'no-such-container', 'write of nothing');
        await fails(stage.delete(place, 'cat'), 'no-such-container', 'deleteObject');
        await fails(stage.names(place), 'no-such-container', 'listObjects');
      }),
  },
  {
    name: 'keeps containers apart',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const places: ContainerPlace[] = [
          { namespace: 'shop', store: 'default', container: 'other' },
          { namespace: 'bank', store: 'default', container: 'photos' },
          { namespace: 'shop', store: 'archive', container: 'photos' },
          { namespace: undefined, store: undefined, container: 'photos' },
          // Names that a careless join, or a careless escape, makes one.
          { namespace: 'shop-default', store: 'photos', container: 'a' },
          { namespace: 'shop', store: 'default-photos', container: 'a' },
          { namespace: 'shop_default', store: 'photos', container: 'a' },
          { namespace: 'shop', store: 'default_photos', container: 'a' },
          { namespace: 'shop', store: 'default', container: 'photos_a' },
          { namespace: 'shop__default', store: 'photos', container: 'a' },
          { namespace: 'shop', store: '', container: '' },
          { namespace: undefined, store: undefined, container: 'shop__default__photos' },
          { namespace: undefined, store: undefined, container: 'shop-default-photos' },
          { namespace: undefined, store: undefined, container: 'shop.default.photos' },
          { namespace: 'shop', store: 'default', container: 'PHOTOS' },
          { namespace: 'shop', store: 'default', container: `${'x'.repeat(500)}1` },
          { namespace: 'shop', store: 'default', container: `${'x'.repeat(500)}2` },
          { namespace: 'shop', store: 'x'.repeat(400), container: 'x'.repeat(100) },
          { namespace: undefined, store: undefined, container: 'x'.repeat(500) },
        ];
        await stage.put(photos, 'where', 'photos');
        for (const [index, place] of places.entries()) {
          await stage.create(place);
          await stage.put(place, 'where', `place ${index}`);
        }
        for (const [index, place] of places.entries()) {
          assert.equal(await stage.text(place, 'where'), `place ${index}`, JSON.stringify(place));
        }
        assert.equal(await stage.text(photos, 'where'), 'photos');
      }),
  },
  {
    name: 'takes any text for the name of a container',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        for (const namespace of ['odd', undefined]) {
          const place = (container: string): ContainerPlace => ({
            namespace,
            store: namespace === undefined ? undefined : 'default',
            container,
          });
          for (const name of oddNames) {
            await stage.create(place(name));
            await stage.put(place(name), 'own', `in ${name}`);
          }
          for (const name of oddNames) {
            assert.equal(await stage.text(place(name), 'own'), `in ${name}`, `container ${JSON.stringify(name)}`);
          }
        }
      }),
  },
] satisfies readonly Rule<BlobstoreBackendSetup>[]);

/** Clocks of two machines may differ a little. */
function isRecent(milliseconds: number | undefined, before: number): void {
  assert.ok(milliseconds !== undefined, 'there is no time');
  const difference = milliseconds - before;
  assert.ok(
    difference > -60_000 && difference < 60_000,
    `the time is ${difference} ms off: it must be in milliseconds`,
  );
}

import assert from 'node:assert/strict';
import type { Rule } from '@lodge/plugin-conformance';
import type { BlobstoreBackendSetup } from './setup.js';
import { going, inTime, photos, withBackend } from './stage.js';

/** More than one page of any backend we know. */
const manyObjects = 600;

/** Rules on listings. */
export const listingRules: readonly Rule<BlobstoreBackendSetup>[] = Object.freeze([
  {
    name: 'lists every object once, and only objects',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        assert.deepEqual(await stage.names(photos), [], 'an empty container');
        const names = numbered('object', manyObjects);
        await Promise.all(names.map((name) => stage.put(photos, name, name)));
        assert.deepEqual(await stage.names(photos), names);
        const other = { ...photos, container: 'other' };
        await stage.create(other);
        assert.deepEqual(await stage.names(other), []);
      }),
  },
  {
    name: 'lists what is there all the time, once, whatever is written and deleted meanwhile',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        const kept = numbered('kept', manyObjects);
        const gone = numbered('gone', 100);
        await Promise.all([...kept, ...gone].map((name) => stage.put(photos, name, 'x')));
        const seen: string[] = [];
        let pages = 0;
        for await (const page of stage.backend.listObjects(photos, going())) {
          seen.push(...page);
          pages += 1;
          // Written again, as by a guest that goes through its objects: they must not come back.
          await Promise.all(page.map((name) => stage.put(photos, name, 'changed')));
          if (pages === 1) await Promise.all(gone.map((name) => stage.delete(photos, name)));
          await stage.put(photos, `new-${pages}`, 'x');
          assert.ok(seen.length < 2 * manyObjects, 'a listing does not end while others write');
        }
        const seenKept = seen.filter((name) => name.startsWith('kept')).sort();
        assert.deepEqual(seenKept, kept, 'what was there all the time must be listed exactly once');
        assert.equal(new Set(seen).size, seen.length, 'a name was listed twice');
      }),
  },
  {
    name: 'ends a listing that nobody wants to the end',
    check: (setup) =>
      withBackend(setup, async (stage) => {
        await Promise.all(numbered('object', manyObjects).map((name) => stage.put(photos, name, name)));
        const listing = stage.backend.listObjects(photos, going())[Symbol.asyncIterator]();
        assert.equal((await listing.next()).done, false);
        await inTime(Promise.resolve(listing.return?.()), 'the end of a listing');
        assert.equal((await listing.next()).done, true);
      }),
  },
] satisfies readonly Rule<BlobstoreBackendSetup>[]);

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(5, '0')}`);
}

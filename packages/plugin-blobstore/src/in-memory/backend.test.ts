import { describe, expect, test } from 'vitest';
import { testBlobstoreBackend } from '../conformance/index.js';
import { type InMemoryBlobstore, inMemoryBlobstore } from './backend.js';

const { signal } = new AbortController();
const photos = { namespace: 'shop', store: 'default', container: 'photos' };

async function* nothing(): AsyncGenerator<Uint8Array> {}

testBlobstoreBackend(
  { describe, test },
  {
    create: () => inMemoryBlobstore(),
    createLimited: () => inMemoryBlobstore({ maxTotalBytes: 1_000_000 }),
    storedBytes: (backend) => (backend as InMemoryBlobstore).storedBytes,
  },
);

test('empty objects and empty containers are not free, and cost nothing any more once they are deleted', async () => {
  const backend = inMemoryBlobstore({ maxTotalBytes: 100_000 });
  await backend.createContainer(photos, { signal });
  const nameOf = (index: number): string => `${index}`.padEnd(1_000, 'x');
  const fill = async (): Promise<number> => {
    for (let index = 0; index < 1_000; index++) {
      try {
        await backend.write(photos, nameOf(index), nothing(), { signal });
        // The same object again costs no more.
        await backend.write(photos, nameOf(index), nothing(), { signal });
      } catch (error) {
        expect(error).toMatchObject({ kind: 'quota-exceeded' });
        return index;
      }
    }
    return 1_000;
  };
  const count = await fill();
  expect(count).toBeLessThan(100);
  await expect(backend.createContainer({ ...photos, container: nameOf(0) }, { signal })).rejects.toMatchObject({
    kind: 'quota-exceeded',
  });
  for (let index = 0; index < count; index++) await backend.deleteObject(photos, nameOf(index), { signal });
  expect(await fill()).toBe(count);
  await backend.deleteContainer(photos, { signal });
  await backend.createContainer(photos, { signal });
  expect(await fill()).toBe(count);
});

test.each(['maxObjectBytes', 'maxTotalBytes'])(
  '%s that is no number of bytes is refused, since it would bound nothing',
  (path) => {
    for (const bytes of [Number.NaN, -1]) {
      expect(() => inMemoryBlobstore({ [path]: bytes })).toThrow(
        expect.objectContaining({ code: 'ERR_CONFIG_INVALID', details: { path } }),
      );
    }
  },
);

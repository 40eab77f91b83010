import type { ContainerPlace } from './backend.js';
import type { BoundStore } from './bound-store.js';
import { BlobstoreError } from './errors.js';

/** Deletions of one call that are on their way at a time. */
const maxDeletions = 16;

/** Where an object is. */
export interface ObjectPlace {
  readonly container: ContainerPlace;
  readonly name: string;
}

/** Deletes objects, several at a time. Names that are not there do not matter. */
export async function deleteObjects(
  { backend, signal }: BoundStore,
  container: ContainerPlace,
  names: readonly string[],
): Promise<void> {
  const waiting = names.values();
  const errors: unknown[] = [];
  const run = async (): Promise<void> => {
    // One iterator for all: each name goes to whoever is free.
    for (const name of waiting) {
      if (errors.length > 0) return;
      await backend.deleteObject(container, name, { signal }).catch((error: unknown) => errors.push(error));
    }
  };
  if (names.length === 0 && (await backend.containerInfo(container, { signal })) === undefined) {
    throw new BlobstoreError('no-such-container');
  }
  await Promise.all(Array.from({ length: Math.min(maxDeletions, names.length) }, run));
  if (errors.length > 0) throw errors[0];
}

/**
 * Copies an object, a chunk at a time, over the one at `to`. An object copied onto itself stays as it is.
 *
 * @returns the version that was copied
 */
export async function copyObject(
  { backend, signal, maxObjectBytes }: BoundStore,
  from: ObjectPlace,
  to: ObjectPlace,
): Promise<string> {
  const reading = await backend.read(from.container, from.name, { signal });
  const { version, size } = reading.info;
  if (isSame(from, to)) return version;
  if (size > maxObjectBytes) throw new BlobstoreError('too-large', { limit: maxObjectBytes });
  await backend.write(to.container, to.name, untilAborted(reading.bytes, signal), { signal });
  return version;
}

/** Copies an object, then deletes the version that was copied. A failed copy deletes nothing. */
export async function moveObject(store: BoundStore, from: ObjectPlace, to: ObjectPlace): Promise<void> {
  const { backend, signal } = store;
  const ifVersion = await copyObject(store, from, to);
  if (!isSame(from, to)) await backend.deleteObject(from.container, from.name, { signal, ifVersion });
}

/** Both are of one store. */
function isSame(from: ObjectPlace, to: ObjectPlace): boolean {
  return from.name === to.name && from.container.container === to.container.container;
}

async function* untilAborted(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    signal.throwIfAborted();
    yield chunk;
  }
}

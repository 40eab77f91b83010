import { HostError } from '@lodge/core';
import { type BlobstoreBackend, type ContainerPlace, clampRange, type ObjectInfo } from '../backend.js';
import { BlobstoreError } from '../errors.js';
import { BlockList } from './block-list.js';

/** Names of one page of a listing. */
const pageLength = 256;

/** What a container or an object costs besides its name and its content. */
const entryBytes = 256;

/** Options of {@link inMemoryBlobstore}. */
export interface InMemoryBlobstoreOptions {
  /** @default 'in-memory' */
  readonly name?: string;
  /** Bytes of one object. @default 268_435_456 (256 MiB) */
  readonly maxObjectBytes?: number;
  /** Bytes of all objects together, their names and those that are being written included. @default 1_073_741_824 (1 GiB) */
  readonly maxTotalBytes?: number;
}

/** The backend that {@link inMemoryBlobstore} makes. */
export interface InMemoryBlobstore extends BlobstoreBackend {
  /** Bytes of all objects, those that are being written included. */
  readonly storedBytes: number;
}

interface StoredObject {
  readonly info: ObjectInfo;
  readonly chunks: readonly Uint8Array[];
}

interface StoredContainer {
  readonly createdAt: number;
  readonly objects: Map<string, StoredObject>;
}

/**
 * Objects in the memory of this process, for development and tests. They end with the process, not with the workload.
 *
 * @throws HostError `ERR_CONFIG_INVALID` for bounds that are none.
 */
export function inMemoryBlobstore(options: InMemoryBlobstoreOptions = {}): InMemoryBlobstore {
  const { name = 'in-memory', maxObjectBytes = 268_435_456, maxTotalBytes = 1_073_741_824 } = options;
  for (const [path, bytes] of Object.entries({ maxObjectBytes, maxTotalBytes })) {
    if (bytes >= 0) continue;
    throw new HostError('ERR_CONFIG_INVALID', `inMemoryBlobstore: ${path} must be a number of bytes, 0 or more.`, {
      details: { path },
    });
  }
  const containers = new Map<string, StoredContainer>();
  let totalBytes = 0;
  /** Of names and of what keeps them: objects may be empty, and without number. */
  let entriesBytes = 0;
  let versions = 0;
  let isStopped = false;

  function check(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (isStopped) throw new HostError('ERR_HOST_STATE', 'The blob store has stopped; use it before the host stops.');
  }

  function find(place: ContainerPlace): StoredContainer {
    const container = containers.get(keyOf(place));
    if (container === undefined) throw new BlobstoreError('no-such-container');
    return container;
  }

  function addEntry(entry: string): void {
    if (totalBytes + entriesBytes + costOf(entry) > maxTotalBytes) throw new BlobstoreError('quota-exceeded');
    entriesBytes += costOf(entry);
  }

  function remove(container: StoredContainer, object: string): void {
    const stored = container.objects.get(object);
    if (stored === undefined) return;
    totalBytes -= stored.info.size;
    entriesBytes -= costOf(object);
    container.objects.delete(object);
  }

  /** Takes bytes until they end. They count in `totalBytes` from the first one on. */
  async function collect(bytes: AsyncIterable<Uint8Array>): Promise<{ chunks: Uint8Array[]; size: number }> {
    const blocks = new BlockList();
    let size = 0;
    try {
      for await (const chunk of bytes) {
        if (size + chunk.length > maxObjectBytes) throw new BlobstoreError('too-large', { limit: maxObjectBytes });
        if (totalBytes + entriesBytes + chunk.length > maxTotalBytes) throw new BlobstoreError('quota-exceeded');
        size += chunk.length;
        totalBytes += chunk.length;
        blocks.append(chunk);
      }
      return { chunks: blocks.finish(), size };
    } catch (error) {
      totalBytes -= size;
      throw error;
    }
  }

  return {
    name,
    supports: { heldReadings: true },
    get storedBytes() {
      return totalBytes;
    },
    async start() {
      isStopped = false;
    },
    async createContainer(place, { signal }) {
      check(signal);
      const key = keyOf(place);
      if (containers.has(key)) throw new BlobstoreError('container-exists');
      addEntry(key);
      const container = { createdAt: Date.now(), objects: new Map<string, StoredObject>() };
      containers.set(key, container);
      return { createdAt: container.createdAt };
    },
    async containerInfo(place, { signal }) {
      check(signal);
      const container = containers.get(keyOf(place));
      return container === undefined ? undefined : { createdAt: container.createdAt };
    },
    async deleteContainer(place, { signal }) {
      check(signal);
      const container = find(place);
      for (const object of container.objects.keys()) remove(container, object);
      containers.delete(keyOf(place));
      entriesBytes -= costOf(keyOf(place));
    },
    async objectInfo(place, object, { signal }) {
      check(signal);
      return find(place).objects.get(object)?.info;
    },
    async read(place, object, { signal, range }) {
      check(signal);
      const stored = find(place).objects.get(object);
      if (stored === undefined) throw new BlobstoreError('no-such-object');
      const { start, end } = clampRange(range, stored.info.size);
      return { info: stored.info, size: end - start, bytes: readChunks(stored.chunks, start, end, signal) };
    },
    async write(place, object, bytes, { signal }) {
      check(signal);
      const container = find(place);
      const { chunks, size } = await collect(bytes);
      try {
        check(signal);
        // Another one of that name may have taken its place meanwhile.
        if (containers.get(keyOf(place)) !== container) throw new BlobstoreError('no-such-container');
        if (!container.objects.has(object)) addEntry(object);
      } catch (error) {
        totalBytes -= size;
        throw error;
      }
      totalBytes -= container.objects.get(object)?.info.size ?? 0;
      const info = { size, createdAt: Date.now(), version: String(++versions) };
      container.objects.set(object, { info, chunks });
      return info;
    },
    async deleteObject(place, object, { signal, ifVersion }) {
      check(signal);
      const container = find(place);
      const version = container.objects.get(object)?.info.version;
      if (ifVersion === undefined || ifVersion === version) remove(container, object);
    },
    async *listObjects(place, { signal }) {
      check(signal);
      const { objects } = find(place);
      // The names of one moment: an object that is written again during the listing must not come twice.
      const names = [...objects.keys()];
      for (let offset = 0; offset < names.length; offset += pageLength) {
        check(signal);
        yield names.slice(offset, offset + pageLength).filter((object) => objects.has(object));
      }
    },
    async stop() {
      isStopped = true;
    },
  };
}

function costOf(name: string): number {
  return entryBytes + 2 * name.length;
}

/** No two places have one key: neither name is taken apart again. */
function keyOf({ namespace, store, container }: ContainerPlace): string {
  return JSON.stringify([namespace ?? null, store ?? null, container]);
}

/** Copies, because chunks belong to the reader. */
async function* readChunks(
  chunks: readonly Uint8Array[],
  start: number,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (const chunk of chunks) {
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, chunk.length);
    if (from < to) {
      signal.throwIfAborted();
      yield chunk.slice(from, to);
    }
    offset += chunk.length;
    if (offset >= end) return;
  }
}

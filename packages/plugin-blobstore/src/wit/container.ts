import type { ObjectInfo } from '../backend.js';
import { type BoundStore, checkName, checkWritable, placeOf } from '../bound-store.js';
import { BlobstoreError, toWitError } from '../errors.js';
import { deleteObjects } from '../object-actions.js';
import { IncomingValue } from './incoming-value.js';
import type { OutgoingValue } from './outgoing-value.js';
import { StreamObjectNames } from './stream-object-names.js';

/** `record container-metadata`. */
export interface ContainerMetadata {
  readonly name: string;
  /** Seconds since 1970. */
  readonly createdAt: bigint;
}

/** `record object-metadata`. */
export interface ObjectMetadata {
  readonly name: string;
  readonly container: string;
  /** Seconds since 1970. */
  readonly createdAt: bigint;
  /** Bytes. */
  readonly size: bigint;
}

/** `wasi:blobstore/container`, `resource container`: a guest's handle to a container, which may be deleted meanwhile. */
export class Container {
  readonly #store: BoundStore;
  readonly #name: string;

  /** Made by `create-container` and `get-container`. */
  constructor(store: BoundStore, name: string) {
    this.#store = store;
    this.#name = name;
  }

  /** `name: func() -> result<string, error>` */
  name(): string {
    return this.#name;
  }

  /** `info: func() -> result<container-metadata, error>` */
  info(): Promise<ContainerMetadata> {
    return this.#run(async ({ backend, signal }) => {
      const info = await backend.containerInfo(placeOf(this.#store, this.#name), { signal });
      if (info === undefined) throw new BlobstoreError('no-such-container');
      return { name: this.#name, createdAt: toSeconds(info.createdAt) };
    });
  }

  /** `get-data: func(name: object-name, start: u64, end: u64) -> result<incoming-value, error>`. Both offsets are included, and clamped. */
  getData(name: string, start: bigint, end: bigint): Promise<IncomingValue> {
    return this.#run(async ({ backend, signal }) => {
      if (start > end) throw new BlobstoreError('range-invalid');
      const range = { start: toNumber(start), end: toNumber(end) };
      const reading = await backend.read(placeOf(this.#store, this.#name), checkName(name), { signal, range });
      return new IncomingValue(reading, this.#store);
    });
  }

  /** `write-data: func(name: object-name, data: borrow<outgoing-value>) -> result<_, error>`. Before or after the body is written. */
  writeData(name: string, data: OutgoingValue): Promise<void> {
    return this.#run(async ({ backend, signal }) => {
      checkWritable(this.#store);
      // Here and not at `finish`, when the guest has written everything in vain.
      const place = placeOf(this.#store, this.#name);
      checkName(name);
      if ((await backend.containerInfo(place, { signal })) === undefined) throw new BlobstoreError('no-such-container');
      data.writeTo(this.#store, this.#name, name);
    });
  }

  /** `list-objects: func() -> result<stream-object-names, error>` */
  listObjects(): Promise<StreamObjectNames> {
    return this.#run(async ({ backend, signal }) => {
      const place = placeOf(this.#store, this.#name);
      if ((await backend.containerInfo(place, { signal })) === undefined) throw new BlobstoreError('no-such-container');
      return new StreamObjectNames(backend.listObjects(place, { signal }), this.#store);
    });
  }

  /** `delete-object: func(name: object-name) -> result<_, error>`. Nothing happens where there is none. */
  deleteObject(name: string): Promise<void> {
    return this.deleteObjects([name]);
  }

  /** `delete-objects: func(names: list<object-name>) -> result<_, error>` */
  deleteObjects(names: readonly string[]): Promise<void> {
    return this.#run(async (store) => {
      checkWritable(store);
      await deleteObjects(store, placeOf(store, this.#name), names.map(checkName));
    });
  }

  /** `has-object: func(name: object-name) -> result<bool, error>` */
  hasObject(name: string): Promise<boolean> {
    return this.#run(async () => (await this.#objectInfo(name)) !== undefined);
  }

  /** `object-info: func(name: object-name) -> result<object-metadata, error>` */
  objectInfo(name: string): Promise<ObjectMetadata> {
    return this.#run(async () => {
      const info = await this.#objectInfo(name);
      if (info === undefined) throw new BlobstoreError('no-such-object');
      const { createdAt, size } = info;
      return { name, container: this.#name, createdAt: toSeconds(createdAt), size: BigInt(size) };
    });
  }

  /** `clear: func() -> result<_, error>`. Deletes what is there when it begins. */
  clear(): Promise<void> {
    return this.#run(async (store) => {
      checkWritable(store);
      const place = placeOf(store, this.#name);
      for await (const names of store.backend.listObjects(place, { signal: store.signal })) {
        await deleteObjects(store, place, names);
      }
    });
  }

  [Symbol.dispose](): void {}

  #objectInfo(name: string): Promise<ObjectInfo | undefined> {
    const { backend, signal } = this.#store;
    return backend.objectInfo(placeOf(this.#store, this.#name), checkName(name), { signal });
  }

  async #run<T>(operation: (store: BoundStore) => Promise<T>): Promise<T> {
    try {
      return await operation(this.#store);
    } catch (error) {
      throw toWitError(error, this.#store.logger);
    }
  }
}

function toSeconds(milliseconds: number): bigint {
  return BigInt(Math.trunc(milliseconds / 1000));
}

/** Offsets beyond what JavaScript counts exactly are beyond every object. */
function toNumber(offset: bigint): number {
  return offset > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(offset);
}

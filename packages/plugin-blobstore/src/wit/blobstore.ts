import { type BoundStore, checkName, checkWritable, placeOf } from '../bound-store.js';
import { BlobstoreError, toWitError } from '../errors.js';
import { copyObject, moveObject, type ObjectPlace } from '../object-actions.js';
import { Container } from './container.js';

/** `record object-id`. */
export interface ObjectId {
  readonly container: string;
  readonly object: string;
}

/** `wasi:blobstore/blobstore`. */
export interface Blobstore {
  /** `create-container: func(name: container-name) -> result<container, error>` */
  createContainer(name: string): Promise<Container>;
  /** `get-container: func(name: container-name) -> result<container, error>` */
  getContainer(name: string): Promise<Container>;
  /** `delete-container: func(name: container-name) -> result<_, error>`. With all its objects. */
  deleteContainer(name: string): Promise<void>;
  /** `container-exists: func(name: container-name) -> result<bool, error>` */
  containerExists(name: string): Promise<boolean>;
  /** `copy-object: func(src: object-id, dest: object-id) -> result<_, error>`. Replaces what is at `dest`. */
  copyObject(src: ObjectId, dest: ObjectId): Promise<void>;
  /** `move-object: func(src: object-id, dest: object-id) -> result<_, error>`. Replaces what is at `dest`. */
  moveObject(src: ObjectId, dest: ObjectId): Promise<void>;
}

/** The functions of one entry of one workload. */
export function blobstore(store: BoundStore): Blobstore {
  const { backend, signal } = store;

  async function run<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      throw toWitError(error, store.logger);
    }
  }

  function objectPlace({ container, object }: ObjectId): ObjectPlace {
    return { container: placeOf(store, container), name: checkName(object) };
  }

  return Object.freeze<Blobstore>({
    createContainer: (name) =>
      run(async () => {
        const place = placeOf(store, name);
        checkWritable(store);
        await createWithin(store, name, () => backend.createContainer(place, { signal }));
        return new Container(store, name);
      }),
    getContainer: (name) =>
      run(async () => {
        if ((await backend.containerInfo(placeOf(store, name), { signal })) === undefined) {
          throw new BlobstoreError('no-such-container');
        }
        return new Container(store, name);
      }),
    deleteContainer: (name) =>
      run(async () => {
        const place = placeOf(store, name);
        checkWritable(store);
        await backend.deleteContainer(place, { signal });
        store.created.delete(name);
      }),
    containerExists: (name) =>
      run(async () => (await backend.containerInfo(placeOf(store, name), { signal })) !== undefined),
    copyObject: (src, dest) =>
      run(async () => {
        const [from, to] = [objectPlace(src), objectPlace(dest)];
        checkWritable(store);
        await copyObject(store, from, to);
      }),
    moveObject: (src, dest) =>
      run(async () => {
        const [from, to] = [objectPlace(src), objectPlace(dest)];
        checkWritable(store);
        await moveObject(store, from, to);
      }),
  });
}

/** A container can be a stream of a server, of which there are not many. The name counts before the container is there, so that many at once are bounded, too. */
async function createWithin(
  { created, maxContainers }: BoundStore,
  name: string,
  create: () => Promise<unknown>,
): Promise<void> {
  const isNew = !created.has(name);
  if (isNew && created.size >= maxContainers) throw new BlobstoreError('too-many-containers');
  created.add(name);
  try {
    await create();
  } catch (error) {
    if (isNew) created.delete(name);
    throw error;
  }
}

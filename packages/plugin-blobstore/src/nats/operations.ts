import { randomUUID } from 'node:crypto';
import { DiscardPolicy, StorageType } from '@nats-io/jetstream';
import { type BlobstoreBackend, type ContainerPlace, clampRange, type ObjectInfo } from '../backend.js';
import { BlobstoreError } from '../errors.js';
import { Bucket, type NatsAccess } from './bucket.js';
import { bucketName } from './bucket-name.js';
import { readChunks } from './chunk-reader.js';
import { writeChunks } from './chunk-writer.js';
import { isFailure, toBlobstoreError } from './errors.js';
import { listNames } from './list-names.js';
import { toObjectInfo } from './object-record.js';
import { deleteRecord, findRecord, replaceRecord } from './records.js';

/** How containers are made. */
export interface ContainerShape {
  readonly replicas: number;
  readonly storage: 'file' | 'memory';
  /** -1: no bound. */
  readonly maxContainerBytes: number;
}

/** What a backend does on one connection. */
export type NatsOperations = Omit<
  BlobstoreBackend,
  'name' | 'supports' | 'configKeys' | 'start' | 'bind' | 'unbind' | 'stop'
>;

/** @param access Gives the connection, or throws: called for each operation. */
export function natsOperations(access: () => Promise<NatsAccess>, shape: ContainerShape): NatsOperations {
  const { replicas, storage, maxContainerBytes } = shape;

  async function open(place: ContainerPlace, signal: AbortSignal): Promise<Bucket> {
    signal.throwIfAborted();
    return new Bucket(await access(), bucketName(place), signal);
  }

  return {
    async createContainer(place, { signal }) {
      const bucket = await open(place, signal);
      const { client, manager } = bucket.access;
      try {
        const info = await client.call(() =>
          manager.streams.add({
            name: bucket.stream,
            subjects: [bucket.chunkSubject('>'), bucket.recordSubject('>')],
            // A stream of the same form would be taken for the wanted one: this tells who has made it.
            description: `container made by lodge ${randomUUID()}`,
            storage: storage === 'memory' ? StorageType.Memory : StorageType.File,
            num_replicas: replicas,
            max_bytes: maxContainerBytes,
            discard: DiscardPolicy.New,
            allow_direct: true,
            allow_rollup_hdrs: true,
          }),
        );
        return { createdAt: Date.parse(info.created) };
      } catch (error) {
        if (isFailure(error, 'conflict')) throw new BlobstoreError('container-exists');
        throw toBlobstoreError(error);
      }
    },
    async containerInfo(place, { signal }) {
      const bucket = await open(place, signal);
      const { client, manager } = bucket.access;
      try {
        const info = await client.call(() => manager.streams.info(bucket.stream));
        return { createdAt: Date.parse(info.created) };
      } catch (error) {
        if (isFailure(error, 'not-found')) return undefined;
        throw toBlobstoreError(error);
      }
    },
    async deleteContainer(place, { signal }) {
      const bucket = await open(place, signal);
      await bucket.call(() => bucket.access.manager.streams.delete(bucket.stream));
    },
    async objectInfo(place, object, { signal }) {
      const stored = await findRecord(await open(place, signal), object);
      return stored === undefined ? undefined : toObjectInfo(stored);
    },
    async read(place, object, { signal, range }) {
      const bucket = await open(place, signal);
      const stored = await findRecord(bucket, object);
      if (stored === undefined) throw new BlobstoreError('no-such-object');
      const { start, end } = clampRange(range, stored.record.size);
      return {
        info: toObjectInfo(stored),
        size: end - start,
        bytes: readChunks(bucket, stored, { start, end }, signal),
      };
    },
    async write(place, object, bytes, { signal }) {
      const bucket = await open(place, signal);
      const { writes } = bucket.access;
      const write = writeObject(bucket, object, bytes, signal);
      writes.add(write);
      try {
        return await write;
      } finally {
        writes.delete(write);
      }
    },
    async deleteObject(place, object, { signal, ifVersion }) {
      const isWanted =
        ifVersion === undefined ? () => true : ({ sequence }: { sequence: number }) => String(sequence) === ifVersion;
      await deleteRecord(await open(place, signal), object, isWanted);
    },
    async *listObjects(place, { signal }) {
      yield* listNames(await open(place, signal), signal);
    },
  };
}

async function writeObject(
  bucket: Bucket,
  object: string,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<ObjectInfo> {
  const record = await writeChunks(bucket, object, bytes, signal);
  const attempt = { isUncertain: false };
  try {
    return toObjectInfo(await replaceRecord(bucket, record, attempt));
  } catch (error) {
    // Chunks without a record take space; a record without chunks is a broken object.
    if (!attempt.isUncertain) bucket.discard(bucket.chunkSubject(record.nuid));
    throw error;
  }
}

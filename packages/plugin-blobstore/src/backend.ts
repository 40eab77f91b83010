import type { HookOptions, PluginContext } from '@lodge/core';

/**
 * The storage side of `wasi:blobstore`. A plain object from a factory; prove it with `testBlobstoreBackend` of
 * `@lodge/plugin-blobstore/conformance`. Containers and objects are named by any text of at most 1,024 bytes of UTF-8, the empty one
 * included; names mean nothing beyond being equal or not.
 *
 * Every operation may throw a {@link BlobstoreError}, whose kind decides what a guest is told, and rejects once `signal` aborts.
 */
export interface BlobstoreBackend {
  /** What `backend` in a workload's config calls it: lower-case words and hyphens. Unique in its plugin. */
  readonly name: string;
  readonly supports: BlobstoreBackendSupport;
  /** Keys of its own that a host interface entry may have. @default [] */
  readonly configKeys?: readonly string[];
  /** Once, when the host starts. Throwing fails the start. */
  start?(context: PluginContext, options: HookOptions): Promise<void>;
  /**
   * Once per host interface entry that chooses this backend, before a workload starts. Unset: the backend serves every entry in the same way.
   *
   * @param config The entry's values of {@link BlobstoreBackend.configKeys}.
   * @returns what serves the entry: the backend itself, or one that differs from it. It is neither started nor stopped, but unbound.
   * @throws HostError `ERR_CONFIG_INVALID` for values that are wrong.
   */
  bind?(config: Readonly<Record<string, string>>, options: HookOptions): Promise<BlobstoreBackend>;
  /**
   * Once per host interface entry, on what serves it: when its workload has stopped or could not start, after every operation for it was aborted. Lets go
   * of what the bind took. Idempotent.
   */
  unbind?(options: HookOptions): Promise<void>;
  /** @throws BlobstoreError `container-exists`; of several at a time exactly one succeeds. */
  createContainer(container: ContainerPlace, options: HookOptions): Promise<ContainerInfo>;
  /** `undefined`: there is none. */
  containerInfo(container: ContainerPlace, options: HookOptions): Promise<ContainerInfo | undefined>;
  /** Deletes a container with all its objects. @throws BlobstoreError `no-such-container`. */
  deleteContainer(container: ContainerPlace, options: HookOptions): Promise<void>;
  /** `undefined`: there is none, or it was deleted. @throws BlobstoreError `no-such-container`. */
  objectInfo(container: ContainerPlace, name: string, options: HookOptions): Promise<ObjectInfo | undefined>;
  /**
   * Opens an object for reading. Nothing but a bounded read-ahead may be in memory at a time.
   *
   * @throws BlobstoreError `no-such-container` | `no-such-object`.
   */
  read(container: ContainerPlace, name: string, options: ReadOptions): Promise<BlobReading>;
  /**
   * Writes an object, or replaces it as a whole: all of it is visible when the promise resolves, and nothing before `bytes` has ended. When
   * `bytes` throws, the write rejects with that error and leaves nothing. `bytes` throws by itself when `signal` aborts. Its chunks are of any
   * size and belong to the backend.
   *
   * @throws BlobstoreError `no-such-container` | `too-large` | `quota-exceeded`.
   */
  write(
    container: ContainerPlace,
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    options: HookOptions,
  ): Promise<ObjectInfo>;
  /**
   * Deletes an object; nothing happens where there is none.
   *
   * @throws BlobstoreError `no-such-container`.
   */
  deleteObject(container: ContainerPlace, name: string, options: DeleteOptions): Promise<void>;
  /**
   * The names of a container's objects, page by page, in any order. A page is fetched when it is asked for. An object that is there all the time is
   * named exactly once, whatever is written or deleted meanwhile, and the listing ends although others go on writing.
   *
   * The iteration throws a BlobstoreError `no-such-container`.
   */
  listObjects(container: ContainerPlace, options: HookOptions): AsyncIterable<readonly string[]>;
  /** Once, when the host stops, after the last workload. Idempotent; every later operation throws HostError `ERR_HOST_STATE`. */
  stop?(options: HookOptions): Promise<void>;
}

/** What a {@link BlobstoreBackend} may lack. */
export interface BlobstoreBackendSupport {
  /** A reading goes on to the end of what it opened, although the object is replaced or deleted meanwhile. Without it, it fails with `object-changed`. */
  readonly heldReadings: boolean;
}

/** Which container. */
export interface ContainerPlace {
  /** The namespace of the workload; unset for a container that all namespaces share. */
  readonly namespace: string | undefined;
  /** The `store` of the entry in `hostInterfaces`: stores of one namespace do not know of each other. Unset for a shared container. */
  readonly store: string | undefined;
  /** As the guest calls it. */
  readonly container: string;
}

/** What is known of a container. */
export interface ContainerInfo {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** What is known of an object. */
export interface ObjectInfo {
  /** Bytes. */
  readonly size: number;
  /** When this content was written, in milliseconds since 1970. */
  readonly createdAt: number;
  /** Tells one content of the object from another; opaque. */
  readonly version: string;
}

/** Options of {@link BlobstoreBackend.read}. */
export interface ReadOptions extends HookOptions {
  /** Unset: the whole object. */
  readonly range?: ByteRange;
}

/** Options of {@link BlobstoreBackend.deleteObject}. */
export interface DeleteOptions extends HookOptions {
  /** Deletes this version only; another one stays. Unset: whatever there is. */
  readonly ifVersion?: string;
}

/** A part of an object: from `start` to `end`, both included, and clamped to what there is. `start` is never after `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** An object that is open for reading. */
export interface BlobReading {
  /** Of the whole object. */
  readonly info: ObjectInfo;
  /** Bytes that {@link BlobReading.bytes} gives in all. */
  readonly size: number;
  /**
   * The content of the range, once. Its chunks are not empty and belong to the reader. Ending the iteration early lets go of everything; a reading that
   * is never iterated holds nothing.
   */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** The part of an object of `size` bytes that `range` covers, with `end` exclusive: what a backend needs. */
export function clampRange(
  range: ByteRange | undefined,
  size: number,
): { readonly start: number; readonly end: number } {
  if (range === undefined) return { start: 0, end: size };
  const start = Math.min(range.start, size);
  return { start, end: Math.max(start, Math.min(range.end + 1, size)) };
}

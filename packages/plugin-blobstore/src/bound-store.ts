import type { Logger } from '@lodge/core';
import type { BlobstoreBackend, ContainerPlace } from './backend.js';
import { BlobstoreError } from './errors.js';
import type { StreamQuota } from './stream-quota.js';

/** Bytes of UTF-8 that the name of a container or an object may have. */
const maxNameBytes = 1024;

/** One entry of one workload: a backend, and what of it may be used. */
export interface BoundStore {
  readonly backend: BlobstoreBackend;
  /** Both unset for containers that all namespaces share. */
  readonly namespace: string | undefined;
  readonly store: string | undefined;
  readonly buckets: ReadonlySet<string> | undefined;
  readonly isReadOnly: boolean;
  /** Bytes; `Infinity` leaves it to the backend. */
  readonly maxObjectBytes: number;
  /** Names of the containers that the workload has created and not deleted, {@link BoundStore.maxContainers} at most. */
  readonly created: Set<string>;
  readonly maxContainers: number;
  /** Of the workload. */
  readonly quota: StreamQuota;
  /** Aborts when the workload is unbound. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Where a container is. @throws BlobstoreError for one that the workload may not use. */
export function placeOf(store: BoundStore, container: string): ContainerPlace {
  if (store.buckets !== undefined && !store.buckets.has(container)) throw new BlobstoreError('access-denied');
  return { namespace: store.namespace, store: store.store, container: checkName(container) };
}

/** The name itself. @throws BlobstoreError when it is too long. */
export function checkName(name: string): string {
  // A code unit is at least one byte and at most three: only what lies between has to be counted.
  if (name.length * 3 > maxNameBytes) {
    if (name.length > maxNameBytes || new TextEncoder().encode(name).length > maxNameBytes) {
      throw new BlobstoreError('name-too-long');
    }
  }
  return name;
}

/** @throws BlobstoreError when the entry has `read_only`. */
export function checkWritable(store: BoundStore): void {
  if (store.isReadOnly) throw new BlobstoreError('read-only');
}

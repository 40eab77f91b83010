import type { BlobstoreBackend } from '../backend.js';

/** What {@link testBlobstoreBackend} is told about a backend. */
export interface BlobstoreBackendSetup {
  /** Makes a backend that was not started, with a storage of its own that is empty. Called once per rule. */
  create(): BlobstoreBackend | Promise<BlobstoreBackend>;
  /** Makes a backend that takes objects of at most {@link BlobstoreBackendSetup.limitBytes}, or so many in all. Unset: the rule is skipped. */
  createLimited?(): BlobstoreBackend | Promise<BlobstoreBackend>;
  /** @default 1_000_000 */
  readonly limitBytes?: number;
  /**
   * Bytes that all containers take now, whether one can see them or not: what failed writes and deletions must not leave behind. Unset: rules that look at
   * it are skipped.
   */
  storedBytes?(backend: BlobstoreBackend): number | Promise<number>;
  /** Milliseconds until what is removed must be gone. @default 10_000 */
  readonly patienceMs?: number;
  /** Releases what {@link BlobstoreBackendSetup.create} made around the backend. Called after each rule, after `stop`. */
  dispose?(backend: BlobstoreBackend): void | Promise<void>;
}

import { BlobstoreError } from './errors.js';

/** What the open streams of one workload may take of the host. */
export interface StreamLimits {
  /** Bodies and listings that are open at a time; each holds up to 1 MiB. @default 1_024 */
  readonly maxOpenStreams?: number;
  /** Bytes on disk of bodies that were written before `write-data`. @default 1_073_741_824 (1 GiB) */
  readonly maxSpooledBytes?: number;
}

/** Counts the open streams of one workload, and what of them is on disk. */
export class StreamQuota {
  readonly #maxOpen: number;
  readonly #maxSpooledBytes: number;
  #open = 0;
  #spooledBytes = 0;

  constructor({ maxOpenStreams = 1_024, maxSpooledBytes = 1_073_741_824 }: StreamLimits = {}) {
    this.#maxOpen = maxOpenStreams;
    this.#maxSpooledBytes = maxSpooledBytes;
  }

  /** Streams that are open: what tests count. */
  get open(): number {
    return this.#open;
  }

  /**
   * Counts a stream until the returned function is called, which may happen twice.
   *
   * @param weight A listing that holds many names counts as several.
   * @throws BlobstoreError `too-many-streams`.
   */
  take(weight: number = 1): () => void {
    if (this.#open + weight > this.#maxOpen) throw new BlobstoreError('too-many-streams');
    this.#open += weight;
    let isOpen = true;
    return () => {
      if (isOpen) this.#open -= weight;
      isOpen = false;
    };
  }

  /** Counts bytes on disk. `false`: there is no space for them. */
  takeSpooled(bytes: number): boolean {
    if (this.#spooledBytes + bytes > this.#maxSpooledBytes) return false;
    this.#spooledBytes += bytes;
    return true;
  }

  /** Gives back what {@link StreamQuota.takeSpooled} took. */
  releaseSpooled(bytes: number): void {
    this.#spooledBytes -= bytes;
  }
}

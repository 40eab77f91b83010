import type { ImageSource, WorkloadInfo } from './workload.js';

/**
 * Fetches a component that a spec names by `image`: from a registry, a directory, a database.
 * Rejects with a `HostError` where it knows better than `ERR_COMPONENT_NOT_FOUND`.
 */
export type ComponentLoader = (source: ImageSource, options: LoadOptions) => Promise<Uint8Array>;

/** What a {@link ComponentLoader} is told beside the source. */
export interface LoadOptions {
  /** Aborts when the workload is stopped while it loads. */
  readonly signal: AbortSignal;
  readonly workload: WorkloadInfo;
  /** The component's name in the spec; unset for the service. */
  readonly component?: string;
}

import type { OciCredentials } from './credentials.js';
import type { OciProgress } from './progress.js';

/**
 * When to ask the registry. `always`: each time; what has not changed is not fetched again. `if-not-present`: only when the cache has nothing for this
 * reference that this caller may have. `never`: not at all.
 */
export type PullPolicy = 'always' | 'if-not-present' | 'never';

/** Options of `resolve`. */
export interface ResolveOptions {
  /** @default those of the docker config, else none */
  readonly credentials?: OciCredentials | undefined;
  /** Ends this call. What another caller waits for goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `pull`. */
export interface PullOptions extends ResolveOptions {
  /** @default 'if-not-present' */
  readonly policy?: PullPolicy | undefined;
  /** Called now and then, and at the end. An error that it throws is logged. */
  readonly onProgress?: ((progress: OciProgress) => void) | undefined;
}

/** What `pull` gives. */
export interface PulledArtifact {
  /** The component. Callers who waited together get the same array: do not change or transfer it. */
  readonly bytes: Uint8Array;
  /** Of the image manifest: the same digest means the same bytes. */
  readonly digest: string;
  /** The reference in full. */
  readonly reference: string;
  /** Of the layer that has the bytes: `application/wasm`, or the legacy type. */
  readonly mediaType: string;
}

import type { OciCredentials } from './credentials.js';
import type { OciProgress } from './progress.js';
import type { WasmConfigOptions } from './wasm-config.js';

/** Options of `push`. */
export interface PushOptions {
  /** Of the manifest, such as `org.opencontainers.image.version`. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** What the artifact's config says about the component. */
  readonly config?: WasmConfigOptions | undefined;
  /** @default those of the docker config, else none */
  readonly credentials?: OciCredentials | undefined;
  /** Ends the push. Blobs that are there already stay; the tag is written last. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then, and at the end. An error that it throws is logged. */
  readonly onProgress?: ((progress: OciProgress) => void) | undefined;
}

/** What `push` gives. */
export interface PushedArtifact {
  /** Of the manifest. */
  readonly digest: string;
  /** The reference in full. */
  readonly reference: string;
}

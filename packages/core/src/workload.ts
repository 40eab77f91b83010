import type { FailureInfo } from './host.js';

/** A workload as a scheduler or an embedder describes it. Structured-cloneable. */
export interface WorkloadSpec {
  readonly namespace: string;
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly components?: readonly ComponentSpec[];
  /** The one long-lived component of the workload. */
  readonly service?: ServiceSpec;
  /** Capabilities that the workload is given, and how they are configured. */
  readonly hostInterfaces?: readonly HostInterfaceSpec[];
  readonly volumes?: readonly VolumeSpec[];
}

/** Where a component's bytes come from. */
export type ComponentSource = BytesSource | ImageSource;

/** A component that the spec itself carries. */
export interface BytesSource {
  readonly bytes: Uint8Array;
  /** `sha256:…`, where known. */
  readonly digest?: string;
}

/** A component that the host's `loader` fetches. */
export interface ImageSource {
  /** A reference that the loader understands, such as `registry.example/app:1.0`. */
  readonly image: string;
  /** @default 'if-not-present' */
  readonly pullPolicy?: PullPolicy;
  readonly pullSecret?: PullSecret;
}

/** When a loader may use what it has fetched before. */
export type PullPolicy = 'always' | 'if-not-present' | 'never';

/** Credentials for one image. */
export interface PullSecret {
  readonly username: string;
  readonly password: string;
}

/** A component that is instantiated on demand. */
export interface ComponentSpec {
  /** Unique in its workload. */
  readonly name: string;
  readonly source: ComponentSource;
  readonly localResources?: LocalResources;
  /** Instances kept warm; 0 or less: new state for every call. @default 0 */
  readonly poolSize?: number;
  /** Calls a warm instance serves before it is replaced; 0 or less: no bound. @default 0 */
  readonly maxInvocations?: number;
  /** Calls at a time on one instance. Above 1 needs WASI 0.3 and counts as 1 until then. @default 1 */
  readonly maxConcurrency?: number;
}

/** A component that runs as long as its workload. */
export interface ServiceSpec {
  readonly source: ComponentSource;
  readonly localResources?: LocalResources;
  /** Restarts after a failure, in all. @default 0 */
  readonly maxRestarts?: number;
}

/** What one component is given and limited to. Everything unset is denied. */
export interface LocalResources {
  /** Mebibytes of linear memory; 0 or less: the host's own limit. */
  readonly memoryLimitMb?: number;
  readonly cpuLimit?: number;
  /** Read through `wasi:config`, and by plugins as per-component settings. */
  readonly config?: Readonly<Record<string, string>>;
  /** `wasi:cli/environment`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** `wasi:cli/environment` `get-arguments`. */
  readonly arguments?: readonly string[];
  readonly volumeMounts?: readonly VolumeMountSpec[];
  /** Hosts that outgoing HTTP may reach: `*`, `host[:port]`, `*.suffix[:port]`, each with an optional `scheme://`. */
  readonly allowedHosts?: readonly string[];
  readonly allowedIpNameLookups?: readonly string[];
  readonly allowedHostLoopbackPorts?: readonly string[];
}

/** One capability entry: `{ namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'] }`. */
export interface HostInterfaceSpec {
  readonly namespace: string;
  readonly package: string;
  readonly interfaces: readonly string[];
  /** Matches by semver where equal `0.minor` or `major`; drafts and pre-releases exactly; unset matches any. */
  readonly version?: string;
  readonly config?: Readonly<Record<string, string>>;
  /** Routes the imports labelled with this name to this entry. Unset: the default entry. */
  readonly name?: string;
}

/** A directory of a workload. */
export interface VolumeSpec {
  readonly name: string;
  /** A directory of the host; unset: an empty one that lives as long as the workload. */
  readonly hostPath?: string;
}

/** A volume as a component sees it. */
export interface VolumeMountSpec {
  readonly name: string;
  readonly mountPath: string;
  /** @default false */
  readonly readOnly?: boolean;
}

/** A workload as plugins know it. */
export interface WorkloadInfo {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A component as plugins know it. One object per component and workload: fit as a `WeakMap` key. */
export interface ComponentInfo {
  readonly name: string;
  readonly kind: 'component' | 'service';
  readonly workload: WorkloadInfo;
  /** Every member present; what the spec left out is empty, that is denied. */
  readonly localResources: Required<LocalResources>;
  /** How many calls may run at once on warm instances: `poolSize` x `maxConcurrency`, 0 without a pool. */
  readonly callConcurrency: number;
}

/** Where a workload stands. The values are those of the host API, without their prefix. */
export type WorkloadState = 'starting' | 'running' | 'completed' | 'stopping' | 'error' | 'not-found';

/** What the host says of a workload. Structured-cloneable. */
export interface WorkloadStatus {
  readonly workloadId: string;
  readonly state: WorkloadState;
  /** One sentence; the whole story where the state is `error`. */
  readonly message: string;
  /** Why the state is `error`. */
  readonly error?: FailureInfo;
}

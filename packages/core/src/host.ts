import type { Engine } from './engine.js';
import type { HostErrorCode } from './errors.js';
import type { ComponentLoader } from './loader.js';
import type { Logger } from './logger.js';
import type { HostInfo, HostPlugin } from './plugin.js';
import type { WorkloadSpec, WorkloadStatus } from './workload.js';

/** What `createHost` takes. */
export interface HostOptions {
  /** How components become something V8 can run. */
  readonly engine: Engine;
  /** In order of registration: the order of start and bind; stop and unbind go in reverse. Ids are unique. @default [] */
  readonly plugins?: readonly HostPlugin[];
  /**
   * Whose guests give way to the event loop while they compute, so that a deadline ends them even in an endless loop. It costs a share of their speed,
   * and their exports always answer with a promise. `fetched`: components that a spec names by `image`, as far as the engine can.
   *
   * @default 'fetched'
   */
  readonly interruption?: InterruptionMode;
  /**
   * Bytes of linear memory that all guests of the host may hold at a time, with what the engine keeps of them for the next calls. A call that would need
   * more is refused with `ERR_LIMIT_EXCEEDED`, a running one that grows past it is ended with that. A guest's own bound is `memoryLimitMb`.
   *
   * @default no ceiling
   */
  readonly maxGuestMemoryBytes?: number;
  /** Fetches the components that a spec names by `image`. Unset: a spec must carry bytes. */
  readonly loader?: ComponentLoader;
  /** @default `silentLogger` */
  readonly logger?: Logger;
  /** The address under which others reach this host, for heartbeats. @default the `hostname` of `system`, else `localhost` */
  readonly hostname?: string;
  /** A lower-case RFC 1123 name of at most 63 characters. @default a random one, such as `quiet-harbor-4821` */
  readonly friendlyName?: string;
  /** For schedulers that select hosts by label. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** Verbatim in heartbeats. @default '' */
  readonly environment?: string;
  /** Of the host that is built, for heartbeats. @default the version of this package */
  readonly version?: string;
  /** Facts of the machine, asked for at each heartbeat. Core itself knows of no operating system. Unset: empty facts. */
  readonly system?: () => SystemFacts;
}

/** See {@link HostOptions.interruption}. */
export type InterruptionMode = 'always' | 'fetched' | 'never';

/** What a heartbeat says of the machine. */
export interface SystemFacts {
  readonly hostname?: string;
  /** Such as `x86_64`. */
  readonly osArch: string;
  /** Such as `linux`. */
  readonly osName: string;
  /** The family: `unix` or `windows`. */
  readonly osKernel: string;
  /** Percent of all processors, 0 to 100. */
  readonly systemCpuUsage: number;
  /** Bytes. */
  readonly systemMemoryTotal: number;
  /** Bytes. */
  readonly systemMemoryFree: number;
}

/** A WebAssembly component host. */
export interface Host extends HostInfo, AsyncDisposable {
  /**
   * Starts the plugins, in order. When one fails, those started before it are stopped and the host is done for.
   *
   * @throws HostError `ERR_PLUGIN_FAILED` | `ERR_HOST_STATE` when it was started before.
   */
  start(): Promise<void>;
  /**
   * Stops everything: no new calls, running ones drain and are then ended, workloads unbind, plugins stop in reverse, shared
   * things close last. Goes on over failures. Idempotent: a second call waits for the first.
   *
   * @throws AggregateError of everything that failed on the way, once everything is down.
   */
  stop(options?: StopOptions): Promise<void>;
  /**
   * Starts a workload and answers once it is running, has failed or was stopped meanwhile. Whatever is wrong with the
   * workload is an `error` status, never a rejection; its {@link WorkloadStatus.error} tells the code.
   *
   * @throws HostError `ERR_HOST_STATE` when the host is not running.
   */
  workloadStart(request: WorkloadStartRequest, options?: StartOptions): Promise<WorkloadStatus>;
  /** Where a workload stands; `not-found` for an unknown id. Never waits. */
  workloadStatus(workloadId: string): WorkloadStatus;
  /**
   * Stops a workload and answers `stopping` once its id is free again. A stop during a start wins and does not wait for it;
   * one during another stop does not wait either.
   */
  workloadStop(workloadId: string, options?: StopOptions): Promise<WorkloadStatus>;
  /** What the workloads hold now. Plain data. Looks at every instance, so it is not for each call. Never waits. */
  usage(): HostUsage;
  /** What the host tells a scheduler about itself. Plain data. Never waits. */
  heartbeat(): HostHeartbeat;
  /** Calls `listener` for each event from now on, in order; what it throws is logged. Returns how to end that. */
  on<Name extends keyof HostEvents>(event: Name, listener: (event: HostEvents[Name]) => void): () => void;
}

/** A request for {@link Host.workloadStart}. */
export interface WorkloadStartRequest {
  /** Chosen by the caller; in use from here until a stop. 1 to 512 characters. */
  readonly workloadId: string;
  readonly workload: WorkloadSpec;
}

/** When a start goes on. */
export interface StartOptions {
  /**
   * Awaited once the id is reserved, and before anything is loaded: a caller can bound how many starts load at the same time. Until then the workload
   * is `starting`. `signal` aborts when it is stopped meanwhile; a rejection fails the start and frees the id. @default at once
   */
  readonly turn?: (signal: AbortSignal) => PromiseLike<void>;
}

/** How long a stop is patient. */
export interface StopOptions {
  /** Milliseconds that running calls may go on. @default 5_000 */
  readonly drainMs?: number;
  /** Milliseconds that all hooks and clean-ups together may take after the drain; then they are left behind. @default 10_000 */
  readonly cleanupMs?: number;
}

/** Events of a host, by name. Each is plain, structured-cloneable data. */
export interface HostEvents {
  /** A workload moved to another state, `not-found` when its id became free. */
  readonly workload: WorkloadEvent;
  /** A service ended and will be started again. */
  readonly 'service-restart': ServiceRestartEvent;
  /** A service ended for good. */
  readonly 'service-end': ServiceEndEvent;
}

/** See {@link HostEvents}. */
export interface WorkloadEvent extends WorkloadStatus {
  readonly namespace: string;
  readonly name: string;
}

/** See {@link HostEvents}. */
export interface ServiceRestartEvent {
  readonly workloadId: string;
  /** 1 for the first restart. */
  readonly attempt: number;
  /** Milliseconds until the new instance is made. */
  readonly delayMs: number;
  readonly reason: string;
}

/** See {@link HostEvents}. */
export interface ServiceEndEvent {
  readonly workloadId: string;
  /** What the service exited with; 0 when it returned. Unset: it ended in some other way, which `error` tells. */
  readonly exitCode?: number;
  readonly error?: FailureInfo;
}

/** A failure as plain data. */
export interface FailureInfo {
  readonly code: HostErrorCode;
  readonly message: string;
  /** Plain facts for tools, such as the path of an offending key. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What the guests of a host hold. */
export interface HostUsage {
  /** Bytes of linear memory of all guests, with what the engine keeps of them for the next calls. */
  readonly guestMemoryBytes: number;
  /** {@link HostOptions.maxGuestMemoryBytes}, where there is one. */
  readonly maxGuestMemoryBytes?: number;
  /** In no order. */
  readonly workloads: readonly WorkloadUsage[];
}

/** What one workload holds. */
export interface WorkloadUsage {
  readonly workloadId: string;
  /** Instances, those that wait for a call included. */
  readonly instances: number;
  /** As {@link HostUsage.guestMemoryBytes}. */
  readonly guestMemoryBytes: number;
}

/** What a host tells a scheduler about itself. */
export interface HostHeartbeat {
  readonly id: string;
  readonly hostname: string;
  readonly friendlyName: string;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly osArch: string;
  readonly osName: string;
  readonly osKernel: string;
  /** Percent. */
  readonly systemCpuUsage: number;
  /** Bytes. */
  readonly systemMemoryTotal: number;
  /** Bytes. */
  readonly systemMemoryFree: number;
  /** Components of running workloads, services not counted. */
  readonly componentCount: number;
  /** Workloads in any state. */
  readonly workloadCount: number;
  /** What plugins give to components. */
  readonly imports: readonly WitInterface[];
  /** What plugins call of components. */
  readonly exports: readonly WitInterface[];
  /** Where workloads are reached over HTTP; 0 where they are not. */
  readonly httpPort: number;
  readonly environment: string;
}

/** Interfaces of one WIT package: `wasi:http/incoming-handler,types@0.2.0` in parts. */
export interface WitInterface {
  readonly namespace: string;
  readonly package: string;
  readonly interfaces: readonly string[];
  readonly version?: string;
}

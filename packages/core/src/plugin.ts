import type { ComponentExports, ComponentImports } from './engine.js';
import type { InterfaceId } from './interface-id.js';
import type { Logger } from './logger.js';
import type { CallScope, InstanceScope } from './scope.js';
import type { InterfaceShape } from './shape.js';
import type { ComponentInfo, WorkloadInfo } from './workload.js';

/** What every hook of a plugin is given. */
export interface HookOptions {
  /** Aborts when the operation that the hook is part of is given up. */
  readonly signal: AbortSignal;
}

/**
 * The plugin SPI, WIT side: gives components the interfaces of {@link PluginWorld.provides} and calls the exports of
 * {@link PluginWorld.calls}. A plain object from a factory; everything it must remember of a workload is the `State` that
 * {@link HostPlugin.onWorkloadBind} returns and the host carries.
 *
 * Order, for each workload: `onWorkloadBind` once, `bindComponent` once per component that has a request, `onWorkloadResolved`
 * once, then calls, then `onWorkloadUnbind` once. Plugins are visited in the order of registration, and in reverse for
 * unbind and stop.
 */
export interface HostPlugin<State = unknown> {
  readonly specVersion: 1;
  /** Unique per host, such as `wasi-keyvalue`. A host interface entry with this `name` is routed to this plugin alone. */
  readonly id: string;
  readonly world: PluginWorld;
  /** Once, at the start of the host. Throwing fails the start; plugins started before are stopped. */
  start?(context: PluginContext, options: HookOptions): Promise<void>;
  /**
   * Once per workload with at least one request for this plugin, before any of its components is compiled. Check the configuration here: throwing
   * fails the start of the workload. A plugin that throws has released what it took; one that returned is unbound later.
   */
  onWorkloadBind(workload: WorkloadInfo, requests: readonly InterfaceRequest[], options: HookOptions): Promise<State>;
  /** Once per component with a request, after `onWorkloadBind`. Resolve everything here that calls would look up. */
  bindComponent(
    component: ComponentInfo,
    requests: readonly InterfaceRequest[],
    state: State,
    options: HookOptions,
  ): Promise<ComponentBinding>;
  /** Once per workload, when its components are compiled and can be called: subscribe, add routes. Throwing fails the start. */
  onWorkloadResolved?(workload: ResolvedWorkload, state: State, options: HookOptions): Promise<void>;
  /** Once per successful `onWorkloadBind`, whatever came after it. Idempotent, works half-way. */
  onWorkloadUnbind(workload: WorkloadInfo, state: State, options: HookOptions): Promise<void>;
  /** Once, at the end of the host, after the last unbind. Idempotent. */
  stop?(options: HookOptions): Promise<void>;
  /** Facts for heartbeats, asked for at each one. */
  describe?(): PluginDescription;
}

/** What a plugin tells about itself in heartbeats. */
export interface PluginDescription {
  /** The port where the plugin serves workloads over HTTP. */
  readonly httpPort?: number;
}

/** The two sides of a plugin, as a WIT world would state them from the host's side. */
export interface PluginWorld {
  readonly provides: readonly ProvidedInterface[];
  /** Interfaces that workloads export and this plugin calls. */
  readonly calls?: readonly CalledInterface[];
}

/**
 * The functions of an interface, by their WIT names, with what each takes and returns, as `interfaceSignatures` gives them:
 * `'[method]bucket.get': 'func(self: borrow<wasi:keyvalue/store.bucket@0.2.0-draft>, key: string) -> option<list<u8>>'`.
 */
export type FunctionSignatures = Readonly<Record<string, string>>;

/** One interface that components may import from a plugin. */
export interface ProvidedInterface {
  /** With the highest version served; a component with an equal `0.minor` (or major) links, drafts must match exactly. */
  readonly id: InterfaceId;
  /** WIT names of the functions that may answer with a promise (`[method]pollable.block`). Everything else is a direct call. */
  readonly suspends: readonly string[];
  /**
   * All its functions, with their signatures. A component chooses the names and the types that it imports, and its types decide what a host function is handed:
   * with this, whatever differs is refused when the workload starts. Names alone leave the types to the component; without either it can reach whatever
   * the import object and its classes happen to have.
   */
  readonly functions?: FunctionSignatures | readonly string[];
  /**
   * Bound whenever a component imports it, without an entry in the workload's `hostInterfaces`: base WASI, and interfaces
   * that grant nothing by themselves.
   *
   * @default false
   */
  readonly isAmbient?: boolean;
}

/** One interface that a plugin calls in workloads. */
export interface CalledInterface {
  /** With the highest version known; matched as {@link ProvidedInterface.id}. */
  readonly id: InterfaceId;
  /** The functions that are called, with their signatures: a component that exports one otherwise is refused when it starts. Unset: not compared. */
  readonly functions?: FunctionSignatures;
}

/** One interface of one component, matched to a plugin. */
export interface InterfaceRequest {
  /** As {@link PluginWorld} spells it. */
  readonly id: InterfaceId;
  /** `import`: the component wants it from the plugin. `export`: the component offers it, the plugin may call it. */
  readonly direction: 'import' | 'export';
  /** The component's own name for it, a versioned id or a label: the key in {@link ComponentImports}. */
  readonly externName: string;
  readonly component: ComponentInfo;
  /** The `name` of the host interface entry; for a labelled import, its label. */
  readonly name: string | undefined;
  /** The `config` of the host interface entry that grants it; empty without one. */
  readonly config: Readonly<Record<string, string>>;
  readonly shape: InterfaceShape;
}

/** What a plugin gives one component. */
export interface ComponentBinding {
  /**
   * The imports of one instance, keyed by the requests' `externName`. Called once per instance: return the same frozen object each time
   * when nothing in it depends on the scope.
   */
  importsFor(scope: InstanceScope): ComponentImports;
  /** Narrows what may suspend, as `<externName>#<WIT function name>`. Unset: as the world says. */
  readonly suspends?: readonly string[];
}

/** What a plugin knows of its host. */
export interface PluginContext {
  readonly logger: Logger;
  readonly host: HostInfo;
  /**
   * Aborts when the host begins to stop: before its workloads drain and unbind, and before {@link HostPlugin.stop}. Take in nothing more from
   * outside then, so that it goes elsewhere; what runs goes on.
   */
  readonly stopping: AbortSignal;
  /**
   * One host-wide thing per key, created by whoever asks first (single-flight) and shared by all; closed after the last plugin has
   * stopped. That is how backends of several plugins use one connection.
   */
  shared<T extends Shared>(key: string, create: () => Promise<T>): Promise<T>;
}

/** A thing that {@link PluginContext.shared} can close. */
export interface Shared {
  close(): Promise<void>;
}

/** The identity of a host. */
export interface HostInfo {
  readonly id: string;
  readonly friendlyName: string;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A workload that can be called. */
export interface ResolvedWorkload extends WorkloadInfo {
  readonly components: readonly ComponentInfo[];
  /** Aborts when the workload begins to stop. */
  readonly signal: AbortSignal;
  /**
   * One handle per component that exports `name` of interface `id` (matched as imports are), in manifest order. Look up once, in `onWorkloadResolved`;
   * call often. `id` is one of the plugin's {@link PluginWorld.calls}.
   */
  exports(id: InterfaceId, name: string): readonly ExportHandle[];
  /**
   * Several calls on one instance: `use` gets its exports and the scope, and is treated as one call.
   *
   * @throws HostError as {@link ExportHandle.call}.
   */
  useInstance<T>(
    component: string,
    use: (exports: ComponentExports, scope: CallScope) => T | PromiseLike<T>,
    options?: InvokeOptions,
  ): Promise<T>;
  /** Moves the running workload to ERROR: a lost subscription, a revoked permission. Its resources are released. */
  fail(reason: Error): void;
}

/** An exported function of a component, ready to be called; the instance policy picks the instance. */
export interface ExportHandle {
  readonly component: ComponentInfo;
  /** The component's own name of the interface. */
  readonly externName: string;
  /**
   * Calls the function and settles with its result when the call is over: the guest has returned and every `waitUntil` has
   * settled. Rejects with `WitError` for an `err` result.
   *
   * @throws HostError `ERR_GUEST_TRAPPED` | `ERR_CALL_TIMEOUT` | `ERR_CALL_ABORTED` | `ERR_WORKLOAD_STOPPED` | `ERR_LIMIT_EXCEEDED`.
   */
  call<R = unknown>(options: CallOptions): Promise<R>;
}

/** Bounds of a call. */
export interface InvokeOptions {
  /** Aborting it ends the guest's call with `ERR_CALL_ABORTED`. */
  readonly signal?: AbortSignal;
  /** Milliseconds from now until the call, everything it waits for included, is ended with `ERR_CALL_TIMEOUT`. @default 600_000 */
  readonly deadlineMs?: number;
}

/** Options of {@link ExportHandle.call}. */
export interface CallOptions extends InvokeOptions {
  /** Makes the arguments, once the instance is chosen. */
  readonly args: (scope: CallScope) => readonly unknown[];
}

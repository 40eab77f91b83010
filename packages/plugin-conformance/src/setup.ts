import type {
  ComponentInfo,
  GuestFunction,
  HostPlugin,
  InstanceScope,
  InterfaceId,
  LocalResources,
  WorkloadInfo,
} from '@lodge/core';

/** What {@link testHostPlugin} is told about a plugin. */
export interface HostPluginSetup<Plugin extends HostPlugin = HostPlugin> {
  /** Makes a plugin that was not started. Called at least once per rule; two of them must not know of each other. */
  create(): Plugin | Promise<Plugin>;
  /** Every interface of the plugin's world, with all its functions: what the WIT says, not what the code has. */
  readonly interfaces: readonly InterfaceSample[];
  /**
   * Uses the plugin as a guest would, and answers with what the guest saw, as plain data. The suite compares it with what the same
   * guest sees when it is alone; so it must not depend on anything else, and its answer should depend on the workload.
   */
  observe(guest: Guest<Plugin>): unknown;
  /** Two workloads that see different things. @default two that differ in their names only */
  readonly workloads?: readonly [WorkloadSample, WorkloadSample];
  /** Workloads that the plugin must refuse. @default none: the rule is skipped */
  readonly refused?: readonly WorkloadSample[];
  /** How many things the plugin holds now: connections, subscriptions, timers, routes. Unset: rules that count are skipped. */
  held?(plugin: Plugin): number | Promise<number>;
  /** Makes a plugin whose backend never answers. Unset: {@link HostPluginSetup.create} is used, where aborting proves less. */
  createStalled?(): Plugin | Promise<Plugin>;
  /** Makes a plugin whose `start` fails. Unset: the rule is skipped. */
  createUnstartable?(): Plugin | Promise<Plugin>;
  /** Answers calls of the plugin into the workload. @default every call answers `undefined` */
  callExport?(id: InterfaceId, name: string, args: readonly unknown[]): unknown;
  /** Whether the imports depend on the instance, so that each has its own object. @default false */
  readonly usesScope?: boolean;
  /** Releases what {@link HostPluginSetup.create} made around the plugin: servers, folders. Called after each rule, after `stop`. */
  dispose?(plugin: Plugin): void | Promise<void>;
}

/** One interface as its WIT states it. */
export interface InterfaceSample {
  /** As the plugin's world spells it, with its version. */
  readonly id: InterfaceId;
  /** WIT names: `get`, `[method]bucket.get`, `[static]bucket.all`, `[constructor]bucket`. */
  readonly functions: readonly string[];
  /** Resources without any function; those with one are found by it. @default [] */
  readonly resources?: readonly string[];
}

/** What a spec says of a workload, as far as plugins see it. */
export interface WorkloadSample {
  /** @default 'default' */
  readonly namespace?: string;
  /** The `config` of the entry in `hostInterfaces`. @default {} */
  readonly config?: Readonly<Record<string, string>>;
  readonly localResources?: LocalResources;
}

/** What {@link HostPluginSetup.observe} uses. */
export interface Guest<Plugin extends HostPlugin = HostPlugin> {
  readonly plugin: Plugin;
  readonly workload: WorkloadInfo;
  readonly component: ComponentInfo;
  readonly scope: InstanceScope;
  /** The functions and classes of an interface of the plugin's world, named with or without its version. */
  imports(id: string): Readonly<Record<string, GuestFunction>>;
}

import type { HookOptions, PluginContext } from '@lodge/core';

/**
 * The storage side of `wasi:config`: places outside of a workload's spec where values come from. A plain object from a factory; prove it with
 * `testConfigBackend` of `@lodge/plugin-config/conformance`.
 */
export interface ConfigBackend {
  /** What `backend` in a workload's config calls it. Unique in its plugin. */
  readonly name: string;
  readonly supports: ConfigBackendSupport;
  /** Once, when the host starts. Throwing fails the start. */
  start?(context: PluginContext, options: HookOptions): Promise<void>;
  /**
   * Opens a place for reading; settles when its values are there. Called once per place and workload; `undefined`: there is no such place.
   *
   * @throws HostError `ERR_CONFIG_INVALID` for a place that cannot be read, `ERR_HOST_STATE` before the start and after the stop,
   *   `ERR_LIMIT_EXCEEDED` for one that is too large.
   */
  open(place: ConfigPlace, options: HookOptions): Promise<ConfigSource | undefined>;
  /** Once, when the host stops, after every source was closed. Idempotent. */
  stop?(options: HookOptions): Promise<void>;
}

/** What a {@link ConfigBackend} may lack. */
export interface ConfigBackendSupport {
  /** Changes reach sources that are open. */
  readonly changes: boolean;
}

/** Where values are. */
export interface ConfigPlace {
  /** The namespace of the workload; unset for a store that all namespaces share. */
  readonly namespace: string | undefined;
  /** The configured name, 1 to 128 characters of any kind. */
  readonly store: string;
}

/** The values of one place. Guests read them without waiting, so they are in memory. */
export interface ConfigSource {
  /** The value now. Any string is a legal key, `__proto__` too. */
  get(key: string): string | undefined;
  /** All values now, each key once, in any order. */
  entries(): Iterable<readonly [key: string, value: string]>;
  /** Stops following changes. Idempotent; never touches other sources. */
  close(): Promise<void>;
}

import type { ConfigBackend, ConfigBackendSupport, ConfigPlace } from '../backend.js';

/** What {@link testConfigBackend} is told about a backend. */
export interface ConfigBackendSetup<Backend extends ConfigBackend = ConfigBackend> {
  /** Makes a backend that was not started, on storage of its own. Called at least once per rule. */
  create(): Backend | Promise<Backend>;
  /** The backend's own `supports`: decides which rules are skipped, before there is a backend. */
  readonly supports: ConfigBackendSupport;
  /** Sets a value from outside, as an operator would; makes the place if there is none. */
  put(backend: Backend, place: ConfigPlace, key: string, value: string): void | Promise<void>;
  /** Removes a value from outside. */
  remove(backend: Backend, place: ConfigPlace, key: string): void | Promise<void>;
  /** How many things the backend holds for open sources: watches, subscriptions. Unset: the rules that count are skipped. */
  held?(backend: Backend): number | Promise<number>;
  /** Releases what {@link ConfigBackendSetup.create} made around the backend. Called after each rule, after `stop`. */
  dispose?(backend: Backend): void | Promise<void>;
}

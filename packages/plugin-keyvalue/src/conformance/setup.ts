import type { BackendConfig, KeyValueBackend, KeyValueSupport } from '../backend.js';

/** What {@link testKeyValueBackend} is told about a backend. */
export interface KeyValueBackendSetup<Backend extends KeyValueBackend = KeyValueBackend> {
  /** Makes a backend that was not started. Called once per rule. Its storage may be one that is shared: rules use namespaces of their own. */
  create(): Backend | Promise<Backend>;
  /** The backend's own `supports`: decides which rules are skipped, before there is a backend. */
  readonly supports: KeyValueSupport;
  /** The `config` of the host interface entry that the rules pretend to have. @default {} */
  readonly config?: BackendConfig;
  /** Releases what {@link KeyValueBackendSetup.create} made around the backend. Called after each rule, after `stop`. */
  dispose?(backend: Backend): void | Promise<void>;
}

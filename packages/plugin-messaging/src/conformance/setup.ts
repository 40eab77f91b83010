import type { MessagingBackend, MessagingSupport } from '../backend.js';

/** What {@link testMessagingBackend} is told about a backend. */
export interface MessagingBackendSetup<Backend extends MessagingBackend = MessagingBackend> {
  /** Makes a backend that was not started, on a broker of its own that takes subjects below `conformance.`. Called at least once per rule. */
  create(): Backend | Promise<Backend>;
  /** What its sessions support: decides which rules are skipped, before there is a session. */
  readonly supports: MessagingSupport;
  /** The settings that sessions are opened with. @default {} */
  readonly config?: Readonly<Record<string, string>>;
  /** The bytes of the largest message. */
  readonly maxPayload: number;
  /** Milliseconds until a message must have arrived, and a call must have given up. @default 5_000 */
  readonly patienceMs?: number;
  /** How many things the backend holds for open sessions: subscriptions, requests, timers. Unset: the rules that count are skipped. */
  held?(backend: Backend): number | Promise<number>;
  /** Releases what {@link MessagingBackendSetup.create} made around the backend. Called after each rule, after `stop`. */
  dispose?(backend: Backend): void | Promise<void>;
}

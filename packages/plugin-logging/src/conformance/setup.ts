import type { Logger } from '@lodge/core';
import type { LoggingBackend, LoggingBackendSupport } from '../backend.js';
import type { LogRecord } from '../log-record.js';

/** What {@link testLoggingBackend} is told about a backend. */
export interface LoggingBackendSetup<Backend extends LoggingBackend = LoggingBackend> {
  /** Makes a backend that was not started, with a receiver of its own. Called at least once per rule. */
  create(): Backend | Promise<Backend>;
  /** The backend's own `supports`: decides which rules are skipped, before there is a backend. */
  readonly supports: LoggingBackendSupport;
  /** What has arrived of a workload, in order. `time` is not looked at, nor are fields that no record has. */
  received(backend: Backend, workloadId: string): readonly Arrived[] | Promise<readonly Arrived[]>;
  /** The logger of the host that the backend is started with. @default one that discards everything */
  logger?(backend: Backend): Logger;
  /** Takes the receiver away; the backend notices within seconds. Needed where `supports.buffering`. */
  interrupt?(backend: Backend): void | Promise<void>;
  /** Brings the receiver back. */
  resume?(backend: Backend): void | Promise<void>;
  /** How many things the backend holds for open sinks. Unset: the rules that count are skipped. */
  held?(backend: Backend): number | Promise<number>;
  /** Releases what {@link LoggingBackendSetup.create} made around the backend. Called after each rule, after `stop`. */
  dispose?(backend: Backend): void | Promise<void>;
}

/** A record where it has arrived. */
export type Arrived = Omit<LogRecord, 'time'>;

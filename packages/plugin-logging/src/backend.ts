import type { HookOptions, PluginContext, WorkloadInfo } from '@lodge/core';
import type { LogRecord } from './log-record.js';

/**
 * The receiving side of `wasi:logging`. A plain object from a factory; prove it with `testLoggingBackend` of
 * `@lodge/plugin-logging/conformance`.
 */
export interface LoggingBackend {
  /** What `backend` in a workload's config calls it. Unique in its plugin. */
  readonly name: string;
  readonly supports: LoggingBackendSupport;
  /** Once, when the host starts. Throwing fails the start. */
  start?(context: PluginContext, options: HookOptions): Promise<void>;
  /**
   * A sink for one workload. Called once per workload and entry.
   *
   * @throws HostError `ERR_HOST_STATE` before the start and after the stop.
   */
  open(workload: WorkloadInfo, options: HookOptions): Promise<LogSink>;
  /** Once, when the host stops, after every sink was closed. Idempotent. */
  stop?(options: HookOptions): Promise<void>;
}

/** What a {@link LoggingBackend} may lack. */
export interface LoggingBackendSupport {
  /** Records wait, within bounds, while whoever receives them is away; what does not fit is counted. */
  readonly buffering: boolean;
}

/** Takes the records of one workload. */
export interface LogSink {
  /** Takes a record, without waiting and without throwing: a guest that logs is not held up, whatever happens here. Ignored after the close. */
  write(record: LogRecord): void;
  /** Records that were taken and, as far as is known, did not arrive. */
  readonly dropped: number;
  /** Delivers what waits, until the signal aborts; counts the rest as dropped. Idempotent; never touches other sinks. */
  close(options: HookOptions): Promise<void>;
}

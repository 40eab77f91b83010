/** Levels of `wasi:logging` in ascending order of urgency. */
export const levels = ['trace', 'debug', 'info', 'warn', 'error', 'critical'] as const;

/** One of {@link levels}. */
export type Level = (typeof levels)[number];

/** One thing that a guest had to say. Plain, structured-cloneable data. Its text has no control characters and is bounded. */
export interface LogRecord {
  /** Milliseconds since 1970, by the clock of the host. */
  readonly time: number;
  readonly level: Level;
  /** The guest's own word for where it was said. */
  readonly context: string;
  readonly message: string;
  readonly workload: LogWorkload;
  /** Unset where the host speaks, with {@link LogRecord.dropped}. */
  readonly component?: string;
  /** The life of the component, as traces name it. */
  readonly instance?: string;
  /** Of the OpenTelemetry span that was active, in lower-case hex. */
  readonly traceId?: string;
  readonly spanId?: string;
  /** Characters of context and message that did not fit. Unset: none. */
  readonly cut?: number;
  /** Set on records of the host: so many of the workload's records were dropped before this one. */
  readonly dropped?: number;
}

/** Whose record it is. */
export interface LogWorkload {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
}

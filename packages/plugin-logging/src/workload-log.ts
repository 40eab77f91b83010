import type { HookOptions, WorkloadInfo } from '@lodge/core';
import { RateLimit } from '@lodge-internal/rate-limit';
import type { LogSink } from './backend.js';
import type { LoggingLimits } from './limits.js';
import { type Level, type LogRecord, type LogWorkload, levels } from './log-record.js';

/** How much a workload may still write, over all of its entries. */
export class WorkloadLog {
  readonly workload: LogWorkload;
  readonly limits: LoggingLimits;
  readonly #rate: RateLimit;

  constructor({ id, namespace, name }: WorkloadInfo, limits: LoggingLimits) {
    this.workload = Object.freeze({ id, namespace, name });
    this.limits = limits;
    this.#rate = new RateLimit(limits.recordsPerSecond, limits.burst, performance.now());
  }

  mayWrite(): boolean {
    return this.#rate.take(performance.now());
  }
}

/** The way of the records of one entry to its sink. */
export class EntryLog {
  readonly log: WorkloadLog;
  readonly #sink: LogSink;
  readonly #threshold: number;
  #dropped = 0;
  #droppedBySink = 0;
  #isClosed = false;

  constructor(log: WorkloadLog, sink: LogSink, level: Level) {
    this.log = log;
    this.#sink = sink;
    this.#threshold = levels.indexOf(level);
  }

  /** Whether a record of this level is wanted and may pass; counts it otherwise. Ask before making the record: dropping has to be cheap. */
  admits(level: Level): boolean {
    if (this.#isClosed || levels.indexOf(level) < this.#threshold) return false;
    if (this.log.mayWrite()) return true;
    this.#dropped += 1;
    return false;
  }

  write(record: LogRecord): void {
    this.#tellDropped(record.time);
    this.#sink.write(record);
  }

  async close(options: HookOptions): Promise<void> {
    if (!this.#isClosed) this.#tellDropped(Date.now());
    this.#isClosed = true;
    await this.#sink.close(options);
  }

  /** What is missing stands where it is missing. */
  #tellDropped(time: number): void {
    const bySink = this.#sink.dropped;
    const dropped = this.#dropped + bySink - this.#droppedBySink;
    if (dropped === 0) return;
    this.#dropped = 0;
    this.#droppedBySink = bySink;
    const message = `${dropped} log records of this workload were dropped`;
    this.#sink.write({ time, level: 'warn', context: '', message, workload: this.log.workload, dropped });
  }
}

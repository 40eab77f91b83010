import { HostError } from '@lodge/core';
import type { LoggingBackend } from '../backend.js';
import type { LogRecord } from '../log-record.js';
import { Ring } from './ring.js';

/** Options of {@link inMemoryLogging}. */
export interface InMemoryLoggingOptions {
  /** @default 'in-memory' */
  readonly name?: string;
  /** Records that are kept, the newest. @default 10_000 */
  readonly maxRecords?: number;
  /** UTF-16 code units of all messages and contexts that are kept. @default 16_777_216 */
  readonly maxLength?: number;
}

/** The backend that {@link inMemoryLogging} makes. */
export interface InMemoryLogging extends LoggingBackend {
  /** What is kept, oldest first; of one workload where its id is given. */
  records(workloadId?: string): readonly LogRecord[];
  /** Calls `listener` for each record from now on, until the returned function is called. What it throws is ignored. */
  follow(listener: (record: LogRecord) => void): () => void;
  clear(): void;
  /** Sinks that are open. */
  readonly openSinks: number;
}

/** The newest records in the memory of this process, for tests, tools and embedders. They outlive the host and end with the process. */
export function inMemoryLogging(options: InMemoryLoggingOptions = {}): InMemoryLogging {
  const ring = new Ring(options.maxRecords ?? 10_000, options.maxLength ?? 16_777_216);
  const listeners = new Set<(record: LogRecord) => void>();
  let openSinks = 0;
  let isStopped = false;

  function keep(record: LogRecord): void {
    ring.push(record);
    for (const listener of listeners) {
      try {
        listener(record);
      } catch {
        // A guest's call is no place for the listener's troubles.
      }
    }
  }

  return {
    name: options.name ?? 'in-memory',
    supports: { buffering: false },
    get openSinks() {
      return openSinks;
    },
    records(workloadId) {
      const records = ring.records();
      return workloadId === undefined ? records : records.filter(({ workload }) => workload.id === workloadId);
    },
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clear: () => ring.clear(),
    async start() {
      isStopped = false;
    },
    async open(_workload, { signal }) {
      signal.throwIfAborted();
      if (isStopped)
        throw new HostError('ERR_HOST_STATE', 'The logging backend has stopped; open nothing after the stop.');
      let isOpen = true;
      openSinks += 1;
      return {
        dropped: 0,
        write(record) {
          if (isOpen) keep(record);
        },
        async close() {
          if (isOpen) openSinks -= 1;
          isOpen = false;
        },
      };
    },
    async stop() {
      isStopped = true;
    },
  };
}

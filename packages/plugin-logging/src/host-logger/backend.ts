import { HostError, type Logger, type LogLevel } from '@lodge/core';
import type { LoggingBackend } from '../backend.js';
import type { LogRecord } from '../log-record.js';

/** Options of {@link hostLogging}. */
export interface HostLoggingOptions {
  /** @default 'host' */
  readonly name?: string;
}

/** Records go to the logger of the host, with what is known of them as fields. */
export function hostLogging(options: HostLoggingOptions = {}): LoggingBackend {
  let logger: Logger | undefined;
  return {
    name: options.name ?? 'host',
    supports: { buffering: false },
    async start(context) {
      logger = context.logger;
    },
    async open(_workload, { signal }) {
      signal.throwIfAborted();
      if (logger === undefined) throw new HostError('ERR_HOST_STATE', 'The logging backend is not running.');
      const target = logger;
      let isClosed = false;
      let dropped = 0;
      return {
        get dropped() {
          return dropped;
        },
        write(record) {
          if (isClosed) return;
          try {
            target.log(toLogLevel(record), record.message, toFields(record));
          } catch {
            dropped += 1;
          }
        },
        async close() {
          isClosed = true;
        },
      };
    },
    async stop() {
      logger = undefined;
    },
  };
}

/** Hosts know five levels; a field tells `critical` from `error`. */
function toLogLevel({ level }: LogRecord): LogLevel {
  return level === 'critical' ? 'error' : level;
}

function toFields({ level, message: _message, time: _time, workload, ...rest }: LogRecord): Record<string, unknown> {
  const severity = level === 'critical' ? { severity: level } : {};
  return { namespace: workload.namespace, workload: workload.name, workloadId: workload.id, ...rest, ...severity };
}

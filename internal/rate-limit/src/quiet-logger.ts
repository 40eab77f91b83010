import type { LogFields, Logger, LogLevel } from '@lodge/core';
import { RateLimit } from './rate-limit.js';

/** Options of {@link quietLogger}. */
export interface QuietLoggerOptions {
  /** Lines of one message that come at once. @default 20 */
  readonly burst?: number;
  /** Lines of one message in the long run. @default 1 */
  readonly perSecond?: number;
  /** Milliseconds, of a clock that never goes back. @default `performance.now` */
  now?(): number;
}

/**
 * A logger for what guests and peers bring about: one that fails on purpose, and in a loop, does not fill the disk of the host. Each message has a bound of its
 * own; what exceeds it is counted, and the next line of that message has the count as `suppressed`.
 */
export function quietLogger(logger: Logger, options: QuietLoggerOptions = {}): Logger {
  const { burst = 20, perSecond = 1, now = () => performance.now() } = options;
  // Messages are texts of our own, so there are few of them.
  const messages = new Map<string, { readonly limit: RateLimit; suppressed: number }>();
  return {
    log(level: LogLevel, message: string, fields?: LogFields): void {
      let entry = messages.get(message);
      if (entry === undefined) {
        entry = { limit: new RateLimit(perSecond, burst, now()), suppressed: 0 };
        messages.set(message, entry);
      }
      if (!entry.limit.take(now())) {
        entry.suppressed += 1;
        return;
      }
      const { suppressed } = entry;
      entry.suppressed = 0;
      logger.log(level, message, suppressed === 0 ? fields : { ...fields, suppressed });
    },
  };
}

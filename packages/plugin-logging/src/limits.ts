import { HostError } from '@lodge/core';

/** Bounds on what a workload can make the host write. */
export interface LoggingLimits {
  /** Records of one workload per second in the long run; what exceeds it is dropped and counted. @default 1_000 */
  readonly recordsPerSecond: number;
  /** Records of one workload at once. @default 2_000 */
  readonly burst: number;
  /** UTF-16 code units of a message; the rest is cut off. @default 8_192 */
  readonly maxMessageLength: number;
  /** UTF-16 code units of a context; the rest is cut off. @default 256 */
  readonly maxContextLength: number;
}

/** The defaults of {@link LoggingLimits}. */
export const defaultLoggingLimits: LoggingLimits = Object.freeze({
  recordsPerSecond: 1_000,
  burst: 2_000,
  maxMessageLength: 8_192,
  maxContextLength: 256,
});

/** The defaults with `given` over them. @throws HostError `ERR_CONFIG_INVALID` for an unknown name or a value that is no whole number above 0. */
export function resolveLoggingLimits(given: Partial<LoggingLimits> = {}): LoggingLimits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaultLoggingLimits, name)) {
      const known = Object.keys(defaultLoggingLimits).join(', ');
      throw invalid(name, `The logging limit ${JSON.stringify(name)} is unknown; the limits are ${known}.`);
    }
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1)) {
      throw invalid(name, `The logging limit ${name} must be a whole number above 0.`);
    }
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...defaultLoggingLimits, ...set };
}

function invalid(name: string, message: string): HostError {
  return new HostError('ERR_CONFIG_INVALID', message, { details: { path: `limits.${name}` } });
}

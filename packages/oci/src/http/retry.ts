import { setTimeout as wait } from 'node:timers/promises';
import type { OciLogger } from '../logger.js';
import { OciError } from '../oci-error.js';

const maxAttempts = 4;
const firstDelayMs = 200;

/** What {@link withRetries} needs. */
export interface RetryOptions {
  readonly signal: AbortSignal;
  /** When the signal will abort for lack of time, on the clock of `performance.now()`. */
  readonly deadline: number;
  readonly logger: OciLogger;
}

/**
 * Runs `attempt` until it works, up to 4 times, with a growing pause that a registry may lengthen (`retry-after`). Only what may be different the
 * next time is tried again, and only while there is time.
 */
export async function withRetries<T>(
  { signal, deadline, logger }: RetryOptions,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (!OciError.is(error) || !error.isRetryable || count === maxAttempts || signal.aborted) throw error;
      const asked = error.details['retryAfterMs'];
      // Not all at the same moment: a registry that was overrun would be again.
      const ownDelay = firstDelayMs * 2 ** (count - 1) * (0.75 + Math.random() / 2);
      const delayMs = Math.max(ownDelay, typeof asked === 'number' ? asked : 0);
      if (performance.now() + delayMs >= deadline) throw error;
      logger.log('warn', 'a request to a registry failed and is tried again', {
        error: error.message,
        attempt: count,
        delayMs: Math.round(delayMs),
      });
      await wait(delayMs, undefined, { signal }).catch(() => {
        throw signal.reason;
      });
    }
  }
}

import type { Readiness } from '../io/pollable.js';
import { nextTurn } from '../io/turn.js';
import type { Clock } from './clock.js';

/** Milliseconds that a timer of the runtime can wait at most: about 25 days. */
const maxTimerMs = 0x7fff_ffff;

/** Ready from the moment `when` of the monotonic clock on, however far away. Holds a timer only while somebody waits. */
export function timerReadiness(clock: Clock, when: bigint): Readiness {
  let cancel: (() => void) | undefined;

  function setTimer(resolve: () => void): void {
    const left = when - clock.monotonicNow();
    if (left <= 0n) return resolve();
    const milliseconds = (left + 999_999n) / 1_000_000n;
    const wait = milliseconds > maxTimerMs ? maxTimerMs : Number(milliseconds);
    cancel = clock.setTimer(() => setTimer(resolve), wait);
  }

  return {
    isReady: () => clock.monotonicNow() >= when,
    whenReady() {
      cancel?.();
      return new Promise(setTimer);
    },
    close() {
      cancel?.();
      cancel = undefined;
    },
  };
}

/**
 * For a moment that has passed already: ready at the second look, or when the event loop has turned. A guest that polls in a loop
 * with a timeout of 0 so lets happen what it polls for.
 */
export function passedReadiness(): Readiness {
  let wasAsked = false;
  return {
    isReady() {
      const isReady = wasAsked;
      wasAsked = true;
      return isReady;
    },
    whenReady: nextTurn,
  };
}

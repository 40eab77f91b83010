import { type Pollable, pollable } from '../io/pollable.js';
import type { Clock } from './clock.js';
import { passedReadiness, timerReadiness } from './timer.js';

/** `wasi:clocks/monotonic-clock`. Instants and durations are nanoseconds. */
export interface MonotonicClock {
  /** `now: func() -> instant` */
  now(): bigint;
  /** `resolution: func() -> duration` */
  resolution(): bigint;
  /** `subscribe-instant: func(when: instant) -> pollable` */
  subscribeInstant(when: bigint): Pollable;
  /** `subscribe-duration: func(when: duration) -> pollable` */
  subscribeDuration(when: bigint): Pollable;
}

/** `wasi:clocks/monotonic-clock` over `clock`. */
export function monotonicClock(clock: Clock): MonotonicClock {
  function subscribe(when: bigint, now: bigint): Pollable {
    return pollable(when > now ? timerReadiness(clock, when) : passedReadiness());
  }
  return {
    now: () => clock.monotonicNow(),
    resolution: () => 1_000n,
    subscribeInstant: (when) => subscribe(when, clock.monotonicNow()),
    subscribeDuration(when) {
      const now = clock.monotonicNow();
      return subscribe(now + when, now);
    },
  };
}

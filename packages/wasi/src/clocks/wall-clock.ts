import type { Clock } from './clock.js';

/** `record datetime`: time since 1970-01-01T00:00:00Z. */
export interface Datetime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** `wasi:clocks/wall-clock` */
export interface WallClock {
  /** `now: func() -> datetime` */
  now(): Datetime;
  /** `resolution: func() -> datetime` */
  resolution(): Datetime;
}

/** `wasi:clocks/wall-clock` over `clock`. A time before 1970, which WASI cannot express, is 0. */
export function wallClock(clock: Clock): WallClock {
  return {
    now() {
      const milliseconds = Math.max(0, clock.wallNow());
      const seconds = Math.floor(milliseconds / 1000);
      return { seconds: BigInt(seconds), nanoseconds: Math.floor((milliseconds - seconds * 1000) * 1e6) };
    },
    resolution: () => ({ seconds: 0n, nanoseconds: 1_000_000 }),
  };
}

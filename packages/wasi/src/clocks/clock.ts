/** Where time comes from. Tests give their own. */
export interface Clock {
  /** Nanoseconds since some fixed moment; never goes back. */
  monotonicNow(): bigint;
  /** Milliseconds since 1970-01-01T00:00:00Z; may have a fraction. */
  wallNow(): number;
  /** Calls `callback` once, after about `milliseconds` (at most 2^31 - 1). Returns what cancels it. */
  setTimer(callback: () => void, milliseconds: number): () => void;
}

/** The clocks and timers of the runtime. */
export const systemClock: Clock = {
  monotonicNow: () => BigInt(Math.round(performance.now() * 1e6)),
  wallNow: () => Date.now(),
  setTimer(callback, milliseconds) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

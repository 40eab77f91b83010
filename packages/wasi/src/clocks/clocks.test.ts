import { describe, expect, test } from 'vitest';
import { createPoll } from '../io/poll.js';
import { type Clock, systemClock } from './clock.js';
import { monotonicClock } from './monotonic-clock.js';
import { wallClock } from './wall-clock.js';

const u64Max = 0xffff_ffff_ffff_ffffn;

/** A clock that the test moves. */
class ManualClock implements Clock {
  #now = 0n;
  wall = 0;
  readonly timers: Map<() => void, bigint> = new Map();
  readonly waits: number[] = [];

  monotonicNow(): bigint {
    return this.#now;
  }

  wallNow(): number {
    return this.wall;
  }

  setTimer(callback: () => void, milliseconds: number): () => void {
    this.waits.push(milliseconds);
    this.timers.set(callback, this.#now + BigInt(milliseconds) * 1_000_000n);
    return () => this.timers.delete(callback);
  }

  advance(nanoseconds: bigint): void {
    this.#now += nanoseconds;
    for (const [callback, due] of [...this.timers]) {
      if (due > this.#now) continue;
      this.timers.delete(callback);
      callback();
    }
  }
}

describe('monotonic-clock', () => {
  test('a subscription to a duration is ready after it, not before', async () => {
    const clock = new ManualClock();
    const handle = monotonicClock(clock).subscribeDuration(5_000_000n);
    const blocked = handle.block();
    clock.advance(4_999_999n);
    expect(handle.ready()).toBe(false);
    clock.advance(1n);
    await blocked;
    expect(handle.ready()).toBe(true);
    expect(handle.block()).toBeUndefined();
  });

  test('a subscription to an instant is ready from that instant on', async () => {
    const clock = new ManualClock();
    clock.advance(1_000_000n);
    const handle = monotonicClock(clock).subscribeInstant(3_000_000n);
    const blocked = handle.block();
    clock.advance(1_999_999n);
    expect(handle.ready()).toBe(false);
    clock.advance(1n);
    await blocked;
  });

  test('a timer is never set for less than is left', () => {
    const clock = new ManualClock();
    void monotonicClock(clock).subscribeDuration(1_500_000n).block();
    expect(clock.waits).toEqual([2]);
  });

  test('a timer is set only while somebody waits', () => {
    const clock = new ManualClock();
    const handle = monotonicClock(clock).subscribeDuration(5_000_000n);
    expect(clock.timers.size).toBe(0);
    void handle.block();
    expect(clock.timers.size).toBe(1);
  });

  test('dropping the pollable cancels its timer', () => {
    const clock = new ManualClock();
    const handle = monotonicClock(clock).subscribeDuration(5_000_000n);
    void handle.block();
    handle[Symbol.dispose]();
    expect(clock.timers.size).toBe(0);
  });

  test('durations beyond what a timer can hold are waited for in parts', async () => {
    const clock = new ManualClock();
    const thirtyDays = 30n * 86_400n * 1_000_000_000n;
    const handle = monotonicClock(clock).subscribeDuration(thirtyDays);
    const blocked = handle.block();
    expect(clock.waits).toEqual([2_147_483_647]);
    clock.advance(2_147_483_647n * 1_000_000n);
    expect(handle.ready()).toBe(false);
    expect(clock.waits[1]).toBe(Number(thirtyDays / 1_000_000n) - 2_147_483_647);
    clock.advance(thirtyDays);
    await blocked;
  });

  test('the longest duration never comes and traps nobody', () => {
    const clock = new ManualClock();
    clock.advance(1n);
    const handles = [monotonicClock(clock).subscribeDuration(u64Max), monotonicClock(clock).subscribeInstant(u64Max)];
    for (const handle of handles) void handle.block();
    expect(clock.waits).toEqual([2_147_483_647, 2_147_483_647]);
    for (const handle of handles) handle[Symbol.dispose]();
    expect(clock.timers.size).toBe(0);
  });

  test('a moment that has passed is ready after one turn of the event loop', async () => {
    const clock = monotonicClock(systemClock);
    let hasTurned = false;
    setImmediate(() => {
      hasTurned = true;
    });
    const answer = createPoll()([clock.subscribeInstant(0n), clock.subscribeDuration(0n)]);
    expect(await answer).toEqual(Uint32Array.of(0, 1));
    expect(hasTurned).toBe(true);
  });

  test('a guest that sleeps 200 ms delays nobody', async () => {
    const clock = monotonicClock(systemClock);
    const start = clock.now();
    let isAwake = false;
    const sleep = Promise.resolve(clock.subscribeDuration(200_000_000n).block()).then(() => {
      isAwake = true;
    });
    let turns = 0;
    while (!isAwake) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      turns++;
    }
    await sleep;
    expect(clock.now() - start).toBeGreaterThanOrEqual(200_000_000n);
    expect(turns).toBeGreaterThan(20);
  });

  test('now never goes back', () => {
    const clock = monotonicClock(systemClock);
    const first = clock.now();
    expect(clock.now()).toBeGreaterThanOrEqual(first);
    expect(clock.resolution()).toBeGreaterThan(0n);
  });
});

describe('wall-clock', () => {
  test('tells seconds and nanoseconds', () => {
    const clock = new ManualClock();
    clock.wall = 1_700_000_000_123;
    expect(wallClock(clock).now()).toEqual({ seconds: 1_700_000_000n, nanoseconds: 123_000_000 });
  });

  test('a time before 1970 is 0', () => {
    const clock = new ManualClock();
    clock.wall = -5;
    expect(wallClock(clock).now()).toEqual({ seconds: 0n, nanoseconds: 0 });
  });

  test('tells the system’s time', () => {
    const { seconds } = wallClock(systemClock).now();
    expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(2);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlines, type Expiring } from './deadlines.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function entryIn(ms: number, expired: number[]): Expiring {
  return { dueAt: performance.now() + ms, heapIndex: -1, expire: () => void expired.push(ms) };
}

describe('Deadlines', () => {
  it('expires entries in the order of their deadlines, whatever the order of adding', () => {
    const deadlines = new Deadlines();
    const expired: number[] = [];
    for (const ms of [50, 10, 40, 20, 30, 25]) deadlines.add(entryIn(ms, expired));
    vi.advanceTimersByTime(45);
    expect(expired).toEqual([10, 20, 25, 30, 40]);
    vi.advanceTimersByTime(10);
    expect(expired).toEqual([10, 20, 25, 30, 40, 50]);
  });

  it('never expires what was removed, and keeps the rest in order', () => {
    const deadlines = new Deadlines();
    const expired: number[] = [];
    const entries = Array.from({ length: 200 }, (_, index) => entryIn(((index * 67) % 200) + 1, expired));
    for (const entry of entries) deadlines.add(entry);
    for (const [index, entry] of entries.entries()) if (index % 3 === 0) deadlines.remove(entry);
    vi.advanceTimersByTime(1000);
    const kept = entries.map((_, index) => ((index * 67) % 200) + 1).filter((_, index) => index % 3 !== 0);
    expect(expired).toEqual(kept.toSorted((left, right) => left - right));
    expect(deadlines.size).toBe(0);
  });

  it('needs one timer for any number of entries', () => {
    const deadlines = new Deadlines();
    for (let ms = 1000; ms < 2000; ms += 1) deadlines.add(entryIn(ms, []));
    expect(vi.getTimerCount()).toBe(1);
  });

  it('does not keep an entry that is never due', () => {
    const deadlines = new Deadlines();
    deadlines.add(entryIn(Number.POSITIVE_INFINITY, []));
    expect(deadlines.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits longer than a timer can', () => {
    const deadlines = new Deadlines();
    const expired: number[] = [];
    deadlines.add(entryIn(2 ** 31 + 1000, expired));
    vi.advanceTimersByTime(2 ** 31 + 500);
    expect(expired).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(expired).toHaveLength(1);
  });

  it('leaves no timer once it is closed, also for what is added later', () => {
    const deadlines = new Deadlines();
    deadlines.add(entryIn(10, []));
    deadlines.close();
    deadlines.add(entryIn(5, []));
    expect(vi.getTimerCount()).toBe(0);
  });
});

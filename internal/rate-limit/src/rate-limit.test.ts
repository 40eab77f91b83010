import { describe, expect, test } from 'vitest';
import { RateLimit } from './rate-limit.js';

function taken(limit: RateLimit, times: number, nowMs: number): number {
  return Array.from({ length: times }, () => limit.take(nowMs)).filter(Boolean).length;
}

describe('RateLimit', () => {
  test('lets a burst through, and then as much as time allows', () => {
    const limit = new RateLimit(100, 5, 0);
    expect(taken(limit, 10, 0)).toBe(5);
    expect(taken(limit, 10, 10)).toBe(1);
    expect(taken(limit, 10, 40)).toBe(3);
  });

  test('saves up no more than a burst', () => {
    const limit = new RateLimit(100, 5, 0);
    expect(taken(limit, 100, 3_600_000)).toBe(5);
  });
});

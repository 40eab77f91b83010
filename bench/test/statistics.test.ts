import { describe, expect, test } from 'vitest';
import { median, medianRatio, percentile } from '../src/statistics.ts';

describe('statistics', () => {
  test('the median of an even number of values lies between the two in the middle', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  test('a percentile does not depend on the order of the values', () => {
    expect(percentile([50, 10, 40, 20, 30], 75)).toBe(percentile([10, 20, 30, 40, 50], 75));
  });

  test('there is no percentile of no values', () => {
    expect(() => percentile([], 50)).toThrow(RangeError);
  });

  test('a ratio compares values of the same round, so that a slow round does not show', () => {
    expect(medianRatio([50, 5, 50], [100, 10, 100])).toBe(0.5);
  });

  test('there is no ratio without a yardstick', () => {
    expect(medianRatio([1, 2], [])).toBeUndefined();
  });
});

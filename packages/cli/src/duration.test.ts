import { expect, test } from 'vitest';
import { parseDuration, readDuration } from './duration.js';

test.each([
  ['30s', 30_000],
  ['500ms', 500],
  ['1m30s', 90_000],
  ['2min', 120_000],
  ['1h', 3_600_000],
  ['0s', 0],
  [' 5sec ', 5_000],
])('"%s" is %i milliseconds', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(['', '30', 's', '-1s', '1.5s', '30 apples', '1s, 2s', '30constructor'])('"%s" is no time', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test('a time out of bounds is refused with the bounds', () => {
  const bounds = { min: 100, max: 30_000, fallback: 15_000 };
  expect(readDuration('--every', undefined, bounds)).toBe(15_000);
  expect(() => readDuration('--every', '31s', bounds)).toThrow(
    '--every is a time from 100ms to 30s, such as 30s, not "31s".',
  );
});

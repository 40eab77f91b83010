import { expect, test } from 'vitest';
import { parseDuration } from './duration.js';

test.each([
  ['30', 30_000],
  ['0', 0],
  ['90s', 90_000],
  ['1m 30s', 90_000],
  ['1m30s', 90_000],
  ['500ms', 500],
  ['2 minutes', 120_000],
  ['1h', 3_600_000],
])('%s is %i ms', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each(['', 'soon', '-1', '1.5s', '10 parsecs', 's', '1s-', 'toString'])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

import { describe, expect, test } from 'vitest';
import { printable } from './printable.js';

describe('printable', () => {
  test.each([
    ['plain', 'plain'],
    ['größe 鍵 🗝 "quoted" a\\b', 'größe 鍵 🗝 "quoted" a\\b'],
    ['a\nINFO forged', 'a\\nINFO forged'],
    ['a\r\nb\tc', 'a\\r\\nb\\tc'],
    ['\u001b[2Jgone', '\\u{1b}[2Jgone'],
    ['\u009b31m', '\\u{9b}31m'],
    ['a\u2028b\u2029c\u0085d', 'a\\u{2028}b\\u{2029}c\\u{85}d'],
    ['user\u202enimda', 'user\\u{202e}nimda'],
    ['\u2066\u200f\u0000\u007f', '\\u{2066}\\u{200f}\\u{0}\\u{7f}'],
  ])('%j becomes %j', (text, expected) => {
    expect(printable(text, 1_000)).toEqual({ text: expected, cut: 0 });
  });

  test('keeps the beginning of a long text, and tells how much is missing', () => {
    expect(printable('abcdef', 4)).toEqual({ text: 'abcd', cut: 2 });
    expect(printable('abcd', 4)).toEqual({ text: 'abcd', cut: 0 });
  });

  test('cuts no pair in two', () => {
    expect(printable('abc🗝', 4)).toEqual({ text: 'abc', cut: 2 });
    expect(printable('abc🗝', 5)).toEqual({ text: 'abc🗝', cut: 0 });
  });

  test('needs no more than a blink for the longest text that fits a crossing', () => {
    const text = '\n'.repeat(8_000_000);
    const started = performance.now();
    expect(printable(text, 8_192).text).toHaveLength(16_384);
    expect(performance.now() - started).toBeLessThan(50);
  });
});

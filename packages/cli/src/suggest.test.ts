import { expect, test } from 'vitest';
import { suggest, suggestion } from './suggest.js';

test('the closest candidate is suggested', () => {
  expect(suggest('comand', ['command', 'component', 'env'])).toBe('command');
});

test('two swapped letters count as one mistake', () => {
  expect(suggest('rnu', ['dev', 'run'])).toBe('run');
});

test('nothing is suggested when no candidate is close', () => {
  expect(suggestion('zebra', ['command', 'env'])).toBe('');
});

test('a very long text is not compared at all', () => {
  expect(suggest('x'.repeat(100_000), ['x'.repeat(99_999)])).toBeUndefined();
});

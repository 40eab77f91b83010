import { expect, test } from 'vitest';
import { ChunkIndex } from './chunk-index.js';

function indexOf(sequences: readonly number[]): ChunkIndex {
  const index = new ChunkIndex();
  for (const sequence of sequences) index.add(sequence);
  return index;
}

test('an object that was written alone has one range', () => {
  expect(indexOf([17, 18, 19, 20]).format()).toBe('17-20');
  expect(indexOf([5]).format()).toBe('5');
  expect(indexOf([]).format()).toBe('');
});

test('the text leads back to every part of the index', () => {
  const sequences = [3, 4, 5, 9, 11, 12, 40];
  const index = ChunkIndex.parse(indexOf(sequences).format() ?? '');
  expect(index?.length).toBe(7);
  for (let first = 0; first < 7; first++) {
    for (let last = first; last < 7; last++) {
      expect([...(index?.sequences(first, last) ?? [])]).toEqual(sequences.slice(first, last + 1));
    }
  }
  expect([...(index?.sequences(5, 100) ?? [])]).toEqual([12, 40]);
});

test('chunks out of order are refused', () => {
  expect(() => indexOf([5, 5])).toThrow(RangeError);
  expect(() => indexOf([5, 4])).toThrow(RangeError);
});

test('an index in too many pieces has no text', () => {
  expect(indexOf(Array.from({ length: 10_000 }, (_, index) => 2 * index + 1)).format()).toBeUndefined();
});

test.each([
  '',
  'x',
  '5-',
  '-5',
  '5-4',
  '5,4',
  '5,5',
  '1-3,2',
  '0',
  '1,,2',
  ' 1',
  '9'.repeat(17),
  '9999999999999999',
  '1,'.repeat(9_000),
])('hostile text is no index: %.20s', (text) => {
  expect(ChunkIndex.parse(text)).toBeUndefined();
});

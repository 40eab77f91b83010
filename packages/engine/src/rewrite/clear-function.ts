import { leb, signedLeb } from './leb.js';

/** Bytes that are looked at before any of them is written. */
const blockSize = 4096;
/** Vectors that are read in one turn of the inner loop. */
const vectorsPerTurn = 16;
const vectorSize = 16;

const [start, end, at, next, seen] = [0, 1, 2, 3, 4] as const;
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const constant = (value: number): number[] => [0x41, ...signedLeb(value)];

/** Locals of {@link clearBody} besides its parameters: two numbers and a vector. */
export const clearLocals: readonly number[] = [0x02, 0x02, 0x7f, 0x01, 0x7b];

/**
 * The body of a function that makes memory `memory` zero from its first parameter to its second, both multiples of a block, the second the
 * greater one. It writes only where something else stands: reading takes two thirds of the time of writing, and most of a memory is zero.
 */
export function clearBody(memory: number): number[] {
  const index = leb(memory);
  const load = (offset: number): number[] =>
    memory === 0 ? [0xfd, 0x00, 0x04, ...leb(offset)] : [0xfd, 0x00, 0x44, ...index, ...leb(offset)];
  const anyOf = (from: number, count: number): number[] =>
    count === 1
      ? [...get(at), ...load(from * vectorSize)]
      : [...anyOf(from, count / 2), ...anyOf(from + count / 2, count / 2), 0xfd, 0x50];
  return [
    ...[0x03, 0x40, ...get(start), ...constant(blockSize), 0x6a, ...set(next), ...get(start), ...set(at)],
    ...[0xfd, 0x0c, ...new Array<number>(vectorSize).fill(0), ...set(seen)],
    ...[0x03, 0x40, ...get(seen), ...anyOf(0, vectorsPerTurn), 0xfd, 0x50, ...set(seen)],
    ...[...get(at), ...constant(vectorsPerTurn * vectorSize), 0x6a, 0x22, at, ...get(next), 0x49, 0x0d, 0x00, 0x0b],
    ...[...get(seen), 0xfd, 0x53, 0x04, 0x40],
    ...[...get(start), ...constant(0), ...constant(blockSize), 0xfc, 0x0b, ...index, 0x0b],
    ...[...get(next), 0x22, start, ...get(end), 0x49, 0x0d, 0x00, 0x0b],
  ];
}

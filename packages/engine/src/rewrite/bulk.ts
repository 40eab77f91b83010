import type { Added, BulkOperation } from './code-editor.js';
import { leb, signedLeb } from './leb.js';

const memoryCopy = 10;
const memoryFill = 11;

/** Bytes that are copied or filled in one go: some tenths of a millisecond, also where memory is touched for the first time. */
export const bulkChunk = 1_048_576;
/** What one weighs. */
const chunkWeight = bulkChunk / 8;

/**
 * The body of a function `(target, source, length) -> (target, source, length)` that does all of an operation but its last chunk, and charges for each.
 * What is out of bounds it leaves as it is, for the instruction itself to trap.
 */
export function bulkHelper({ opcode, target, source }: BulkOperation, added: Added): number[] {
  const isCopy = opcode === memoryCopy;
  const [to, from, length] = [
    [0x20, 0x00],
    [0x20, 0x01],
    [0x20, 0x02],
  ] as const;
  const all = [...to, ...from, ...length];
  const chunk = [0x41, ...signedLeb(bulkChunk)];
  const wide = (code: readonly number[]): number[] => [...code, 0xad];
  const unlessInside = (start: readonly number[], memory: number): number[] => [
    ...[...wide(start), ...wide(length), 0x7c],
    ...[...wide([0x3f, ...leb(memory)]), 0x42, 0x10, 0x86, 0x56],
    ...[0x04, 0x40, ...all, 0x0f, 0x0b],
  ];
  const instruction = isCopy ? [0xfc, memoryCopy, ...leb(target), ...leb(source)] : [0xfc, memoryFill, ...leb(target)];
  const advance = (local: number): number[] => [0x20, local, ...chunk, 0x6a, 0x21, local];
  const forward = [...to, ...from, ...chunk, ...instruction, ...advance(0), ...(isCopy ? advance(1) : [])];
  const last = (start: readonly number[]): number[] => [...start, ...length, 0x6a, ...chunk, 0x6b];
  const backward = [...last(to), ...last(from), ...chunk, ...instruction];
  // Within one memory, a copy to a higher address begins at the end, so that it reads nothing it has written.
  const step =
    isCopy && target === source ? [...to, ...from, 0x4b, 0x04, 0x40, ...backward, 0x05, ...forward, 0x0b] : forward;
  return [
    ...unlessInside(to, target),
    ...(isCopy ? unlessInside(from, source) : []),
    ...[
      0x03,
      0x40,
      ...chargeChunk(added),
      ...step,
      ...length,
      ...chunk,
      0x6b,
      0x22,
      0x02,
      ...chunk,
      0x4b,
      0x0d,
      0x00,
      0x0b,
    ],
    ...all,
  ];
}

/** `fuel -= weight; if (fuel < 0) poll()` */
function chargeChunk({ fuel, poll }: Added): number[] {
  const load = [0x23, ...leb(fuel)];
  const spend = [...load, 0x41, ...signedLeb(chunkWeight), 0x6b, 0x24, ...leb(fuel)];
  return [...spend, ...load, 0x41, 0x00, 0x48, 0x04, 0x40, 0x10, ...leb(poll), 0x0b];
}

import type { Reader } from '../binary/reader.js';

/** What follows an opcode of one byte, by kind. */
export const none = 0;
export const oneLeb = 1;
export const memoryArgument = 3;
export const block = 4;
export const special = 5;
export const unknown = 6;
export const size = 7;
export const division = 8;

/** By opcode. */
export const immediates: Uint8Array = makeImmediates();

function makeImmediates(): Uint8Array {
  const table = new Uint8Array(256).fill(unknown);
  const set = (kind: number, from: number, to: number = from): void => {
    table.fill(kind, from, to + 1);
  };
  set(special, 0x00); // unreachable
  set(none, 0x01);
  set(block, 0x02, 0x04); // block, loop, if
  set(special, 0x05); // else
  set(block, 0x06); // try, of the older exception handling
  set(special, 0x07, 0x0f); // catch, throw, rethrow, throw_ref, end, br, br_if, br_table, return
  set(special, 0x10, 0x15); // calls
  set(special, 0x18, 0x19); // delegate, catch_all
  set(none, 0x1a, 0x1b);
  set(special, 0x1c); // select with types
  set(special, 0x1f); // try_table
  set(oneLeb, 0x20, 0x25);
  set(special, 0x26); // table.set
  set(memoryArgument, 0x28, 0x3e);
  set(size, 0x3f, 0x40); // memory.size, memory.grow
  set(oneLeb, 0x41, 0x42);
  set(special, 0x43, 0x44); // float constants
  set(none, 0x45, 0xc4);
  set(division, 0x6d, 0x70);
  set(division, 0x7f, 0x82);
  for (const opcode of [0x91, 0x95, 0x9f, 0xa3]) set(division, opcode); // square roots and divisions of floats
  set(oneLeb, 0xd0);
  set(none, 0xd1);
  set(oneLeb, 0xd2);
  set(none, 0xd3, 0xd4);
  set(special, 0xd5, 0xd6); // br_on_null, br_on_non_null
  set(special, 0xfc, 0xfe);
  return table;
}

/** A value type, also one that names a heap type. */
export function skipValueType(reader: Reader): void {
  const type = reader.byte();
  if (type === 0x63 || type === 0x64) reader.s33();
}

/** A sequence of them. */
export function skipValueTypes(reader: Reader): void {
  reader.vector(() => skipValueType(reader));
}

/** A type index, a value type or nothing: one LEB, but for references to a heap type. */
export function skipBlockType(reader: Reader): void {
  const type = reader.peek();
  reader.skipLeb();
  if (type === 0x63 || type === 0x64) reader.skipLeb();
}

/** What follows the prefix of vector instructions. */
export function skipVector(reader: Reader): void {
  const opcode = reader.u32();
  if (opcode <= 11 || opcode === 92 || opcode === 93) skipMemoryArgument(reader);
  else if (opcode === 12 || opcode === 13) reader.slice(16);
  else if (opcode >= 21 && opcode <= 34) reader.byte();
  else if (opcode >= 84 && opcode <= 91) {
    skipMemoryArgument(reader);
    reader.byte();
  }
}

/** Alignment, offset and, where there are several, the memory. */
export function skipMemoryArgument(reader: Reader): void {
  const align = reader.u32();
  if (align & 0x40) reader.u32();
  reader.skipLeb();
}

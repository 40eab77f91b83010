import * as point from './point-kinds';
import { Reader } from './reader';

/** What follows an opcode of one byte, by kind. */
export const none: i32 = 0;
export const oneLeb: i32 = 1;
export const memoryArgument: i32 = 3;
export const block: i32 = 4;
export const special: i32 = 5;
export const unknown: i32 = 6;
export const size: i32 = 7;
export const division: i32 = 8;
/** Nothing follows, or an index; it is a point of the kind that `pointKind` tells. */
export const plainPoint: i32 = 9;
export const indexedPoint: i32 = 10;

const table: usize = memory.data(256);
const pointKinds: usize = memory.data(256);
fillTable();

function set(kind: i32, from: i32, to: i32 = from): void {
  memory.fill(table + from, <u8>kind, to - from + 1);
}

function fillTable(): void {
  set(unknown, 0x00, 0xff);
  set(none, 0x01);
  set(block, 0x02, 0x04); // block, loop, if
  set(block, 0x06); // try, of the older exception handling
  set(special, 0x07, 0x0a); // catch, throw, rethrow, throw_ref
  set(special, 0x0e); // br_table
  set(special, 0x11, 0x15); // calls
  set(special, 0x18); // delegate
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
  // Square roots and divisions of floats.
  set(division, 0x91);
  set(division, 0x95);
  set(division, 0x9f);
  set(division, 0xa3);
  setPoint(plainPoint, 0x00, point.leave); // unreachable
  setPoint(plainPoint, 0x05, point.otherwise);
  setPoint(plainPoint, 0x0b, point.blockEnd);
  setPoint(indexedPoint, 0x0c, point.branch);
  setPoint(indexedPoint, 0x0d, point.branchIf);
  setPoint(plainPoint, 0x0f, point.leave); // return
  setPoint(indexedPoint, 0x10, point.call);
  setPoint(indexedPoint, 0x12, point.tailCall);
  setPoint(plainPoint, 0x19, point.oldCatch); // catch_all
  setPoint(indexedPoint, 0xd5, point.branchOn);
  setPoint(indexedPoint, 0xd6, point.branchOn);
  set(oneLeb, 0xd0);
  set(none, 0xd1);
  set(oneLeb, 0xd2);
  set(none, 0xd3, 0xd4);
  set(special, 0xfc, 0xfe);
}

function setPoint(kind: i32, opcode: i32, pointKind: i32): void {
  set(kind, opcode);
  store<u8>(pointKinds + opcode, <u8>pointKind);
}

export function pointKind(opcode: i32): i32 {
  return load<u8>(pointKinds + opcode);
}

export function immediatesOf(opcode: i32): i32 {
  return load<u8>(table + opcode);
}

/** A value type, also one that names a heap type. */
export function skipValueType(reader: Reader): void {
  const type = reader.byte();
  if (type === 0x63 || type === 0x64) reader.skipLeb();
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
  else if (opcode === 12 || opcode === 13) reader.skip(16);
  else if (opcode >= 21 && opcode <= 34) reader.byte();
  else if (opcode >= 84 && opcode <= 91) {
    skipMemoryArgument(reader);
    reader.byte();
  }
}

/** Alignment, offset and, where there are several, the memory. */
export function skipMemoryArgument(reader: Reader): void {
  const align = reader.u32();
  if ((align & 0x40) !== 0) reader.u32();
  reader.skipLeb();
}

import { Reader } from '../binary/reader.js';
import type { ModuleLayout } from './module-layout.js';

/** How many bytes of code are looked at between two turns of the event loop: about 2 ms of work. */
const sliceBytes = 262_144;

/**
 * Whether the code of a module changes state that a snapshot of memories and globals does not hold: tables, dropped segments. Looks
 * at every instruction, in slices, so that a large module does not stall the event loop. Unknown instructions count as changing.
 */
export async function changesHiddenState(layout: ModuleLayout): Promise<boolean> {
  const code = layout.sections.find((section) => section.id === 10);
  if (code === undefined) return false;
  const reader = new Reader(code.payload);
  const count = reader.u32();
  let sliceEnd = reader.position + sliceBytes;
  for (let index = 0; index < count; index++) {
    const body = reader.slice(reader.u32());
    if (bodyChangesHiddenState(body)) return true;
    if (reader.position > sliceEnd) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      sliceEnd = reader.position + sliceBytes;
    }
  }
  return false;
}

/** What follows an opcode of one byte. */
const none = 0;
const oneLeb = 1;
const twoLebs = 2;
const memoryArgument = 3;
const special = 4;
const blockType = 5;
const unknown = 6;

const immediates = makeImmediates();

function makeImmediates(): Uint8Array {
  const table = new Uint8Array(256).fill(unknown);
  const set = (kind: number, from: number, to: number = from): void => {
    table.fill(kind, from, to + 1);
  };
  set(none, 0x00, 0x01);
  set(blockType, 0x02, 0x04); // block, loop, if
  set(none, 0x05);
  set(oneLeb, 0x08); // throw
  set(none, 0x0a, 0x0b);
  set(oneLeb, 0x0c, 0x0d);
  set(special, 0x0e); // br_table
  set(none, 0x0f);
  set(oneLeb, 0x10);
  set(twoLebs, 0x11);
  set(oneLeb, 0x12);
  set(twoLebs, 0x13);
  set(oneLeb, 0x14, 0x15);
  set(none, 0x1a, 0x1b);
  set(special, 0x1c); // select with types
  set(special, 0x1f); // try_table
  set(oneLeb, 0x20, 0x25);
  set(special, 0x26); // table.set
  set(memoryArgument, 0x28, 0x3e);
  set(oneLeb, 0x3f, 0x42);
  set(special, 0x43, 0x44); // float constants
  set(none, 0x45, 0xc4);
  set(oneLeb, 0xd0);
  set(none, 0xd1);
  set(oneLeb, 0xd2);
  set(none, 0xd3, 0xd4);
  set(oneLeb, 0xd5, 0xd6);
  set(special, 0xfc, 0xfe);
  return table;
}

function bodyChangesHiddenState(reader: Reader): boolean {
  reader.vector(() => {
    reader.u32();
    const type = reader.byte();
    if (type === 0x63 || type === 0x64) reader.s33();
  });
  while (!reader.isAtEnd) {
    const opcode = reader.byte();
    switch (immediates[opcode]) {
      case none:
        break;
      case oneLeb:
        reader.skipLeb();
        break;
      case twoLebs:
        reader.skipLeb();
        reader.skipLeb();
        break;
      case memoryArgument:
        skipMemoryArgument(reader);
        break;
      case blockType:
        skipBlockType(reader);
        break;
      case special:
        if (specialChangesHiddenState(opcode, reader)) return true;
        break;
      default:
        return true;
    }
  }
  return false;
}

function specialChangesHiddenState(opcode: number, reader: Reader): boolean {
  switch (opcode) {
    case 0x0e:
      reader.vector(() => reader.u32());
      reader.u32();
      return false;
    case 0x1c:
      reader.vector(() => {
        const type = reader.byte();
        if (type === 0x63 || type === 0x64) reader.s33();
      });
      return false;
    case 0x1f:
      skipBlockType(reader);
      reader.vector(() => {
        const kind = reader.byte();
        if (kind <= 0x01) reader.u32();
        reader.u32();
      });
      return false;
    case 0x43:
      reader.slice(4);
      return false;
    case 0x44:
      reader.slice(8);
      return false;
    case 0xfc:
      return bulkChangesHiddenState(reader);
    case 0xfd:
      skipVector(reader);
      return false;
    case 0xfe:
      if (reader.u32() === 0x03) reader.byte();
      else skipMemoryArgument(reader);
      return false;
    default:
      return true;
  }
}

function bulkChangesHiddenState(reader: Reader): boolean {
  const opcode = reader.u32();
  if (opcode <= 7) return false; // saturating conversions
  if (opcode === 8 || opcode === 10) {
    reader.u32(); // memory.init, memory.copy
    reader.u32();
    return false;
  }
  if (opcode === 11 || opcode === 16) {
    reader.u32(); // memory.fill, table.size
    return false;
  }
  if (opcode >= 19 && opcode <= 22) return false; // wide arithmetic
  return true;
}

function skipVector(reader: Reader): void {
  const opcode = reader.u32();
  if (opcode <= 11 || opcode === 92 || opcode === 93) skipMemoryArgument(reader);
  else if (opcode === 12 || opcode === 13) reader.slice(16);
  else if (opcode >= 21 && opcode <= 34) reader.byte();
  else if (opcode >= 84 && opcode <= 91) {
    skipMemoryArgument(reader);
    reader.byte();
  }
}

/** A type index, a value type or nothing: one LEB, but for references to a heap type. */
function skipBlockType(reader: Reader): void {
  const type = reader.peek();
  reader.skipLeb();
  if (type === 0x63 || type === 0x64) reader.skipLeb();
}

function skipMemoryArgument(reader: Reader): void {
  const align = reader.u32();
  if (align & 0x40) reader.u32();
  reader.skipLeb();
}

import type { Reader } from '../binary/reader.js';

/** What one function body does, as far as resetting and interrupting it are concerned. Positions are those of the code section. */
export interface BodyFacts {
  /** Where the body begins, its local declarations included. */
  readonly start: number;
  readonly end: number;
  /** Where the instructions begin. */
  readonly codeStart: number;
  /** How many locals it declares, and in how many groups. */
  readonly localCount: number;
  readonly localGroups: number;
  /** Loops: where their bodies begin, and how many bytes they have. */
  readonly loops: readonly Loop[];
  /** Indices of the functions that it calls directly. */
  readonly calls: readonly number[];
  /** Whether it calls through a table or a reference. */
  readonly hasIndirectCall: boolean;
  /** Instructions that work on a stretch of memory whose length is the last operand. */
  readonly bulkOperations: readonly number[];
  /** Whether it changes state that memories and globals do not hold: tables, dropped segments. */
  readonly changesHiddenState: boolean;
  /** Whether it holds an instruction that this walker does not know; then the other facts are incomplete. */
  readonly isUnknown: boolean;
}

export interface Loop {
  readonly bodyStart: number;
  size: number;
}

/** What follows an opcode of one byte. */
const none = 0;
const oneLeb = 1;
const twoLebs = 2;
const memoryArgument = 3;
const block = 4;
const special = 5;
const unknown = 6;

const immediates = makeImmediates();

function makeImmediates(): Uint8Array {
  const table = new Uint8Array(256).fill(unknown);
  const set = (kind: number, from: number, to: number = from): void => {
    table.fill(kind, from, to + 1);
  };
  set(none, 0x00, 0x01);
  set(block, 0x02, 0x04); // block, loop, if
  set(none, 0x05);
  set(block, 0x06); // try, of the older exception handling
  set(oneLeb, 0x07, 0x09); // catch, throw, rethrow
  set(none, 0x0a);
  set(special, 0x0b); // end
  set(oneLeb, 0x0c, 0x0d);
  set(special, 0x0e); // br_table
  set(none, 0x0f);
  set(special, 0x10, 0x15); // calls
  set(special, 0x18); // delegate
  set(none, 0x19, 0x1b);
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

/** Reads one function body. */
export function readBody(reader: Reader): BodyFacts {
  return new BodyWalker(reader).walk();
}

class BodyWalker {
  readonly #reader: Reader;
  readonly #loops: Loop[] = [];
  readonly #calls: number[] = [];
  readonly #bulkOperations: number[] = [];
  /** The open blocks; undefined for those that are not loops. */
  readonly #open: (Loop | undefined)[] = [];
  #hasIndirectCall = false;
  #changesHiddenState = false;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  walk(): BodyFacts {
    const reader = this.#reader;
    const start = reader.position;
    let localCount = 0;
    const localGroups = reader.vector(() => {
      localCount += reader.u32();
      skipValueType(reader);
    }).length;
    const codeStart = reader.position;
    let isUnknown = false;
    while (!reader.isAtEnd && !isUnknown) {
      const at = reader.position;
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
        case block:
          skipBlockType(reader);
          this.#enter(opcode === 0x03);
          break;
        case special:
          isUnknown = !this.#special(opcode, at);
          break;
        default:
          isUnknown = true;
      }
    }
    return {
      start,
      end: reader.end,
      codeStart,
      localCount,
      localGroups,
      loops: this.#loops,
      calls: this.#calls,
      hasIndirectCall: this.#hasIndirectCall,
      bulkOperations: this.#bulkOperations,
      changesHiddenState: this.#changesHiddenState || isUnknown,
      isUnknown,
    };
  }

  #enter(isLoop: boolean): void {
    const loop = isLoop ? { bodyStart: this.#reader.position, size: 0 } : undefined;
    if (loop !== undefined) this.#loops.push(loop);
    this.#open.push(loop);
  }

  #leave(): void {
    const loop = this.#open.pop();
    if (loop !== undefined) loop.size = this.#reader.position - loop.bodyStart;
  }

  /** Answers whether the instruction is known. */
  #special(opcode: number, at: number): boolean {
    const reader = this.#reader;
    switch (opcode) {
      case 0x0b:
        this.#leave();
        return true;
      case 0x18:
        reader.u32();
        this.#leave();
        return true;
      case 0x0e:
        reader.vector(() => reader.u32());
        reader.u32();
        return true;
      case 0x10:
      case 0x12:
        this.#calls.push(reader.u32());
        return true;
      case 0x11:
      case 0x13:
        this.#hasIndirectCall = true;
        reader.u32();
        reader.u32();
        return true;
      case 0x14:
      case 0x15:
        this.#hasIndirectCall = true;
        reader.u32();
        return true;
      case 0x1c:
        reader.vector(() => skipValueType(reader));
        return true;
      case 0x1f:
        skipBlockType(reader);
        reader.vector(() => {
          if (reader.byte() <= 0x01) reader.u32();
          reader.u32();
        });
        this.#enter(false);
        return true;
      case 0x26:
        this.#changesHiddenState = true;
        reader.u32();
        return true;
      case 0x43:
        reader.slice(4);
        return true;
      case 0x44:
        reader.slice(8);
        return true;
      case 0xfc:
        return this.#bulk(at);
      case 0xfd:
        skipVector(reader);
        return true;
      default:
        if (reader.u32() === 0x03) reader.byte();
        else skipMemoryArgument(reader);
        return true;
    }
  }

  #bulk(at: number): boolean {
    const reader = this.#reader;
    const opcode = reader.u32();
    if (opcode <= 7 || (opcode >= 19 && opcode <= 22)) return true; // saturating conversions, wide arithmetic
    if (opcode > 17) return false;
    reader.u32();
    const hasTwoOperands = opcode === 8 || opcode === 10 || opcode === 12 || opcode === 14;
    if (hasTwoOperands) reader.u32();
    const isTable = opcode >= 12 && opcode !== 16;
    const isDrop = opcode === 9 || opcode === 13;
    if (isTable || isDrop) this.#changesHiddenState = true;
    if (opcode === 8 || opcode === 10 || opcode === 11 || opcode === 12 || opcode === 14 || opcode === 17) {
      this.#bulkOperations.push(at);
    }
    return true;
  }
}

function skipValueType(reader: Reader): void {
  const type = reader.byte();
  if (type === 0x63 || type === 0x64) reader.s33();
}

/** A type index, a value type or nothing: one LEB, but for references to a heap type. */
function skipBlockType(reader: Reader): void {
  const type = reader.peek();
  reader.skipLeb();
  if (type === 0x63 || type === 0x64) reader.skipLeb();
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

function skipMemoryArgument(reader: Reader): void {
  const align = reader.u32();
  if (align & 0x40) reader.u32();
  reader.skipLeb();
}

import { endsEarly, fail, longFunction } from './fault';
import {
  block,
  division,
  immediatesOf,
  indexedPoint,
  memoryArgument,
  none,
  oneLeb,
  plainPoint,
  pointKind,
  size,
  skipBlockType,
  skipMemoryArgument,
  skipValueType,
  skipVector,
  special,
} from './immediates';
import { Outline } from './outline';
import * as point from './point-kinds';
import { Reader } from './reader';

/** Bytes of memory that are copied or filled while a byte of code is executed, as a power of two. */
export const bulkShift: i32 = 3;
const throwWeight: i32 = 16384;
const divisionWeight: i32 = 32;
const atomicWeight: i32 = 32;

/** Reads a code section, function by function. */
export class CodeReader {
  readonly outline: Outline;
  private reader: Reader;
  private length: i32;
  private maxBodySize: i32;
  private left: i32;
  /** Up to where the code has been weighed. */
  private weighed: i32 = 0;
  /** What slow instructions since then weigh beyond their bytes. */
  private slow: i32 = 0;

  /**
   * @param source the address of the section, behind which there are zeros
   * @param maxBodySize what no function may be longer than, in bytes
   * @param imported how many functions are imported
   */
  constructor(
    private source: usize,
    length: i32,
    maxBodySize: i32,
    imported: i32,
  ) {
    this.length = length;
    this.maxBodySize = maxBodySize;
    const reader = new Reader(source);
    reader.end = length;
    const count = reader.u32();
    // A body takes two bytes at the least.
    if (count > <u32>length >> 1) fail(endsEarly, reader.position);
    this.reader = reader;
    this.left = count;
    this.outline = new Outline(source, length, count, imported);
  }

  /** Goes on for about as many bytes; answers whether there is more. */
  read(bytes: i32): bool {
    const reader = this.reader;
    const enough = reader.position + bytes;
    while (this.left > 0 && reader.position < enough) {
      this.left--;
      const length: i32 = reader.u32();
      if (<u32>length > <u32>(this.length - reader.position)) fail(endsEarly, reader.position);
      if (length > this.maxBodySize) fail(longFunction, reader.position);
      reader.end = reader.position + length;
      this.body();
      reader.position = reader.end;
      reader.end = this.length;
    }
    return this.left > 0;
  }

  private body(): void {
    const reader = this.reader;
    const start = reader.position;
    const groups = reader.u32();
    let localCount: u32 = 0;
    for (let group: u32 = 0; group < groups; group++) {
      localCount += reader.u32();
      skipValueType(reader);
    }
    this.outline.addBody(start, reader.position, reader.end, localCount, groups);
    if (!this.instructions()) this.outline.isUnknown = true;
  }

  /** Reads to the end of the body; answers whether all instructions are known. */
  private instructions(): bool {
    const reader = this.reader;
    const outline = this.outline;
    const source = this.source;
    const end = reader.end;
    let position = reader.position;
    let weighed = position;
    let slow = 0;
    while (position < end) {
      const at = position++;
      const opcode: i32 = load<u8>(source + at);
      const kind = immediatesOf(opcode);
      // Most instructions are of the first three kinds.
      if (kind === none) continue;
      if (kind === memoryArgument && load<u8>(source + position++) >= 0x40) {
        reader.position = position - 1;
        skipMemoryArgument(reader);
        position = reader.position;
        continue;
      }
      if (kind === oneLeb || kind === memoryArgument) {
        while (load<u8>(source + position++) >= 0x80);
        continue;
      }
      if (kind === plainPoint || kind === indexedPoint) {
        let argument: i32 = 0;
        if (kind === indexedPoint) {
          argument = load<u8>(source + position++);
          if (argument >= 0x80) {
            reader.position = position - 1;
            argument = reader.u32();
            position = reader.position;
          }
        }
        outline.addPoint(pointKind(opcode), argument, at, position, position - weighed + slow);
        weighed = position;
        slow = 0;
        continue;
      }
      if (kind === division) {
        slow += divisionWeight;
        continue;
      }
      reader.position = position;
      this.weighed = weighed;
      this.slow = slow;
      if (!this.instruction(kind, opcode, at)) return false;
      position = reader.position;
      weighed = this.weighed;
      slow = this.slow;
    }
    if (position > end) fail(endsEarly, end);
    return true;
  }

  private instruction(kind: i32, opcode: i32, at: i32): bool {
    const reader = this.reader;
    if (kind === block) {
      skipBlockType(reader);
      this.add(blockKind(opcode), this.takesNothing(at) ? 1 : 0, at);
      return true;
    }
    if (kind === size) {
      reader.skipLeb();
      this.add(opcode === 0x40 ? point.memoryGrow : point.memorySize, 0, at);
      return true;
    }
    return kind === special && this.special(opcode, at);
  }

  private add(kind: i32, argument: i32, at: i32): void {
    const position = this.reader.position;
    this.outline.addPoint(kind, argument, at, position, position - this.weighed + this.slow);
    this.weighed = position;
    this.slow = 0;
  }

  /** Answers whether the instruction is known. */
  private special(opcode: i32, at: i32): bool {
    const reader = this.reader;
    switch (opcode) {
      case 0x07:
        reader.u32();
        this.add(point.oldCatch, 0, at);
        return true;
      case 0x08:
      case 0x09:
      case 0x0a:
        if (opcode !== 0x0a) reader.u32();
        this.slow += throwWeight;
        this.add(point.raise, 0, at);
        return true;
      case 0x0e:
        this.branchTable(at);
        return true;
      case 0x11:
      case 0x13:
        reader.u32();
        reader.u32();
        this.add(opcode === 0x13 ? point.tailCall : point.call, -1, at);
        return true;
      case 0x14:
      case 0x15:
        reader.u32();
        this.add(opcode === 0x15 ? point.tailCall : point.call, -1, at);
        return true;
      case 0x18:
        reader.u32();
        this.add(point.blockEnd, 0, at);
        return true;
      case 0x1c:
        for (let count = reader.u32(); count > 0; count--) skipValueType(reader);
        return true;
      case 0x1f:
        this.tryTable(at);
        return true;
      case 0x26:
        reader.u32();
        this.outline.changesHiddenState = true;
        return true;
      case 0x43:
        reader.skip(4);
        return true;
      case 0x44:
        reader.skip(8);
        return true;
      case 0xfc:
        return this.bulk(at);
      case 0xfd:
        skipVector(reader);
        return true;
      default:
        this.slow += atomicWeight;
        if (reader.u32() === 0x03) reader.byte();
        else skipMemoryArgument(reader);
        return true;
    }
  }

  /** Where it leads to is read from a table, however long that is: its labels weigh nothing. */
  private branchTable(at: i32): void {
    const reader = this.reader;
    // A label takes a byte at the least.
    const count = reader.u32();
    if (count >= <u32>(reader.end - reader.position)) fail(endsEarly, reader.position);
    this.add(point.branchTable, count + 1, at);
    for (let index: u32 = 0; index <= count; index++) {
      const label = reader.position;
      const depth = reader.u32();
      this.weighed = reader.position;
      this.add(point.tableLabel, depth, label);
    }
  }

  private tryTable(at: i32): void {
    const reader = this.reader;
    skipBlockType(reader);
    const count = reader.u32();
    for (let index: u32 = 0; index < count; index++) {
      const handler = reader.position;
      if (reader.byte() <= 0x01) reader.u32();
      this.add(point.handlerLabel, reader.u32(), handler);
    }
    this.add(point.tryTable, count, at);
  }

  private bulk(at: i32): bool {
    const reader = this.reader;
    const opcode = reader.u32();
    if (opcode <= 7 || (opcode >= 19 && opcode <= 22)) return true; // saturating conversions, wide arithmetic
    if (opcode > 17) return false;
    reader.u32();
    const hasTwoOperands = opcode === 8 || opcode === 10 || opcode === 12 || opcode === 14;
    if (hasTwoOperands) reader.u32();
    const isTable = opcode >= 12 && opcode !== 16;
    const isDrop = opcode === 9 || opcode === 13;
    if (isTable || isDrop) this.outline.changesHiddenState = true;
    if (hasTwoOperands || opcode === 11 || opcode === 17) this.add(point.bulk, isTable ? 0 : bulkShift, at);
    return true;
  }

  /** Whether the block that begins at `at` has no parameters, as its type shows that is not one of the module. */
  private takesNothing(at: i32): bool {
    return (load<u8>(this.source + at + 1) & 0xc0) === 0x40;
  }
}

function blockKind(opcode: i32): i32 {
  if (opcode === 0x02) return point.block;
  if (opcode === 0x03) return point.loop;
  return opcode === 0x04 ? point.conditional : point.oldTry;
}

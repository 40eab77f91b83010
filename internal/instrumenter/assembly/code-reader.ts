import { endsEarly, fail, longFunction, manyFunctions } from './fault';
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
/** As many as V8 takes. */
const mostFunctions: u32 = 1000000;
/** What dropping a segment weighs, in units of `slowUnit`. */
const dropWeight: i32 = 3;
/** More slow instructions than that in a row have several points. */
const mostSlow: i32 = 65536;

/** Reads a code section, function by function. */
export class CodeReader {
  readonly outline: Outline;
  private reader: Reader;
  private length: i32;
  private maxBodySize: i32;
  private left: i32;
  /** Whether a body has been begun and not ended. */
  private isInside: bool = false;
  /** Slow instructions since the last point. */
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
    if (count > mostFunctions) fail(manyFunctions, reader.position);
    this.reader = reader;
    this.left = count;
    this.outline = new Outline(source, length, count, imported);
  }

  /** Goes on for about as many bytes; answers whether there is more. */
  read(bytes: i32): bool {
    const reader = this.reader;
    const enough = reader.position + bytes;
    while (this.isInside || this.left > 0) {
      if (reader.position >= enough) return true;
      if (!this.isInside) this.beginBody();
      this.instructions(enough);
    }
    return false;
  }

  private beginBody(): void {
    const reader = this.reader;
    this.left--;
    reader.end = this.length;
    const length: i32 = reader.u32();
    if (<u32>length > <u32>(this.length - reader.position)) fail(endsEarly, reader.position);
    if (length > this.maxBodySize) fail(longFunction, reader.position);
    const start = reader.position;
    reader.end = start + length;
    const groups = reader.u32();
    let localCount: u32 = 0;
    for (let group: u32 = 0; group < groups; group++) {
      localCount += reader.u32();
      skipValueType(reader);
    }
    this.outline.addBody(start, reader.position, reader.end, localCount, groups);
    this.isInside = true;
    this.slow = 0;
  }

  /** Reads instructions of a body up to `enough`, or its end. */
  private instructions(enough: i32): void {
    const reader = this.reader;
    const outline = this.outline;
    const source = this.source;
    const end = reader.end;
    const stop = min(enough, end);
    let position = reader.position;
    let slow = this.slow;
    while (position < stop) {
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
        if (slow > 0) this.addSlow(slow, at);
        outline.addPoint(pointKind(opcode), argument, at, position);
        slow = 0;
        continue;
      }
      if (kind === division) {
        if (++slow < mostSlow) continue;
        this.addSlow(slow, at);
        slow = 0;
        continue;
      }
      reader.position = position;
      this.slow = slow;
      if (!this.instruction(kind, opcode, at)) {
        outline.isUnknown = true;
        reader.position = end;
      }
      position = reader.position;
      slow = this.slow;
    }
    if (position > end) fail(endsEarly, end);
    reader.position = position;
    this.slow = slow;
    this.isInside = position < end;
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
      if (opcode === 0x40) this.outline.growsMemory = true;
      this.add(opcode === 0x40 ? point.memoryGrow : point.memorySize, 0, at);
      return true;
    }
    return kind === special && this.special(opcode, at);
  }

  private addSlow(count: i32, at: i32): void {
    for (let left = count; left > 0; left -= mostSlow) this.outline.addPoint(point.slow, min(left, mostSlow), at, at);
  }

  private add(kind: i32, argument: i32, at: i32): void {
    if (this.slow > 0) this.addSlow(this.slow, at);
    this.slow = 0;
    this.outline.addPoint(kind, argument, at, this.reader.position);
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
        this.slow++;
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
    if (opcode <= 7) this.slow++; // saturating conversions
    if (opcode <= 7 || (opcode >= 19 && opcode <= 22)) return true; // and wide arithmetic
    if (opcode > 17) return false;
    reader.u32();
    const hasTwoOperands = opcode === 8 || opcode === 10 || opcode === 12 || opcode === 14;
    if (hasTwoOperands) reader.u32();
    const isTable = opcode >= 12 && opcode !== 16;
    const isDrop = opcode === 9 || opcode === 13;
    if (isTable || isDrop) this.outline.changesHiddenState = true;
    if (isDrop) this.slow += dropWeight;
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

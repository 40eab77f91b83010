import { Reader } from '../binary/reader.js';
import { invalid, unsupported } from '../invalid.js';
import {
  block,
  division,
  immediates,
  memoryArgument,
  none,
  oneLeb,
  size,
  skipBlockType,
  skipMemoryArgument,
  skipValueType,
  skipValueTypes,
  skipVector,
  special,
} from './immediates.js';
import type { ModuleLayout } from './module-layout.js';
import { Outline } from './outline.js';
import * as point from './point-kinds.js';
import { Slices } from './slices.js';

/** Bytes of memory that are copied or filled while a byte of code is executed, as a power of two. */
export const bulkShift = 3;
const throwWeight = 16_384;
const divisionWeight = 32;
const atomicWeight = 32;

const codeSection = 10;
const noCode = Uint8Array.of(0);

/**
 * Reads the code of a module that V8 has accepted or will, in slices, so that a large module does not stall the event loop.
 *
 * @param maxBodySize refuses functions of more bytes
 */
export async function readOutline(
  layout: ModuleLayout,
  maxBodySize: number = Number.POSITIVE_INFINITY,
): Promise<Outline> {
  const source = layout.sections.find((section) => section.id === codeSection)?.payload ?? noCode;
  const reader = new Reader(source);
  const count = reader.u32();
  const outline = new Outline(source, Math.min(count, source.length));
  const slices = new Slices();
  for (let index = 0; index < count; index++) {
    const length = reader.u32();
    if (length > maxBodySize) throw unsupported(`a function of more than ${maxBodySize} bytes`);
    new BodyReader(reader.slice(length), outline).read();
    if (slices.isOver) await slices.next();
  }
  return outline;
}

/** Whether the code of a module changes state that a snapshot of memories and globals does not hold. */
export async function changesHiddenState(layout: ModuleLayout): Promise<boolean> {
  const outline = await readOutline(layout);
  return outline.changesHiddenState || outline.isUnknown;
}

/** Adds one function body to an outline. */
class BodyReader {
  readonly #reader: Reader;
  readonly #outline: Outline;
  /** What has been counted. */
  #counted = 0;
  /** What slow instructions since then weigh beyond their bytes. */
  #slow = 0;

  constructor(reader: Reader, outline: Outline) {
    this.#reader = reader;
    this.#outline = outline;
  }

  read(): void {
    const reader = this.#reader;
    const start = reader.position;
    let localCount = 0;
    const groups = reader.u32();
    for (let group = 0; group < groups; group++) {
      localCount += reader.u32();
      skipValueType(reader);
    }
    this.#counted = reader.position;
    this.#outline.addBody(start, reader.position, reader.end, localCount, groups);
    if (!this.#instructions()) this.#outline.isUnknown = true;
  }

  /** Reads to the end of the body; answers whether all instructions are known. */
  #instructions(): boolean {
    const reader = this.#reader;
    const { bytes, end } = reader;
    let { position } = reader;
    while (position < end) {
      const at = position++;
      const opcode = bytes[at] ?? 0;
      const kind = immediates[opcode];
      // Most instructions are of the first three kinds: the reader need not know of them.
      if (kind === none) continue;
      if (kind === memoryArgument && (bytes[position++] ?? 0) >= 0x40) {
        reader.position = position - 1;
        skipMemoryArgument(reader);
        position = reader.position;
        continue;
      }
      if (kind === oneLeb || kind === memoryArgument) {
        while ((bytes[position++] ?? 0) >= 0x80);
        continue;
      }
      if (kind === division) {
        this.#slow += divisionWeight;
        continue;
      }
      reader.position = position;
      if (!this.#instruction(kind, opcode, at)) return false;
      position = reader.position;
    }
    if (position > end) throw invalid(`a function ends in the middle of an instruction, at byte ${end}`);
    reader.position = position;
    return true;
  }

  #instruction(kind: number | undefined, opcode: number, at: number): boolean {
    const reader = this.#reader;
    switch (kind) {
      case block:
        skipBlockType(reader);
        this.#add(blockKinds[opcode] ?? 0, takesNothing(reader.bytes, at) ? 1 : 0, at);
        return true;
      case size:
        reader.skipLeb();
        this.#add(opcode === 0x40 ? point.memoryGrow : point.memorySize, 0, at);
        return true;
      case special:
        return this.#special(opcode, at);
      default:
        return false;
    }
  }

  #add(kind: number, argument: number, at: number): void {
    const { position } = this.#reader;
    this.#outline.addPoint(kind, argument, at, position, position - this.#counted + this.#slow);
    this.#counted = position;
    this.#slow = 0;
  }

  /** Answers whether the instruction is known. */
  #special(opcode: number, at: number): boolean {
    const reader = this.#reader;
    switch (opcode) {
      case 0x00:
      case 0x0f:
        this.#add(point.leave, 0, at);
        return true;
      case 0x05:
        this.#add(point.otherwise, 0, at);
        return true;
      case 0x07:
        reader.u32();
        this.#add(point.oldCatch, 0, at);
        return true;
      case 0x19:
        this.#add(point.oldCatch, 0, at);
        return true;
      case 0x08:
      case 0x09:
      case 0x0a:
        if (opcode !== 0x0a) reader.u32();
        this.#slow += throwWeight;
        this.#add(point.raise, 0, at);
        return true;
      case 0x0b:
        this.#add(point.blockEnd, 0, at);
        return true;
      case 0x0c:
        this.#add(point.branch, reader.u32(), at);
        return true;
      case 0x0d:
        this.#add(point.branchIf, reader.u32(), at);
        return true;
      case 0xd5:
      case 0xd6:
        this.#add(point.branchOn, reader.u32(), at);
        return true;
      case 0x0e:
        this.#branchTable(at);
        return true;
      case 0x10:
      case 0x12:
        this.#add(opcode === 0x12 ? point.tailCall : point.call, reader.u32(), at);
        return true;
      case 0x11:
      case 0x13:
        reader.u32();
        reader.u32();
        this.#add(opcode === 0x13 ? point.tailCall : point.call, -1, at);
        return true;
      case 0x14:
      case 0x15:
        reader.u32();
        this.#add(opcode === 0x15 ? point.tailCall : point.call, -1, at);
        return true;
      case 0x18:
        reader.u32();
        this.#add(point.blockEnd, 0, at);
        return true;
      case 0x1c:
        skipValueTypes(reader);
        return true;
      case 0x1f:
        this.#tryTable(at);
        return true;
      case 0x26:
        reader.u32();
        this.#outline.changesHiddenState = true;
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
        this.#slow += atomicWeight;
        if (reader.u32() === 0x03) reader.byte();
        else skipMemoryArgument(reader);
        return true;
    }
  }

  /** Where it leads to is read from a table, however long that is: its labels weigh nothing. */
  #branchTable(at: number): void {
    const reader = this.#reader;
    const count = reader.u32() + 1;
    this.#add(point.branchTable, count, at);
    for (let index = 0; index < count; index++) {
      const label = reader.position;
      const depth = reader.u32();
      this.#counted = reader.position;
      this.#add(point.tableLabel, depth, label);
    }
  }

  #tryTable(at: number): void {
    const reader = this.#reader;
    skipBlockType(reader);
    const count = reader.u32();
    for (let index = 0; index < count; index++) {
      const handler = reader.position;
      if (reader.byte() <= 0x01) reader.u32();
      this.#add(point.handlerLabel, reader.u32(), handler);
    }
    this.#add(point.tryTable, count, at);
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
    if (isTable || isDrop) this.#outline.changesHiddenState = true;
    if (opcode === 8 || opcode === 10 || opcode === 11 || opcode === 12 || opcode === 14 || opcode === 17) {
      this.#add(point.bulk, isTable ? 0 : bulkShift, at);
    }
    return true;
  }
}

/** By opcode. */
const blockKinds: readonly (number | undefined)[] = [
  undefined,
  undefined,
  point.block,
  point.loop,
  point.conditional,
  undefined,
  point.oldTry,
];

/** Whether the block that begins at `at` has no parameters, as its type shows that is not one of the module. */
function takesNothing(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at + 1] ?? 0) & 0xc0) === 0x40;
}

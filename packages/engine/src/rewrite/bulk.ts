import { Reader } from '../binary/reader.js';
import { constant, type FuelCode } from './fuel-code.js';
import { leb, signedLeb } from './leb.js';
import type { ModuleLayout } from './module-layout.js';
import { bulkShift } from './read-outline.js';

const memoryCopy = 10;
const memoryFill = 11;

/** Bytes that are copied or filled in one go: some tenths of a millisecond, also where memory is touched for the first time. */
const bulkChunk = 1_048_576;

/** A `memory.copy` or `memory.fill` and the memories it works on. */
interface BulkOperation {
  readonly opcode: typeof memoryCopy | typeof memoryFill;
  readonly target: number;
  readonly source: number;
}

/** The instruction at `at`, if it is one whose length is bounded by nothing but the memory. */
function readBulkOperation(bytes: Uint8Array, at: number): BulkOperation | undefined {
  const reader = new Reader(bytes, at + 1);
  const opcode = reader.u32();
  if (opcode !== memoryCopy && opcode !== memoryFill) return undefined;
  const target = reader.u32();
  return { opcode, target, source: opcode === memoryCopy ? reader.u32() : target };
}

/** With target, source (or value) and length on the stack: when there is more than one chunk, `helper` leaves the last one to do. */
function chunkCode(length: number, type: number, helper: number): number[] {
  const local = leb(length);
  const isLong = [0x20, ...local, 0x41, ...signedLeb(bulkChunk), 0x4b];
  return [0x22, ...local, ...isLong, 0x04, ...signedLeb(type), 0x10, ...leb(helper), 0x0b];
}

/**
 * The body of a function `(target, source, length) -> (target, source, length)` that does all of an operation but its last chunk, and charges for each.
 * What is out of bounds it leaves as it is, for the instruction itself to trap.
 */
function bulkHelper({ opcode, target, source }: BulkOperation, charge: readonly number[]): number[] {
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
    ...[0x03, 0x40, ...charge, ...step, ...length, ...chunk, 0x6b, 0x22, 0x02, ...chunk, 0x4b, 0x0d, 0x00, 0x0b],
    ...all,
  ];
}

/** Functions that do long copies and fills in chunks, one for each instruction and the memories it names. */
export class BulkHelpers {
  readonly bodies: number[][] = [];
  readonly #layout: ModuleLayout;
  readonly #source: Uint8Array;
  readonly #fuel: FuelCode;
  readonly #indices = new Map<string, number>();

  constructor(layout: ModuleLayout, source: Uint8Array, fuel: FuelCode) {
    this.#layout = layout;
    this.#source = source;
    this.#fuel = fuel;
  }

  /** What stands before the bulk operation at `at` of the code section. `length` is a free local. */
  call(at: number, length: number): number[] {
    const operation = readBulkOperation(this.#source, at);
    if (operation === undefined) return [];
    const key = JSON.stringify(operation);
    const index = this.#indices.get(key) ?? this.bodies.length;
    if (index === this.bodies.length) {
      this.#indices.set(key, index);
      this.bodies.push(bulkHelper(operation, this.#fuel.charge(constant(bulkChunk >>> bulkShift))));
    }
    // The types and functions that `appendState` adds: the first of each is the one that polls.
    return chunkCode(length, this.#layout.typeCount + 1, this.#layout.funcCount + 1 + index);
  }
}

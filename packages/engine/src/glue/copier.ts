import type { CoreFuncType } from '../binary/core-module.js';
import { reallocSignature } from '../plan/canon.js';
import type { MemoryContext } from '../plan/types.js';
import { leb, signedLeb } from '../rewrite/leb.js';
import { BridgeWriter, type LocalType, type WasmCode } from './bridge-writer.js';
import { mostCopiedBytes } from './copying.js';

/** Added to `guard` while a function runs that must not call out of its component and JavaScript has not been told. */
export const quiet = 256;
/** Up to this many bytes a loop beats the instruction, which V8 makes a call. */
const shortCopy = 256;

const predicate: CoreFuncType = { params: ['i32', 'i32'], results: ['i32'] };
const nothing: CoreFuncType = { params: [], results: [] };
const empty = 0x40;

/** The module that carries strings and lists between memories: what its functions have in common. */
export class Copier {
  readonly writer: BridgeWriter = new BridgeWriter();
  readonly #isResizable: (context: MemoryContext) => boolean;
  readonly #helpers = new Set<string>();
  readonly #contexts = new Map<number, MemoryContext>();

  /** @param isResizable whether the guest's own functions tell the size of a memory */
  constructor(isResizable: (context: MemoryContext) => boolean) {
    this.#isResizable = isResizable;
  }

  /** Whose memories are used. */
  get contexts(): readonly MemoryContext[] {
    return [...this.#contexts.values()];
  }

  /** The immediate of an instruction that reads or writes `offset` bytes after its operand. */
  at(context: MemoryContext, offset = 0): number[] {
    return [0x40, ...this.#memory(context), ...leb(offset)];
  }

  /** 1 where `bytes` at `pointer` are not in the memory. */
  isOutside(context: MemoryContext, pointer: WasmCode, bytes: WasmCode): WasmCode {
    const memory = this.#memory(context);
    const pages = this.#isResizable(context)
      ? this.writer.callSlot(`z${context.index}`, { params: [], results: ['i32'] })
      : [0x3f, ...memory];
    return [...pointer, 0xad, ...bytes, 0xad, 0x7c, ...pages, 0xad, 0x42, 0x10, 0x86, 0x56];
  }

  /** `(pointer, length)`: 1 unless it is a short string of ASCII, in the memory: `bits` gathers all of its bytes. */
  isDifficultString(context: MemoryContext): WasmCode {
    const at = this.at(context);
    const [pointer, length, bits, last] = [get(0), get(1), get(2), [...get(0), ...get(1), 0x6a]];
    const tail = (size: number): WasmCode => [...last, ...i32(size), 0x6b];
    const isAbove = (size: number): WasmCode => [...length, ...i32(size), 0x4b];
    const wide = this.#wideLoad(context);
    return this.#helper(`string${context.index}`, predicate, ['i64', 'i32', 'v128'], () => [
      ...[...isAbove(mostCopiedBytes), ...this.isOutside(context, pointer, length), 0x72],
      ...[0x04, empty, ...i32(1), 0x0f, 0x0b],
      // So many bytes at a time, the last of them first, so that there is no rest.
      ...[...isAbove(31), 0x04, empty],
      ...[...tail(32), 0x21, ...leb(3), ...wide(get(3)), 0x21, ...leb(4)],
      ...steps(32, 0, 3, [...get(4), ...wide(pointer), ...vectorOr, 0x21, ...leb(4)]),
      ...[...get(4), ...vectorSigns, ...i32(0), 0x47, 0x0f, 0x0b],
      ...[...isAbove(7), 0x04, empty],
      ...[...tail(8), 0x22, ...leb(3), 0x29, ...at, 0x21, ...leb(2)],
      ...steps(8, 0, 3, [...bits, ...pointer, 0x29, ...at, 0x84, 0x21, ...leb(2)]),
      ...[0x05, ...isAbove(3), 0x04, empty],
      ...[...pointer, 0x35, ...at, ...tail(4), 0x35, ...at, 0x84, 0x21, ...leb(2)],
      ...[0x05, ...length, 0x04, empty],
      ...[...pointer, 0x31, ...at, ...middle(0, 1), 0x31, ...at, 0x84, ...tail(1), 0x31, ...at, 0x84, 0x21, ...leb(2)],
      ...[0x0b, 0x0b, 0x0b],
      ...[...bits, 0x42, ...asciiMask, 0x83, 0x50, 0x45],
    ]);
  }

  /** `(pointer, length)`: 1 unless it is a short list of elements of `size` bytes, aligned, in the memory. */
  isDifficultList(context: MemoryContext, size: number): WasmCode {
    const bytes = [...get(1), ...i32(size), 0x6c];
    return this.#helper(`list${context.index}_${size}`, predicate, [], () => [
      ...[...get(1), ...i32(mostCopiedBytes / size), 0x4b],
      ...[...get(0), ...i32(size - 1), 0x71, 0x72],
      ...[...this.isOutside(context, get(0), bytes), 0x72],
    ]);
  }

  /** `(align, bytes)`: a pointer to memory that the guest hands out. Where it is none, JavaScript says what is wrong and ends the life. */
  allocate(context: MemoryContext): WasmCode {
    const { writer } = this;
    const refuse = writer.call(`o${context.index}`, { params: ['i32', 'i32', 'i32'], results: [] });
    return this.#helper(`allocate${context.index}`, predicate, ['i32'], () => [
      ...this.quietly([
        ...i32(0),
        ...i32(0),
        ...get(0),
        ...get(1),
        ...writer.callSlot(`r${context.index}`, reallocSignature),
      ]),
      ...[0x22, ...leb(2), ...get(0), ...i32(1), 0x6b, 0x71],
      ...[...this.isOutside(context, get(2), get(1)), 0x72],
      ...[0x04, empty, ...get(2), ...get(1), ...get(0), ...refuse, 0x0b, ...get(2)],
    ]);
  }

  /** `(target, source, bytes)`: copies what is known to be in both memories, in steps of as many bytes as there are; the last step overlaps with the one before. */
  copy(from: MemoryContext, to: MemoryContext): WasmCode {
    const type: CoreFuncType = { params: ['i32', 'i32', 'i32'], results: [] };
    const [target, source, bytes] = [get(0), get(1), get(2)];
    const move = (load: number, store: number, offset: WasmCode): WasmCode => [
      ...[...target, ...offset, 0x6a, ...source, ...offset, 0x6a],
      ...[load, ...this.at(from), store, ...this.at(to)],
    ];
    const wideMove = (offset: WasmCode): WasmCode =>
      [0, 16].flatMap((more) => [
        ...[...target, ...offset, 0x6a, ...source, ...offset, 0x6a],
        ...[0xfd, ...leb(0x00), ...this.at(from, more), 0xfd, ...leb(0x0b), ...this.at(to, more)],
      ]);
    const isAbove = (size: number): WasmCode => [...bytes, ...i32(size), 0x4b];
    const tail = (size: number): WasmCode => [...bytes, ...i32(size), 0x6b];
    return this.#helper(`copy${from.index}_${to.index}`, type, ['i32'], () => [
      ...[...isAbove(shortCopy), 0x04, empty, ...target, ...source, ...bytes, 0xfc, 0x0a],
      ...[...this.#memory(to), ...this.#memory(from), 0x0f, 0x0b],
      ...[...isAbove(31), 0x04, empty, ...wideMove(tail(32))],
      ...[...source, ...tail(32), 0x6a, 0x21, ...leb(3)],
      ...steps(32, 1, 3, [...wideMove(i32(0)), ...target, ...i32(32), 0x6a, 0x21, ...leb(0)]),
      ...[0x0f, 0x0b],
      ...[...isAbove(7), 0x04, empty, ...move(0x29, 0x37, tail(8))],
      ...[...source, ...tail(8), 0x6a, 0x21, ...leb(3)],
      ...steps(8, 1, 3, [...move(0x29, 0x37, i32(0)), ...target, ...i32(8), 0x6a, 0x21, ...leb(0)]),
      ...[0x05, ...isAbove(3), 0x04, empty, ...move(0x28, 0x36, i32(0)), ...move(0x28, 0x36, tail(4))],
      ...[0x05, ...bytes, 0x04, empty, ...move(0x2d, 0x3a, i32(0))],
      ...[...move(0x2d, 0x3a, [...bytes, ...i32(1), 0x76]), ...move(0x2d, 0x3a, tail(1))],
      ...[0x0b, 0x0b, 0x0b],
    ]);
  }

  /** Runs guest code that must not call out of its component. */
  quietly(code: WasmCode): WasmCode {
    const guard = this.writer.global('guard');
    const add = (amount: number): WasmCode => [0x23, ...guard, ...i32(amount), 0x6a, 0x24, ...guard];
    return [...add(quiet), ...code, ...add(-quiet)];
  }

  /** Of 32 bytes, all bits that are set in one half or the other. */
  #wideLoad(context: MemoryContext): (pointer: WasmCode) => WasmCode {
    const half = (pointer: WasmCode, offset: number): WasmCode => [
      ...pointer,
      0xfd,
      ...leb(0x00),
      ...this.at(context, offset),
    ];
    return (pointer) => [...half(pointer, 0), ...half(pointer, 16), ...vectorOr];
  }

  #memory(context: MemoryContext): number[] {
    this.#contexts.set(context.index, context);
    return [...this.writer.memory(`m${context.index}`)];
  }

  #helper(name: string, type: CoreFuncType, locals: readonly LocalType[], code: () => WasmCode): WasmCode {
    if (!this.#helpers.has(name)) {
      this.#helpers.add(name);
      this.writer.add(name, type, locals, code());
    }
    return this.writer.callOwn(name);
  }
}

/** What a trampoline begins with that may be called while `guard` is raised: whether that is allowed is for JavaScript to say. */
export function asking(writer: BridgeWriter, index: number): WasmCode {
  return [0x23, ...writer.global('guard'), 0x04, empty, ...writer.call(`l${index}`, nothing), 0x0b];
}

export function get(local: number): number[] {
  return [0x20, ...leb(local)];
}

export function i32(value: number): number[] {
  return [0x41, ...signedLeb(value)];
}

/**
 * Goes from the address in local `at` to before the one in `last`, so many bytes a step: not a single step where they are equal. Behind `last` there is
 * room for one, so that no address wraps around to the beginning of the memory.
 */
function steps(bytes: number, at: number, last: number, step: WasmCode): WasmCode {
  return [
    ...[...get(at), ...get(last), 0x49, 0x04, empty, 0x03, empty, ...step],
    ...[...get(at), ...i32(bytes), 0x6a, 0x22, ...leb(at), ...get(last), 0x49, 0x0d, 0x00, 0x0b, 0x0b],
  ];
}

const vectorOr: WasmCode = [0xfd, ...leb(0x50)];
/** The highest bits of sixteen bytes. */
const vectorSigns: WasmCode = [0xfd, ...leb(0x64)];

/** 0x8080_8080_8080_8080 as a signed LEB128 number. */
const asciiMask: readonly number[] = [0x80, 0x81, 0x82, 0x84, 0x88, 0x90, 0xa0, 0xc0, 0x80, 0x7f];

/** The address of the byte in the middle of a string of one to three bytes. */
function middle(pointer: number, length: number): WasmCode {
  return [...get(pointer), ...get(length), ...i32(1), 0x76, 0x6a];
}

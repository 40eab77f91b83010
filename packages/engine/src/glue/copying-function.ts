import type { CoreValueType } from '../binary/core-module.js';
import { discriminantSize, offsetsOf, payloadOffset, payloadsOf } from '../plan/type-table.js';
import type { MemoryContext, ValueType } from '../plan/types.js';
import { leb } from '../rewrite/leb.js';
import { type Adapter, clamped, convertedArguments, convertedResult, entering, fail, faults } from './adapters.js';
import { typeCode, type WasmCode } from './bridge-writer.js';
import { type Copier, get, i32 } from './copier.js';
import { isInRegisters } from './functions.js';

/** Writes the function `x<index>` of a copying adapter. Whatever is not short and simple it leaves to the functions of the bridge, before anything has been done. */
export function writeCopying(copier: Copier, adapter: Adapter): void {
  new CopyingFunction(copier, adapter).write();
}

const empty = 0x40;

class CopyingFunction {
  readonly #copier: Copier;
  readonly #adapter: Adapter;
  readonly #code: (number | string)[] = [];
  readonly #locals: CoreValueType[] = ['i32', 'i32', 'i32'];
  readonly #before: number;
  /** Scratch: a pointer that the other side handed out, and a length. */
  readonly #pointer: number;
  readonly #length: number;
  /** Blocks around the code that is being written, within the one that is left for JavaScript. */
  #depth = 0;

  constructor(copier: Copier, adapter: Adapter) {
    this.#copier = copier;
    this.#adapter = adapter;
    this.#before = adapter.caller.params.length;
    this.#pointer = this.#before + 1;
    this.#length = this.#before + 2;
  }

  write(): void {
    const { index, lift, caller, callee } = this.#adapter;
    const { writer } = this.#copier;
    const [result] = caller.results;
    this.#emit(entering(writer, index, this.#before));
    // An exception of one component is not for another to catch.
    this.#emit([0x06, result === undefined ? empty : typeCode(result)]);
    this.#arguments();
    this.#emit(callee.params.flatMap((_, local) => get(local)));
    this.#emit(writer.callSlot(`f${lift.index}`, callee));
    this.#result();
    this.#emit([0x19, ...fail(writer, index, faults.exception), 0x0b]);
    this.#emit([...get(this.#before), 0x24, ...writer.global('at')]);
    writer.add(`x${index}`, caller, this.#locals, this.#code);
  }

  /** Puts what the callee gets where the caller's arguments were. */
  #arguments(): void {
    const { callee, lift } = this.#adapter;
    const types = lift.type.params.map((param) => param.type);
    const inJavaScript = [
      ...convertedArguments(this.#copier.writer, this.#adapter),
      ...callee.params.flatMap((_, index) => set(callee.params.length - 1 - index)),
    ];
    this.#orElse(inJavaScript, () => {
      eachFlat(types, 0, (type, local) => this.#checkFlat(type, local));
      eachFlat(types, 0, (type, local) => this.#copyFlat(type, local));
    });
  }

  #result(): void {
    const { lift, caller, callee, context } = this.#adapter;
    const { result } = lift.type;
    const [flat] = callee.results;
    if (result === undefined || flat === undefined || isInRegisters(result)) {
      const raw = flat === undefined ? undefined : this.#local(flat);
      if (raw !== undefined) this.#emit(set(raw));
      this.#postReturn(raw);
      if (result !== undefined && raw !== undefined) this.#number(result, raw);
      return;
    }
    const source = this.#local('i32');
    const target = caller.params.length - 1;
    this.#emit(set(source));
    const inJavaScript = [...get(source), ...convertedResult(this.#copier.writer, this.#adapter)];
    this.#orElse(inJavaScript, () => {
      this.#checkPlace(lift.context, source, result);
      this.#checkPlace(context, target, result);
      this.#checkMemory(result, source, 0);
      this.#copyMemory(result, source, target, 0);
      this.#postReturn(source);
    });
  }

  /** Emits `code`, and what happens instead when a check in it fails. */
  #orElse(instead: WasmCode, code: () => void): void {
    this.#emit([0x02, empty, 0x02, empty]);
    code();
    this.#emit([0x0c, 0x01, 0x0b, ...instead, 0x0b]);
  }

  #leaveIf(condition: WasmCode): void {
    this.#emit([...condition, 0x0d, ...leb(this.#depth)]);
  }

  /** Emits what happens where the number that `tag` gives is `value`; nothing when that is nothing. */
  #case(tag: WasmCode, value: number, code: () => void): void {
    const start = this.#code.length;
    this.#emit([...tag, ...i32(value), 0x46, 0x04, empty]);
    const inside = this.#code.length;
    this.#depth++;
    code();
    this.#depth--;
    if (this.#code.length === inside) this.#code.length = start;
    else this.#emit([0x0b]);
  }

  #postReturn(result: number | undefined): void {
    const { lift, callee } = this.#adapter;
    if (lift.postReturn === undefined) return;
    const call = this.#copier.writer.callSlot(`q${lift.index}`, { params: callee.results, results: [] });
    this.#emit(this.#copier.quietly([...(result === undefined ? [] : get(result)), ...call]));
  }

  /** The one number that a result is, from the local `raw`. */
  #number(type: ValueType, raw: number): void {
    const { writer } = this.#copier;
    const { index } = this.#adapter;
    const [inner] =
      type.kind === 'record' ? type.fields.map((field) => field.type) : type.kind === 'tuple' ? type.elements : [];
    if (inner !== undefined) return this.#number(inner, raw);
    const isWrong = wrong(type, get(raw));
    const what = type.kind === 'char' ? faults.character : faults.discriminant;
    if (isWrong !== undefined) this.#emit([...isWrong, 0x04, empty, ...fail(writer, index, what), 0x0b]);
    this.#emit([...get(raw), ...clamped(type)]);
  }

  #checkFlat(type: ValueType, local: number): void {
    const { context } = this.#adapter;
    switch (type.kind) {
      case 'string':
        this.#leaveIf([...get(local), ...get(local + 1), ...this.#copier.isDifficultString(context)]);
        return;
      case 'list':
        this.#leaveIf([...get(local), ...get(local + 1), ...this.#copier.isDifficultList(context, type.element.size)]);
        return;
      case 'record':
      case 'tuple':
        eachFlat(fieldsOf(type), local, (part, at) => this.#checkFlat(part, at));
        return;
      default: {
        const isWrong = wrong(type, get(local));
        if (isWrong !== undefined) this.#leaveIf(isWrong);
        payloadsOf(type).forEach((payload, tag) => {
          if (payload !== undefined) this.#case(get(local), tag, () => this.#checkFlat(payload, local + 1));
        });
      }
    }
  }

  #copyFlat(type: ValueType, local: number): void {
    switch (type.kind) {
      case 'string':
      case 'list':
        this.#copySequence(type, get(local), get(local + 1));
        this.#emit([...get(this.#pointer), ...set(local)]);
        return;
      case 'record':
      case 'tuple':
        eachFlat(fieldsOf(type), local, (part, at) => this.#copyFlat(part, at));
        return;
      case 'variant':
      case 'option':
      case 'result':
        this.#copyFlatCases(type, local);
        return;
      default: {
        const clamp = clamped(type);
        if (clamp.length > 0) this.#emit([...get(local), ...clamp, ...set(local)]);
      }
    }
  }

  /** What a case does not use becomes zero. */
  #copyFlatCases(type: ValueType, local: number): void {
    const flat = type.flat ?? [];
    const zero = (from: number): WasmCode =>
      flat.slice(from).flatMap((core, index) => [...zeroOf(core), ...set(local + from + index)]);
    const isEmpty = this.#local('i32');
    this.#emit([...i32(1), ...set(isEmpty)]);
    payloadsOf(type).forEach((payload, tag) => {
      if (payload === undefined) return;
      this.#case(get(local), tag, () => {
        this.#emit([...i32(0), ...set(isEmpty)]);
        this.#copyFlat(payload, local + 1);
        this.#emit(zero(1 + (payload.flat?.length ?? 0)));
      });
    });
    this.#emit([...get(isEmpty), 0x04, empty, ...zero(1), 0x0b]);
  }

  /** Leaves where `pointer` is no place for a value. */
  #checkPlace(context: MemoryContext, pointer: number, { size, align }: ValueType): void {
    if (align > 1) this.#leaveIf([...get(pointer), ...i32(align - 1), 0x71]);
    this.#leaveIf(this.#copier.isOutside(context, get(pointer), i32(size)));
  }

  #checkMemory(type: ValueType, source: number, offset: number): void {
    const { lift } = this.#adapter;
    const word = (at: number): WasmCode => [...get(source), 0x28, ...this.#copier.at(lift.context, at)];
    switch (type.kind) {
      case 'string':
        this.#leaveIf([...word(offset), ...word(offset + 4), ...this.#copier.isDifficultString(lift.context)]);
        return;
      case 'list': {
        const isDifficult = this.#copier.isDifficultList(lift.context, type.element.size);
        this.#leaveIf([...word(offset), ...word(offset + 4), ...isDifficult]);
        return;
      }
      case 'record':
      case 'tuple':
        this.#eachField(type, (part, at) => this.#checkMemory(part, source, offset + at));
        return;
      default: {
        const payloads = payloadsOf(type);
        const tag = this.#tag(type, source, offset);
        const isWrong = wrong(type, tag);
        if (isWrong !== undefined) this.#leaveIf(isWrong);
        payloads.forEach((payload, value) => {
          if (payload === undefined) return;
          this.#case(tag, value, () => this.#checkMemory(payload, source, offset + payloadOffset(payloads)));
        });
      }
    }
  }

  #copyMemory(type: ValueType, source: number, target: number, offset: number): void {
    const { lift } = this.#adapter;
    const word = (at: number): WasmCode => [...get(source), 0x28, ...this.#copier.at(lift.context, at)];
    switch (type.kind) {
      case 'string':
      case 'list':
        this.#emit([...word(offset + 4), ...set(this.#length)]);
        this.#copySequence(type, word(offset), get(this.#length), true);
        this.#store(0x36, target, offset, get(this.#pointer));
        this.#store(0x36, target, offset + 4, get(this.#length));
        return;
      case 'record':
      case 'tuple':
        this.#eachField(type, (part, at) => this.#copyMemory(part, source, target, offset + at));
        return;
      case 'variant':
      case 'option':
      case 'result': {
        const payloads = payloadsOf(type);
        const tag = this.#tag(type, source, offset);
        this.#store(accesses[discriminantSize(payloads.length)].store, target, offset, tag);
        payloads.forEach((payload, value) => {
          if (payload === undefined) return;
          this.#case(tag, value, () => this.#copyMemory(payload, source, target, offset + payloadOffset(payloads)));
        });
        return;
      }
      default: {
        const { load, store } = accesses[sizeOf(type)];
        const value = [...get(source), load, ...this.#copier.at(lift.context, offset)];
        this.#store(store, target, offset, [
          ...value,
          ...(type.kind === 'bool' || type.kind === 'flags' ? clamped(type) : []),
        ]);
      }
    }
  }

  /** Copies a string or a list to memory that the other side hands out, and leaves the pointer to that in {@link #pointer}. */
  #copySequence(type: ValueType, source: WasmCode, length: WasmCode, isResult = false): void {
    const { lift, context } = this.#adapter;
    const [from, to] = isResult ? [lift.context, context] : [context, lift.context];
    const size = type.kind === 'list' ? type.element.size : 1;
    const bytes = size === 1 ? length : [...length, ...i32(size), 0x6c];
    this.#emit([...i32(size), ...bytes, ...this.#copier.allocate(to), ...set(this.#pointer)]);
    this.#emit([...get(this.#pointer), ...source, ...bytes, ...this.#copier.copy(from, to)]);
  }

  #store(opcode: number, target: number, offset: number, value: WasmCode): void {
    this.#emit([...get(target), ...value, opcode, ...this.#copier.at(this.#adapter.context, offset)]);
  }

  /** What of a value in memory is checked: its discriminant, or itself. */
  #tag(type: ValueType, source: number, offset: number): WasmCode {
    const size = type.kind === 'char' ? 4 : discriminantSize(countOf(type));
    return [...get(source), accesses[size].load, ...this.#copier.at(this.#adapter.lift.context, offset)];
  }

  #eachField(type: ValueType, visit: (part: ValueType, offset: number) => void): void {
    const types = fieldsOf(type);
    const { offsets } = offsetsOf(types);
    types.forEach((part, index) => {
      visit(part, offsets[index] ?? 0);
    });
  }

  #local(type: CoreValueType): number {
    return this.#before + this.#locals.push(type) - 1;
  }

  #emit(code: WasmCode): void {
    for (const item of code) this.#code.push(item);
  }
}

/** Where a number is no value of its type; undefined: it always is. */
function wrong(type: ValueType, number: WasmCode): WasmCode | undefined {
  if (type.kind === 'char') {
    const isBeyond = [...number, ...i32(0x110000), 0x4f];
    const isSurrogate = [...number, ...i32(0xd800), 0x6b, ...i32(0x800), 0x49];
    return [...isBeyond, ...isSurrogate, 0x72];
  }
  const count = countOf(type);
  return count === 0 ? undefined : [...number, ...i32(count), 0x4f];
}

/** How many cases there are. */
function countOf(type: ValueType): number {
  return type.kind === 'enum' ? type.names.length : payloadsOf(type).length;
}

function fieldsOf(type: ValueType): readonly ValueType[] {
  if (type.kind === 'record') return type.fields.map((field) => field.type);
  return type.kind === 'tuple' ? type.elements : [];
}

function eachFlat(types: readonly ValueType[], first: number, visit: (type: ValueType, local: number) => void): void {
  let local = first;
  for (const type of types) {
    visit(type, local);
    local += type.flat?.length ?? 0;
  }
}

/** Instructions by the bytes that they read and write. */
const accesses = {
  1: { load: 0x2d, store: 0x3a },
  2: { load: 0x2f, store: 0x3b },
  4: { load: 0x28, store: 0x36 },
  8: { load: 0x29, store: 0x37 },
} as const;

function sizeOf({ size }: ValueType): keyof typeof accesses {
  return size === 1 || size === 2 || size === 4 ? size : 8;
}

function set(local: number): number[] {
  return [0x21, ...leb(local)];
}

function zeroOf(type: CoreValueType): number[] {
  switch (type) {
    case 'i64':
      return [0x42, 0x00];
    case 'f32':
      return [0x43, 0, 0, 0, 0];
    case 'f64':
      return [0x44, 0, 0, 0, 0, 0, 0, 0, 0];
    default:
      return [0x41, 0x00];
  }
}

import { wrongType } from './faults.js';
import type { Memory } from './memory.js';

/** The typed arrays that lists of numbers become. */
export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

export interface NumberArrayType {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): NumberArray;
  from(values: ArrayLike<never>): NumberArray;
}

/** Copies a list of bytes out of guest memory. */
export function liftBytes(memory: Memory, pointer: number, length: number): Uint8Array {
  const size = length >>> 0;
  const start = memory.span(pointer, size, 1);
  return memory.u8.slice(start, start + size);
}

/** Copies a list of numbers out of guest memory. */
export function liftNumbers(memory: Memory, pointer: number, length: number, type: NumberArrayType): NumberArray {
  const count = length >>> 0;
  const start = memory.span(pointer, count * type.BYTES_PER_ELEMENT, type.BYTES_PER_ELEMENT);
  return new type(memory.u8.buffer, start, count).slice();
}

/** Copies bytes into guest memory; answers the pointer and leaves the length in `memory.length`. */
export function lowerBytes(memory: Memory, bytes: unknown): number {
  const source = bytes instanceof Uint8Array ? bytes : integers(bytes, 0, 0xff, 'u8');
  const { length } = source;
  const pointer = memory.alloc(1, length);
  if (length !== 0) memory.u8.set(source, pointer);
  memory.length = length;
  return pointer;
}

/** Copies a typed array of exactly this type, or an array of numbers that fit it. */
export function lowerNumbers(
  memory: Memory,
  values: unknown,
  type: NumberArrayType,
  check: (value: unknown) => unknown,
): number {
  if (!isListLike(values)) wrongType('an array of numbers', values);
  const { length } = values;
  const size = type.BYTES_PER_ELEMENT;
  const pointer = memory.alloc(size, length * size);
  const target = new type(memory.u8.buffer, pointer, length);
  if (values instanceof type) target.set(values as never);
  else for (let index = 0; index < length; index++) target[index] = check(values[index]) as never;
  memory.length = length;
  return pointer;
}

/** The values of a list that is lowered one by one. */
export function listItems(values: unknown): ArrayLike<unknown> {
  if (!isListLike(values)) wrongType('an array', values);
  return values;
}

function isListLike(values: unknown): values is ArrayLike<unknown> {
  return Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView));
}

function integers(values: unknown, min: number, max: number, name: string): ArrayLike<number> {
  if (!Array.isArray(values)) wrongType(`a Uint8Array or an array of ${name}`, values);
  for (const value of values) {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) wrongType(name, value);
  }
  return values;
}

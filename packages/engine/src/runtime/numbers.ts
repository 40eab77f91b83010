import { trap, wrongType } from './faults.js';

/** Checks for values that become core numbers. Out of range is an error, never a silent wrap. */

export function lowerBool(value: unknown): number {
  if (typeof value !== 'boolean') wrongType('a boolean', value);
  return value ? 1 : 0;
}

export function lowerU64(value: unknown): bigint {
  if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
    wrongType('a bigint of 64 bits without sign', value);
  return value;
}

export function lowerS64(value: unknown): bigint {
  if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) wrongType('a signed bigint of 64 bits', value);
  return value;
}

/** A `char` as its code point. */
export function lowerChar(value: unknown): number {
  if (typeof value !== 'string') wrongType('a string of one character', value);
  const code = value.codePointAt(0);
  if (code === undefined || value.length !== (code > 0xffff ? 2 : 1) || (code >= 0xd800 && code <= 0xdfff)) {
    wrongType('a string of one character', value);
  }
  return code;
}

/** A code point from the guest as a `char`. */
export function liftChar(code: number): string {
  return String.fromCodePoint(checkChar(code));
}

/** A code point from the guest, if it is a Unicode scalar value. */
export function checkChar(code: number): number {
  const point = code >>> 0;
  if (point >= 0x110000 || (point >= 0xd800 && point <= 0xdfff)) trap(`${point} is not a Unicode scalar value`);
  return point;
}

const scratch = new DataView(new ArrayBuffer(8));

/** Reinterpretations that a variant's joined core values need. */
export function f32ToI32(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getInt32(0);
}

export function i32ToF32(value: number): number {
  scratch.setInt32(0, value);
  return scratch.getFloat32(0);
}

export function f64ToI64(value: number): bigint {
  scratch.setFloat64(0, value);
  return scratch.getBigInt64(0);
}

export function i64ToF64(value: bigint): number {
  scratch.setBigInt64(0, value);
  return scratch.getFloat64(0);
}

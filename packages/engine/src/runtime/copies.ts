import { isUtf8 } from 'node:buffer';
import { trap } from './faults.js';
import type { Memory } from './memory.js';
import { liftString, lowerString } from './strings.js';

/** Up to this many bytes a loop in JavaScript beats a native copy. */
const shortCopy = 64;

/** Copies a string from one component's memory to another's; answers its pointer there and leaves its length in `to.length`. */
export function copyString(from: Memory, to: Memory, pointer: number, units: number): number {
  // In other encodings a string is rare enough to take the way through JavaScript.
  if (from.encoding !== 'utf8' || to.encoding !== 'utf8') return lowerString(to, liftString(from, pointer, units));
  const length = units >>> 0;
  const start = from.span(pointer, length, 1);
  if (!isAscii(from, start, length) && !isUtf8(from.u8.subarray(start, start + length)))
    trap('a string is not valid UTF-8');
  return copyBytes(from, to, start, length, length, 1);
}

/** Copies a list of numbers of `size` bytes each; answers its pointer and leaves its length in `to.length`. */
export function copyNumbers(from: Memory, to: Memory, pointer: number, length: number, size: number): number {
  const count = length >>> 0;
  return copyBytes(from, to, from.span(pointer, count * size, size), count * size, count, size);
}

function copyBytes(from: Memory, to: Memory, start: number, bytes: number, length: number, align: number): number {
  const target = to.alloc(align, bytes);
  to.length = length;
  if (bytes > shortCopy) {
    to.u8.set(from.u8.subarray(start, start + bytes), target);
    return target;
  }
  const source = from.dv;
  const sink = to.dv;
  let index = 0;
  for (; index + 4 <= bytes; index += 4) sink.setInt32(target + index, source.getInt32(start + index));
  for (; index < bytes; index++) sink.setUint8(target + index, source.getUint8(start + index));
  return target;
}

/** Whether a short string is ASCII. A long one may be: the native check is quicker there. */
function isAscii({ dv }: Memory, start: number, length: number): boolean {
  if (length > shortCopy) return false;
  let bits = 0;
  let index = 0;
  for (; index + 4 <= length; index += 4) bits |= dv.getInt32(start + index);
  for (; index < length; index++) bits |= (dv.getUint8(start + index) << 24) >> 24;
  return (bits & 0x8080_8080) === 0;
}

/** The number of a case that there is. */
export function checkCase(value: number, count: number): number {
  if (value >>> 0 >= count) trap('a discriminant is out of range');
  return value;
}

import { Buffer } from 'node:buffer';
import { trap, wrongType } from './faults.js';
import type { Memory } from './memory.js';

/** Buffer's native string methods: on a plain Uint8Array they are several times faster than TextDecoder and TextEncoder. */
interface NativeStrings {
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  ucs2Slice(this: Uint8Array, start: number, end: number): string;
  utf8Write(this: Uint8Array, text: string, offset: number, length: number): number;
  latin1Write(this: Uint8Array, text: string, offset: number, length: number): number;
  ucs2Write(this: Uint8Array, text: string, offset: number, length: number): number;
}

const { utf8Slice, latin1Slice, ucs2Slice, utf8Write, latin1Write, ucs2Write } =
  Buffer.prototype as unknown as NativeStrings;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf16Tag = 0x8000_0000;
const beyondLatin1 = /[^\0-\xff]/;

/** Up to this many bytes a loop in JavaScript beats a native call. */
const shortLift = 16;
const shortLower = 24;

/** Reads a string of the context's encoding; `units` is its tagged length in code units. */
export function liftString(memory: Memory, pointer: number, units: number): string {
  switch (memory.encoding) {
    case 'utf8':
      return liftUtf8(memory, pointer, units >>> 0);
    case 'utf16':
      return liftUtf16(memory, pointer, units >>> 0);
    case 'latin1+utf16': {
      const tagged = units >>> 0;
      if (tagged >= utf16Tag) return liftUtf16(memory, pointer, tagged - utf16Tag);
      const start = memory.span(pointer, tagged, 2);
      return latin1Slice.call(memory.u8, start, start + tagged);
    }
  }
}

/** Writes a string; answers its pointer and leaves its tagged length in `memory.length`. */
export function lowerString(memory: Memory, text: unknown): number {
  if (typeof text !== 'string') wrongType('a string', text);
  switch (memory.encoding) {
    case 'utf8':
      return lowerUtf8(memory, text);
    case 'utf16':
      return lowerUtf16(memory, text, 0);
    case 'latin1+utf16': {
      if (beyondLatin1.test(text)) return lowerUtf16(memory, text, utf16Tag);
      const pointer = memory.alloc(2, text.length);
      latin1Write.call(memory.u8, text, pointer, text.length);
      memory.length = text.length;
      return pointer;
    }
  }
}

function liftUtf8(memory: Memory, pointer: number, length: number): string {
  const start = memory.span(pointer, length, 1);
  const { u8 } = memory;
  const end = start + length;
  if (length <= shortLift) {
    const text = liftShortAscii(u8, start, end);
    if (text !== undefined) return text;
  }
  const text = utf8Slice.call(u8, start, end);
  // Malformed input and a real U+FFFD look the same here; the strict decoder tells them apart.
  if (!text.includes('\ufffd')) return text;
  try {
    return strictUtf8.decode(u8.subarray(start, end));
  } catch {
    trap('a string is not valid UTF-8');
  }
}

/** By length: makes a string of that many characters in one call, which takes half the time of joining parts. */
const makeShort: readonly ((u8: Uint8Array, start: number) => string)[] = Array.from(
  { length: shortLift + 1 },
  (_, length) => {
    const codes = Array.from({ length }, (_, index) => `u8[start + ${index}]`);
    return new Function('u8', 'start', `return String.fromCharCode(${codes.join(', ')});`) as () => string;
  },
);

/** Undefined when there is anything but ASCII. */
function liftShortAscii(u8: Uint8Array, start: number, end: number): string | undefined {
  let codes = 0;
  for (let index = start; index < end; index++) codes |= u8[index] ?? 0;
  return codes > 0x7f ? undefined : makeShort[end - start]?.(u8, start);
}

function lowerUtf8(memory: Memory, text: string): number {
  const { length } = text;
  if (length < shortLower && isAscii(text)) {
    const pointer = memory.alloc(1, length);
    const { u8 } = memory;
    for (let index = 0; index < length; index++) u8[pointer + index] = text.charCodeAt(index);
    memory.length = length;
    return pointer;
  }
  const bytes = Buffer.byteLength(text, 'utf8');
  const pointer = memory.alloc(1, bytes);
  // One exact allocation: adapters in the field refuse to grow a string they have handed out.
  if (bytes === length) latin1Write.call(memory.u8, text, pointer, bytes);
  else utf8Write.call(memory.u8, text, pointer, bytes);
  memory.length = bytes;
  return pointer;
}

function isAscii(text: string): boolean {
  let codes = 0;
  for (let index = 0; index < text.length; index++) codes |= text.charCodeAt(index);
  return codes <= 0x7f;
}

function liftUtf16(memory: Memory, pointer: number, units: number): string {
  const start = memory.span(pointer, units * 2, 2);
  const text = ucs2Slice.call(memory.u8, start, start + units * 2);
  if (!text.isWellFormed()) trap('a string is not valid UTF-16');
  return text;
}

function lowerUtf16(memory: Memory, text: string, tag: number): number {
  const bytes = text.length * 2;
  const pointer = memory.alloc(2, bytes);
  ucs2Write.call(memory.u8, text.isWellFormed() ? text : text.toWellFormed(), pointer, bytes);
  memory.length = (text.length | tag) >>> 0;
  return pointer;
}

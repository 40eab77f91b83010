import { allocate, reallocate } from './allocate';

/** What is copied word by word: an instruction that copies takes its time to begin. What is read and written beyond the end is written over, or not looked at. */
const shortLength: i32 = 128;
const wordSize: i32 = 8;

/** Bytes written one after the other into memory that grows. */
export class ByteWriter {
  private start: usize;
  private capacity: i32;
  length: i32 = 0;

  constructor(capacity: i32) {
    this.capacity = capacity;
    this.start = allocate(capacity);
  }

  get address(): usize {
    return this.start;
  }

  @inline
  byte(byte: i32): void {
    if (this.length === this.capacity) this.reserve(1);
    store<u8>(this.start + this.length++, <u8>byte);
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  leb(value: u32): void {
    let rest = value;
    for (; rest > 0x7f; rest >>= 7) this.byte((rest & 0x7f) | 0x80);
    this.byte(rest);
  }

  /** A signed LEB128 number of 32 bits. */
  signedLeb(value: i32): void {
    let rest = value;
    for (; rest < -0x40 || rest >= 0x40; rest >>= 7) this.byte((rest & 0x7f) | 0x80);
    this.byte(rest & 0x7f);
  }

  /** An unsigned LEB128 number in as many bytes as the largest takes. */
  paddedLeb(value: u32): void {
    for (let shift = 0; shift < 28; shift += 7) this.byte(((value >> shift) & 0x7f) | 0x80);
    this.byte(value >> 28);
  }

  copy(from: usize, length: i32): void {
    this.reserve(length + wordSize);
    const to = this.start + this.length;
    if (length > shortLength) memory.copy(to, from, length);
    else for (let at = 0; at < length; at += wordSize) store<u64>(to + at, load<u64>(from + at));
    this.length += length;
  }

  private reserve(size: i32): void {
    if (this.length + size <= this.capacity) return;
    this.capacity = (this.length + size) * 2;
    this.start = reallocate(this.start, this.capacity);
  }
}

/** Reads the encodings that component and core binaries share. Every read past the end throws a `RangeError`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  byte(): number {
    const value = this.#at < this.#end ? this.#bytes[this.#at++] : undefined;
    if (value === undefined) throw new RangeError('the bytes end in the middle of a definition');
    return value;
  }

  peek(): number {
    const value = this.byte();
    this.#at--;
    return value;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw new RangeError('a number is longer than 32 bits');
  }

  name(): string {
    const text = this.take(this.u32());
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
  }

  /** The next `length` bytes, not copied. */
  take(length: number): Uint8Array {
    if (length > this.#end - this.#at) throw new RangeError('a length points past the end');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A list with its length in front. Bounded by the bytes there are: no element is shorter than one byte. */
  list<T>(read: () => T): T[] {
    const length = this.u32();
    if (length > this.#end - this.#at) throw new RangeError('a list is longer than the bytes');
    return Array.from({ length }, read);
  }

  optional<T>(read: () => T): T | undefined {
    const flag = this.byte();
    if (flag > 1) throw new RangeError(`an optional part begins with ${flag}`);
    return flag === 1 ? read() : undefined;
  }
}

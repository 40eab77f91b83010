const utf8 = new TextDecoder();

/** Reads the primitives of DWARF, little-endian. Every read is bounds-checked: what ends early is a `RangeError`. */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #position: number;

  constructor(bytes: Uint8Array, position = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#position = position;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#end;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  u8(): number {
    const value = this.#position < this.#end ? this.#bytes[this.#position] : undefined;
    if (value === undefined) throw new RangeError('debug information ends early');
    this.#position++;
    return value;
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    return this.unsigned(2);
  }

  u32(): number {
    return this.unsigned(4);
  }

  /** A number of `size` bytes; inexact beyond 53 bits. */
  unsigned(size: number): number {
    let value = 0;
    for (let index = 0; index < size; index++) value += this.u8() * 2 ** (8 * index);
    return value;
  }

  /** An offset into another section: 4 bytes, or 8 in the 64-bit format. */
  offset(isWide: boolean): number {
    return this.unsigned(isWide ? 8 : 4);
  }

  initialLength(): { readonly length: number; readonly isWide: boolean } {
    const length = this.u32();
    return length === 0xffff_ffff ? { length: this.unsigned(8), isWide: true } : { length, isWide: false };
  }

  uleb(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number of more than 64 bits');
  }

  sleb(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale * 128;
    }
    throw new RangeError('a number of more than 64 bits');
  }

  /** Up to a zero byte, which it skips. */
  string(): string {
    const end = this.#bytes.indexOf(0, this.#position);
    if (end < 0 || end >= this.#end) throw new RangeError('a name of debug information does not end');
    const text = utf8.decode(this.#bytes.subarray(this.#position, end));
    this.#position = end + 1;
    return text;
  }

  skip(length: number): void {
    if (!(length <= this.remaining)) throw new RangeError('debug information ends early');
    this.#position += length;
  }

  /** The next `length` bytes as a cursor of their own. */
  slice(length: number): ByteCursor {
    const start = this.#position;
    this.skip(length);
    return new ByteCursor(this.#bytes, start, this.#position);
  }
}

import { invalid } from '../invalid.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** How many items sequences may still have, all that count in it together. */
export interface Allowance {
  items: number;
}

/** Reads WebAssembly's binary primitives from a range of bytes; every read is bounds-checked. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  position: number;
  readonly #allowance: Allowance | undefined;

  /** @param allowance for the sequences that are read, also in slices; unset: the bytes are their only bound */
  constructor(bytes: Uint8Array, position = 0, end: number = bytes.length, allowance?: Allowance | undefined) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
    this.#allowance = allowance;
  }

  get isAtEnd(): boolean {
    return this.position >= this.end;
  }

  byte(): number {
    const { position } = this;
    if (position >= this.end) throw invalid(`the binary ends early, at byte ${position}`);
    this.position = position + 1;
    return this.bytes[position] ?? 0;
  }

  peek(): number {
    const value = this.byte();
    this.position--;
    return value;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    let value = this.byte();
    if (value < 0x80) return value;
    value &= 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw invalid(`a number before byte ${this.position} has more than 32 bits`);
  }

  /** A signed LEB128 number of at most 33 bits, as type references use it. */
  s33(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 35; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return byte & 0x40 ? value - scale * 128 : value;
    }
    throw invalid(`a number before byte ${this.position} has more than 33 bits`);
  }

  /** Skips a signed LEB128 number of any width up to 64 bits. */
  skipLeb(): void {
    for (let length = 0; length < 10; length++) if (this.byte() < 0x80) return;
    throw invalid(`a number before byte ${this.position} has more than 64 bits`);
  }

  /** The next `length` bytes as a reader of their own. */
  slice(length: number): Reader {
    if (length > this.end - this.position) {
      throw invalid(`a section of ${length} bytes at byte ${this.position} reaches past the end`);
    }
    const part = new Reader(this.bytes, this.position, this.position + length, this.#allowance);
    this.position += length;
    return part;
  }

  /** Everything that is left, as a view of the same bytes. */
  rest(): Uint8Array {
    const view = this.bytes.subarray(this.position, this.end);
    this.position = this.end;
    return view;
  }

  name(): string {
    const part = this.slice(this.u32());
    try {
      return utf8.decode(part.rest());
    } catch {
      throw invalid(`the name before byte ${this.position} is not valid UTF-8`);
    }
  }

  /**
   * A length-prefixed sequence of at most `most` items, and no more than the allowance. Each takes at least one byte, so a huge count fails before it costs
   * memory.
   */
  vector<T>(item: () => T, most: number = Number.POSITIVE_INFINITY): T[] {
    const count = this.u32();
    if (count > this.end - this.position) {
      throw invalid(`a sequence of ${count} items at byte ${this.position} does not fit the bytes that are left`);
    }
    const allowed = Math.min(most, this.#allowance?.items ?? most);
    if (count > allowed)
      throw invalid(`there are ${count} items at byte ${this.position}, at most ${allowed} are allowed here`);
    if (this.#allowance !== undefined) this.#allowance.items -= count;
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(item());
    return items;
  }

  expect(byte: number, what: string): void {
    const found = this.byte();
    if (found !== byte) {
      throw invalid(
        `expected ${what} (0x${byte.toString(16)}) at byte ${this.position - 1}, found 0x${found.toString(16)}`,
      );
    }
  }

  expectEnd(what: string): void {
    if (!this.isAtEnd) throw invalid(`${what} has ${this.end - this.position} bytes too many at byte ${this.position}`);
  }
}

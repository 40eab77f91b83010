import { endsEarly, fail, longNumber } from './fault';

/** Reads numbers from a range of the source; every read is bounds-checked. */
export class Reader {
  position: i32 = 0;
  end: i32 = 0;

  constructor(private source: usize) {}

  byte(): i32 {
    if (this.position >= this.end) fail(endsEarly, this.position);
    return load<u8>(this.source + this.position++);
  }

  peek(): i32 {
    const byte = this.byte();
    this.position--;
    return byte;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): u32 {
    let value: u32 = 0;
    for (let shift: u32 = 0; shift < 35; shift += 7) {
      const byte: u32 = this.byte();
      if (shift === 28 && byte > 0x0f) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    fail(longNumber, this.position);
    return 0;
  }

  /** Skips a LEB128 number of any width up to 64 bits. */
  skipLeb(): void {
    for (let length = 0; length < 10; length++) if (this.byte() < 0x80) return;
    fail(longNumber, this.position);
  }

  skip(length: i32): void {
    if (length > this.end - this.position) fail(endsEarly, this.position);
    this.position += length;
  }
}

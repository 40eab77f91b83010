/** What is copied byte by byte: a view would cost more. */
const shortCopy = 200;

/** Bytes written one after the other into a buffer that grows. */
export class ByteWriter {
  #buffer: Uint8Array;
  #length = 0;

  /** Memory that is never written to costs nothing: `capacity` may be generous. */
  constructor(capacity: number) {
    this.#buffer = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  bytes(bytes: readonly number[]): void {
    this.#reserve(bytes.length);
    const buffer = this.#buffer;
    let length = this.#length;
    for (let index = 0; index < bytes.length; index++) buffer[length++] = bytes[index] ?? 0;
    this.#length = length;
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = byte;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  leb(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.byte((rest & 0x7f) | 0x80);
    this.byte(rest);
  }

  /** A signed LEB128 number of 32 bits. */
  signedLeb(value: number): void {
    let rest = value | 0;
    for (; rest < -0x40 || rest >= 0x40; rest >>= 7) this.byte((rest & 0x7f) | 0x80);
    this.byte(rest & 0x7f);
  }

  /** A range of other bytes. */
  copy(source: Uint8Array, from = 0, to: number = source.length): void {
    this.#reserve(to - from);
    const buffer = this.#buffer;
    let length = this.#length;
    if (to - from > shortCopy) {
      buffer.set(source.subarray(from, to), length);
      this.#length = length + to - from;
      return;
    }
    for (let position = from; position < to; position++) buffer[length++] = source[position] ?? 0;
    this.#length = length;
  }

  /** Overwrites what was written at `position`. */
  patch(position: number, bytes: readonly number[]): void {
    this.#buffer.set(bytes, position);
  }

  result(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return;
    const larger = new Uint8Array((this.#length + size) * 2);
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

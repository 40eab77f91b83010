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
    for (const byte of bytes) this.#buffer[this.#length++] = byte;
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

  copy(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
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

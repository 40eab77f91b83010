/** Rows of all sequences at most; each takes 16 bytes. */
const maxRows = 500_000;

/** Rows that belong to one stretch of code. */
export interface Sequence {
  /** Its first address, and the first one after it. */
  readonly low: number;
  readonly high: number;
  /** Its first row, and the first one after it. */
  readonly first: number;
  readonly end: number;
}

/** Rows of a line table, without an object each. */
export class Rows {
  count = 0;
  #fields = new Uint32Array(1024);

  add(address: number, file: number, line: number, column: number): void {
    if (this.count === maxRows) throw new RangeError('a line table of too many rows');
    const at = this.count++ * 4;
    if (at === this.#fields.length) {
      const larger = new Uint32Array(at * 2);
      larger.set(this.#fields);
      this.#fields = larger;
    }
    this.#fields[at] = address;
    this.#fields[at + 1] = file;
    this.#fields[at + 2] = line;
    this.#fields[at + 3] = column;
  }

  address(row: number): number {
    return this.#fields[row * 4] ?? 0;
  }

  /** The last row of a sequence, whose rows ascend, that begins at `address` or before. */
  lastAtMost(address: number, { first, end }: Sequence): number {
    let low = first;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.address(middle) <= address) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Index into the files of the whole table. */
  file(row: number): number {
    return this.#fields[row * 4 + 1] ?? 0;
  }

  line(row: number): number {
    return this.#fields[row * 4 + 2] ?? 0;
  }

  column(row: number): number {
    return this.#fields[row * 4 + 3] ?? 0;
  }
}

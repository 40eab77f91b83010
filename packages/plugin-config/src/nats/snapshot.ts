/** Bounds on what one store may hold in memory. */
export interface SnapshotLimits {
  /** Keys of one store. @default 10_000 */
  readonly maxKeys: number;
  /** UTF-16 code units of all keys and values of one store. @default 8_388_608 */
  readonly maxLength: number;
}

/** The values of a bucket as of now, within bounds. */
export class Snapshot {
  readonly #values = new Map<string, string>();
  readonly #limits: SnapshotLimits;
  #length = 0;

  constructor(limits: SnapshotLimits) {
    this.#limits = limits;
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  entries(): [string, string][] {
    return [...this.#values];
  }

  /** Sets or, with `undefined`, removes a value. Answers whether there was room; without it, nothing changes. */
  set(key: string, value: string | undefined): boolean {
    const previous = this.#values.get(key);
    const freed = previous === undefined ? 0 : key.length + previous.length;
    if (value === undefined) {
      this.#values.delete(key);
      this.#length -= freed;
      return true;
    }
    const length = this.#length - freed + key.length + value.length;
    const isNew = previous === undefined;
    if (length > this.#limits.maxLength || (isNew && this.#values.size >= this.#limits.maxKeys)) return false;
    this.#values.set(key, value);
    this.#length = length;
    return true;
  }
}

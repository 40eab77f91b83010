/** Characters of an index; the chunks of a longer one are found one after the other. */
const maxIndexLength = 16_384;

/**
 * Where the chunks of an object are in its stream: their sequence numbers, in order. As text it is ranges, `17-4016` or `17,19-20`, one range for
 * an object that was written alone. With it a range is read without what is before it, and several chunks at a time.
 */
export class ChunkIndex {
  readonly #ranges: [first: number, last: number][] = [];

  /** Adds the next chunk. @throws RangeError when it is not after the one before. */
  add(sequence: number): void {
    const range = this.#ranges.at(-1);
    if (range !== undefined && sequence <= range[1]) throw new RangeError('chunks were stored out of order');
    if (range?.[1] === sequence - 1) range[1] = sequence;
    else this.#ranges.push([sequence, sequence]);
  }

  /** How many chunks there are. */
  get length(): number {
    return this.#ranges.reduce((length, [first, last]) => length + last - first + 1, 0);
  }

  /** The sequence numbers of the chunks `first` to `last`, both included. */
  *sequences(first: number, last: number): Generator<number> {
    let index = 0;
    for (const [from, to] of this.#ranges) {
      const count = to - from + 1;
      const end = Math.min(count, last + 1 - index);
      for (let offset = Math.max(0, first - index); offset < end; offset++) yield from + offset;
      index += count;
      if (index > last) return;
    }
  }

  /** As text, unless that is longer than `maxLength`, or than any record should be. */
  format(maxLength: number = maxIndexLength): string | undefined {
    const text = this.#ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
    return text.length > Math.min(maxLength, maxIndexLength) ? undefined : text;
  }

  /** Reads what {@link ChunkIndex.format} writes; `undefined` for anything else. */
  static parse(text: string): ChunkIndex | undefined {
    if (text.length > maxIndexLength || !/^\d{1,16}(-\d{1,16})?(,\d{1,16}(-\d{1,16})?)*$/.test(text)) return undefined;
    const index = new ChunkIndex();
    let previous = 0;
    for (const part of text.split(',')) {
      const [first = 0, last = first] = part.split('-').map(Number);
      if (first <= previous || last < first || !Number.isSafeInteger(last)) return undefined;
      index.#ranges.push([first, last]);
      previous = last;
    }
    return index;
  }
}

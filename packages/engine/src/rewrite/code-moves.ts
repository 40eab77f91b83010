import { Reader } from '../binary/reader.js';

/** Where the instructions of rewritten function bodies stood before. */
export class CodeMoves {
  readonly #steps: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #earlier: CodeMoves | undefined;

  /**
   * @param steps for each range that was copied: how many bytes were written before it, how far it stood behind the last one, and its length
   * @param starts where the steps of each body begin
   * @param earlier those that made the code that these are about
   */
  constructor(steps: Uint8Array, starts: Uint32Array, earlier?: CodeMoves | undefined) {
    this.#steps = steps;
    this.#starts = starts;
    this.#earlier = earlier;
  }

  /** Where an instruction stood that is now at `offset` of a body, both in bytes from the start of the body; undefined where that is not known. */
  originalOffset(index: number, offset: number): number | undefined {
    const start = this.#starts[index];
    if (start === undefined) return undefined;
    const steps = new Reader(this.#steps, start, this.#starts[index + 1]);
    const before = offsetBefore(steps, offset);
    return before === undefined || this.#earlier === undefined ? before : this.#earlier.originalOffset(index, before);
  }
}

function offsetBefore(steps: Reader, offset: number): number | undefined {
  let read = 0;
  let written = 0;
  while (!steps.isAtEnd) {
    written += steps.u32();
    if (offset < written) return read;
    read += steps.s33();
    const length = steps.u32();
    if (offset < written + length) return read + offset - written;
    read += length;
    written += length;
  }
  return undefined;
}

import { Reader } from '../binary/reader.js';
import { ByteWriter } from './byte-writer.js';
import { leb, signedLeb } from './leb.js';

/** Bytes of steps in all: more than code has whose debug information is not too long to be read. What is beyond is not known. */
const maxBytes = 4_194_304;
/** The same for one body: two milliseconds of work to look something up. */
const maxBodyBytes = 131_072;

/** Where the instructions of rewritten function bodies stood before, in some three bytes for each place where something else was written. */
export class CodeMoves {
  readonly #earlier: CodeMoves | undefined;
  /** For each range that was copied: how many bytes were written before it, how far it stood behind the last one, and its length. */
  readonly #steps = new ByteWriter(1024);
  /** Where the steps of each body begin. */
  readonly #starts: number[] = [];
  #read = 0;
  #written = 0;

  /** @param earlier those that made the code that these are about */
  constructor(earlier?: CodeMoves | undefined) {
    this.#earlier = earlier;
  }

  /** The next body is read from `source` on and written from `target` on. */
  beginBody(source: number, target: number): void {
    this.#starts.push(this.#steps.length);
    this.#read = source;
    this.#written = target;
  }

  /** The range from `from` to `to` is written at `target`; what was written since the last one counts as where that ended. */
  copy(from: number, to: number, target: number): void {
    const { length } = this.#steps;
    if (length >= maxBytes || length - (this.#starts.at(-1) ?? 0) >= maxBodyBytes) return;
    this.#steps.bytes([...leb(target - this.#written), ...signedLeb(from - this.#read), ...leb(to - from)]);
    this.#read = to;
    this.#written = target + to - from;
  }

  /** Where an instruction stood that is now at `offset` of a body, both in bytes from the start of the body; undefined where that is not known. */
  originalOffset(index: number, offset: number): number | undefined {
    const start = this.#starts[index];
    if (start === undefined) return undefined;
    const steps = new Reader(this.#steps.result(), start, this.#starts[index + 1]);
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

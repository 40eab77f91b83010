import { ByteWriter } from './byte-writer.js';
import type { CodeMoves } from './code-moves.js';
import { leb } from './leb.js';

/** More than instrumented code takes beyond its source. */
const roomFactor = 1.5;
/** As much for its hints. */
const hintFactor = 0.25;
const sectionName: readonly number[] = [...new TextEncoder().encode('metadata.code.branch_hint')];

/** Writes a code section that is made of parts of another one and other instructions. */
export class CodeWriter {
  readonly #source: Uint8Array;
  readonly #code: ByteWriter;
  readonly #hints: ByteWriter;
  readonly #moves: CodeMoves | undefined;
  #bodyStart = 0;
  #func = 0;
  /** Where in the body there are branches that are hardly ever taken. */
  readonly #unlikely: number[] = [];
  #hintedFuncs = 0;

  /** @param moves to be told where each part goes */
  constructor(source: Uint8Array, bodyCount: number, moves?: CodeMoves | undefined) {
    this.#source = source;
    this.#moves = moves;
    this.#code = new ByteWriter(Math.ceil(source.length * roomFactor) + 1024);
    this.#hints = new ByteWriter(Math.ceil(source.length * hintFactor) + 1024);
    this.#code.leb(bodyCount);
  }

  /** The local declarations of function `func` follow, whose body begins at `start` of the source. */
  beginBody(func: number, start: number): void {
    this.#func = func;
    this.#code.bytes(paddedLeb(0));
    this.#bodyStart = this.#code.length;
    this.#moves?.beginBody(start, this.#bodyStart);
  }

  endBody(): void {
    this.#code.patch(this.#bodyStart - paddedLength, paddedLeb(this.#code.length - this.#bodyStart));
    if (this.#unlikely.length > 0) this.#endHints();
  }

  /** A range of the source. */
  copy(from: number, to: number): void {
    if (from === to) return;
    this.#moves?.copy(from, to, this.#code.length);
    this.#code.copy(this.#source, from, to);
  }

  bytes(bytes: readonly number[]): void {
    this.#code.bytes(bytes);
  }

  byte(byte: number): void {
    this.#code.byte(byte);
  }

  leb(value: number): void {
    this.#code.leb(value);
  }

  /** `i32.const` */
  constant(value: number): void {
    this.#code.byte(0x41);
    this.#code.signedLeb(value);
  }

  getLocal(index: number): void {
    this.#code.byte(0x20);
    this.#code.leb(index);
  }

  setLocal(index: number): void {
    this.#code.byte(0x21);
    this.#code.leb(index);
  }

  teeLocal(index: number): void {
    this.#code.byte(0x22);
    this.#code.leb(index);
  }

  /** `block`, of no type. */
  emptyBlock(): void {
    this.#code.byte(0x02);
    this.#code.byte(0x40);
  }

  /** `if`, of no type. */
  emptyIf(): void {
    this.#code.byte(0x04);
    this.#code.byte(0x40);
  }

  /** `if`, of no type, whose condition hardly ever holds. */
  unlikelyIf(): void {
    this.#unlikely.push(this.#code.length - this.#bodyStart);
    this.emptyIf();
  }

  /** `br` */
  branch(depth: number): void {
    this.#code.byte(0x0c);
    this.#code.leb(depth);
  }

  end(): void {
    this.#code.byte(0x0b);
  }

  /** The code section. */
  result(): Uint8Array {
    return this.#code.result();
  }

  /** The payload of the custom section that tells V8 to keep what is hardly ever done out of the way of the rest. */
  branchHints(): Uint8Array {
    const hints = this.#hints.result();
    const section = new ByteWriter(hints.length + 64);
    section.bytes([...leb(sectionName.length), ...sectionName, ...leb(this.#hintedFuncs)]);
    section.copy(hints);
    return section.result();
  }

  #endHints(): void {
    const hints = this.#hints;
    this.#hintedFuncs++;
    hints.leb(this.#func);
    hints.leb(this.#unlikely.length);
    for (const offset of this.#unlikely) {
      hints.leb(offset);
      // One byte follows: the branch is hardly ever taken.
      hints.byte(1);
      hints.byte(0);
    }
    this.#unlikely.length = 0;
  }
}

const paddedLength = 5;

/** An unsigned LEB128 number in as many bytes as the largest takes. */
function paddedLeb(value: number): number[] {
  return [0, 7, 14, 21, 28].map((shift) => ((value >>> shift) & 0x7f) | (shift < 28 ? 0x80 : 0));
}

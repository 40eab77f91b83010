import { ByteWriter } from './byte-writer';
import { CodeMoves } from './code-moves';
import { Words } from './words';

const paddedLength: i32 = 5;

/** Writes a code section that is made of parts of another one and other instructions. */
export class CodeWriter {
  /** The code section. */
  readonly code: ByteWriter;
  /** By function: its index, and where in it there are branches that are hardly ever taken, as V8 reads it. */
  readonly hints: ByteWriter;
  hintedFuncs: i32 = 0;
  readonly moves: CodeMoves = new CodeMoves();
  private recordsMoves: bool;
  private bodyStart: i32 = 0;
  private func: i32 = 0;
  private unlikely: Words = new Words(64);

  /**
   * @param source the address of the section that parts are of
   * @param codeBytes what the code takes, as a rule
   * @param hintBytes what the hints take
   */
  constructor(
    private source: usize,
    bodyCount: i32,
    codeBytes: i32,
    hintBytes: i32,
    recordsMoves: bool,
  ) {
    this.recordsMoves = recordsMoves;
    this.hints = new ByteWriter(hintBytes);
    this.code = new ByteWriter(codeBytes);
    this.code.leb(bodyCount);
  }

  /** The local declarations of function `func` follow, whose body begins at `start` of the source. */
  beginBody(func: i32, start: i32): void {
    this.func = func;
    this.code.paddedLeb(0);
    this.bodyStart = this.code.length;
    if (this.recordsMoves) this.moves.beginBody(start, this.bodyStart);
  }

  endBody(): void {
    const code = this.code;
    const end = code.length;
    code.length = this.bodyStart - paddedLength;
    code.paddedLeb(end - this.bodyStart);
    code.length = end;
    if (this.unlikely.length > 0) this.endHints();
  }

  /** A range of the source. */
  copy(from: i32, to: i32): void {
    if (from === to) return;
    if (this.recordsMoves) this.moves.copy(from, to, this.code.length);
    this.code.copy(this.source + from, to - from);
  }

  byte(byte: i32): void {
    this.code.byte(byte);
  }

  leb(value: u32): void {
    this.code.leb(value);
  }

  /** An instruction of one byte, with an index. */
  indexed(opcode: i32, index: i32): void {
    this.code.byte(opcode);
    this.code.leb(index);
  }

  /** `i32.const` */
  constant(value: i32): void {
    this.code.byte(0x41);
    this.code.signedLeb(value);
  }

  getLocal(index: i32): void {
    this.indexed(0x20, index);
  }

  setLocal(index: i32): void {
    this.indexed(0x21, index);
  }

  teeLocal(index: i32): void {
    this.indexed(0x22, index);
  }

  call(index: i32): void {
    this.indexed(0x10, index);
  }

  /** `block`, of no type. */
  emptyBlock(): void {
    this.code.byte(0x02);
    this.code.byte(0x40);
  }

  /** `if`, of no type. */
  emptyIf(): void {
    this.code.byte(0x04);
    this.code.byte(0x40);
  }

  /** `if`, of a type of the module. */
  typedIf(type: i32): void {
    this.code.byte(0x04);
    this.code.signedLeb(type);
  }

  /** `if`, of no type, whose condition hardly ever holds. */
  unlikelyIf(): void {
    this.unlikely.push(this.code.length - this.bodyStart);
    this.emptyIf();
  }

  /** Code in which a branch stands at `branch` that is hardly ever taken. */
  unlikelyCode(code: ByteWriter, branch: i32): void {
    this.unlikely.push(this.code.length - this.bodyStart + branch);
    this.code.copy(code.address, code.length);
  }

  /** `br` */
  branch(depth: i32): void {
    this.indexed(0x0c, depth);
  }

  end(): void {
    this.code.byte(0x0b);
  }

  private endHints(): void {
    const hints = this.hints;
    const count = this.unlikely.length;
    this.hintedFuncs++;
    hints.leb(this.func);
    hints.leb(count);
    for (let index = 0; index < count; index++) {
      hints.leb(this.unlikely.get(index));
      // One byte follows: the branch is hardly ever taken.
      hints.byte(1);
      hints.byte(0);
    }
    this.unlikely.length = 0;
  }
}

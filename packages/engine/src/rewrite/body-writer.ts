import type { AccountingCode } from './accounting-code.js';
import type { CallGraph } from './call-graph.js';
import type { CodeWriter } from './code-writer.js';
import type { Outline } from './outline.js';
import * as point from './point-kinds.js';
import { Ways } from './ways.js';

/** What a growth of memory is charged for. */
const growWeight = 4096;
/** As many checks in one loop take no more room than they are worth. */
const mostCheckedEdges = 3;
/** Bytes of a loop's body beyond which looking after it costs little beside it. */
const smallLoopBytes = 100;
/** Bytes of code that the copies of a loop come to, and how many there are, at the most. More of them are slower: they crowd out what V8 would inline. */
const copiedBytes = 200;
const mostCopies = 4;

/** A copy of a loop's body that is being written. */
interface Copy {
  /** The loop, as a point. */
  readonly loop: number;
  /** How many blocks lie around it that do not in the source. */
  readonly depth: number;
  /** Whether the next iteration has a copy of its own, which looks after both. */
  readonly isFollowed: boolean;
}

/** Writes function bodies again, with code that keeps account of what they do. */
export class BodyWriter {
  readonly #outline: Outline;
  readonly #calls: CallGraph;
  readonly #writer: CodeWriter;
  readonly #code: AccountingCode;
  readonly #ways: Ways;
  /** The first of two locals that are free in the body that is being written. */
  #counter = 0;
  /** What those loops do that are repeated: `count` when all count in a local, else some `spend`. */
  #loops: 'none' | 'count' | 'spend' = 'none';

  constructor(outline: Outline, calls: CallGraph, writer: CodeWriter, code: AccountingCode) {
    this.#outline = outline;
    this.#calls = calls;
    this.#writer = writer;
    this.#code = code;
    this.#ways = new Ways(outline);
  }

  /**
   * Writes a body.
   *
   * @param func the index of the function, those that are imported counted first
   * @param params how many parameters it has
   */
  write(body: number, func: number, params: number): void {
    const [outline, writer, calls] = [this.#outline, this.#writer, this.#calls];
    if (outline.hasLoops(body)) this.#ways.follow(body);
    const [first, end] = [outline.firstPoint(body), outline.firstPoint(body + 1)];
    const needsLocals = this.#lookAhead(first, end);
    this.#counter = params + outline.localCount(body);
    writer.beginBody(func, outline.start(body));
    writer.leb(outline.localGroups(body) + (needsLocals ? 1 : 0));
    writer.copy(groupsOf(outline, body), outline.codeStart(body));
    if (needsLocals) writer.bytes([0x02, 0x7f]);
    const charge = calls.entryCharge(body);
    if (charge > 0) this.#code.charge(charge);
    this.#range(first, end, outline.codeStart(body), outline.end(body));
    writer.endBody();
  }

  /** Finds out what the loops of a body do; answers whether anything needs locals. */
  #lookAhead(first: number, end: number): boolean {
    const outline = this.#outline;
    let [counting, spending, bulk] = [0, 0, 0];
    for (let at = first; at < end; at++) {
      const kind = outline.kind(at);
      if (kind === point.bulk) bulk++;
      else if (kind === point.loop && this.#ways.weightOf(at) >= 0) {
        if (this.#isCheckedAtEdges(at)) counting++;
        else spending++;
      }
    }
    this.#loops = spending > 0 ? 'spend' : counting > 0 ? 'count' : 'none';
    return counting + bulk > 0;
  }

  /**
   * Whether each branch back to a loop counts in a local and looks at it: then a loop that is not repeated costs nothing. Where there are many, as in
   * interpreters, they charge, and the loop's beginning looks at the fuel: a local would take a register from all that code.
   */
  #isCheckedAtEdges(loop: number): boolean {
    return this.#ways.weightOf(loop) === 0 && this.#ways.edgesOf(loop) <= mostCheckedEdges;
  }

  /** Writes the points from `first` to before `end`, and the code from `from` to `to` that they stand in. */
  #range(first: number, end: number, from: number, to: number, copy?: Copy): void {
    const [outline, writer] = [this.#outline, this.#writer];
    let position = from;
    // How many blocks are open inside of the copy.
    let inside = 0;
    for (let at = first; at < end; at++) {
      switch (outline.kind(at)) {
        case point.block:
        case point.conditional:
          inside++;
          break;
        case point.blockEnd:
          inside--;
          break;
        case point.loop: {
          if (this.#ways.weightOf(at) < 0) break;
          const last = this.#smallLoopEnd(at, end);
          if (last === undefined) {
            writer.copy(position, outline.next(at));
            this.#loopHead(at);
            position = outline.next(at);
          } else {
            writer.copy(position, outline.at(at));
            this.#copies(at, last);
            position = outline.at(last);
            at = last;
          }
          break;
        }
        case point.branch:
        case point.branchIf:
        case point.branchOn:
        case point.branchTable:
        case point.tableLabel:
          position = this.#branch(at, position, inside, copy);
          break;
        case point.call:
        case point.tailCall:
          position = this.#call(at, position);
          break;
        case point.bulk:
          writer.copy(position, outline.at(at));
          this.#code.bulk(outline.at(at), outline.argument(at), this.#counter + 1);
          position = outline.at(at);
          break;
        case point.memoryGrow:
          writer.copy(position, outline.at(at));
          this.#code.charge(growWeight);
          position = outline.at(at);
          break;
        default:
      }
    }
    writer.copy(position, to);
  }

  #loopHead(loop: number): void {
    if (this.#isCheckedAtEdges(loop)) return;
    const weight = this.#ways.weightOf(loop);
    if (weight > 0) this.#code.spend(weight);
    this.#code.poll();
  }

  /** Answers up to where the source has been written. */
  #call(at: number, position: number): number {
    const charge = this.#calls.charge(at);
    const debt = charge > 0 || this.#loops === 'none' ? 0 : this.#calls.debt(at);
    if (charge + debt === 0) return position;
    this.#writer.copy(position, this.#outline.at(at));
    if (charge > 0) this.#code.charge(charge);
    else if (this.#loops === 'count') this.#code.add(this.#counter, debt);
    else this.#code.spend(debt);
    return this.#outline.at(at);
  }

  /** A branch that takes a condition keeps its account only when it is taken, so that V8 can do the comparison and the branch in one. */
  #branch(at: number, position: number, inside: number, copy: Copy | undefined): number {
    const [outline, writer] = [this.#outline, this.#writer];
    const kind = outline.kind(at);
    const loop = this.#loops === 'none' || kind === point.tableLabel ? -1 : this.#ways.loopOf(at);
    const label = outline.argument(at);
    const further = copy !== undefined && kind !== point.branchTable && label > inside ? copy.depth : 0;
    let written = position;
    if (loop >= 0) {
      writer.copy(position, outline.at(at));
      written = outline.at(at);
      if (kind === point.branchIf && outline.argument(loop) === 1) {
        writer.emptyIf();
        this.#iteration(at, loop, copy);
        writer.branch(label + further + 1);
        writer.end();
        return outline.next(at);
      }
      this.#iteration(at, loop, copy);
    }
    if (further === 0) return written;
    const labelStart = kind === point.tableLabel ? outline.at(at) : outline.at(at) + 1;
    writer.copy(written, labelStart);
    writer.leb(label + further);
    return outline.next(at);
  }

  #iteration(at: number, loop: number, copy: Copy | undefined): void {
    const weight = this.#ways.weightOf(at);
    if (!this.#isCheckedAtEdges(loop)) this.#code.spend(weight);
    else if (loop === copy?.loop && copy.isFollowed) this.#code.add(this.#counter, weight);
    else this.#code.check(this.#counter, weight);
  }

  /** Where a loop ends, as a point, that is short and without others inside and without calls: looking after each iteration would cost as much as the iteration. */
  #smallLoopEnd(loop: number, end: number): number | undefined {
    const outline = this.#outline;
    if (outline.argument(loop) !== 1 || this.#ways.isEvened) return undefined;
    let inside = 0;
    for (let at = loop + 1; at < end && outline.at(at) - outline.next(loop) <= smallLoopBytes; at++) {
      switch (outline.kind(at)) {
        case point.block:
        case point.conditional:
          inside++;
          break;
        case point.blockEnd:
          if (inside-- === 0) return at;
          break;
        case point.otherwise:
        case point.branch:
        case point.branchIf:
        case point.branchOn:
        case point.branchTable:
        case point.tableLabel:
        case point.leave:
        case point.memorySize:
          break;
        default:
          return undefined;
      }
    }
    return undefined;
  }

  /**
   * Small loops are written several times over, so that one look at the counter does for several iterations: `(loop BODY)` becomes
   * `(block (loop (block BODY (br 2)) … (block BODY (br 2)) BODY))`, but for the last `end`: what goes on in a copy goes to the end of the block around
   * it, and so to the next one; what leaves the loop leaves the outer block.
   */
  #copies(loop: number, last: number): void {
    const [outline, writer] = [this.#outline, this.#writer];
    const [at, start, end] = [outline.at(loop), outline.next(loop), outline.at(last)];
    const count = Math.min(mostCopies, Math.floor(copiedBytes / (end - start)));
    writer.byte(0x02);
    writer.copy(at + 1, start);
    writer.copy(at, start);
    this.#loopHead(loop);
    for (let copy = 1; copy < count; copy++) {
      writer.emptyBlock();
      this.#range(loop + 1, last, start, end, { loop, depth: 2, isFollowed: true });
      writer.branch(2);
      writer.end();
    }
    this.#range(loop + 1, last, start, end, { loop, depth: 1, isFollowed: false });
    writer.end();
  }
}

/** Where the groups of a body's local declarations begin: their count need not have the shortest form. */
function groupsOf(outline: Outline, body: number): number {
  let position = outline.start(body);
  while (((outline.source[position++] ?? 0) & 0x80) !== 0);
  return position;
}

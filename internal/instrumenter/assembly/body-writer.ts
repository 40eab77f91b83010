import { AccountingCode } from './accounting-code';
import { CallGraph, mostUnseen } from './call-graph';
import { CodeWriter } from './code-writer';
import { fail, grownFunction } from './fault';
import { Outline } from './outline';
import * as point from './point-kinds';
import { Facts, noLoop, Ways } from './ways';
import { Words } from './words';

/** What a growth of memory is charged for. */
const growWeight: i32 = 4096;
/** As many checks in one loop take no more room than they are worth. */
const mostCheckedEdges: i32 = 3;
/** Bytes of a loop's body beyond which looking after it costs little beside it. */
const smallLoopBytes: i32 = 100;
/** Bytes of code that the copies of a loop come to, and how many there are, at the most. More of them are slower: they crowd out what V8 would inline. */
const copiedBytes: i32 = 200;
const mostCopies: i32 = 4;

/** What the repeated loops of a body do: there are none, all count in a local, or some take from the fuel. */
const noLoops: i32 = 0;
const counting: i32 = 1;
const spending: i32 = 2;

/** What V8 takes: bytes of a function, and locals, parameters included. */
const mostWritten: i32 = 7654321;
const mostLocals: i32 = 50000;
const addedLocals: i32 = 2;

/** A copy of a loop's body that is being written. */
class Copy {
  /** The loop, as a point. */
  loop: i32 = noLoop;

  constructor(
    /** How many blocks lie around it that do not in the source. */
    readonly depth: i32,
    /** Whether the next iteration has a copy of its own, which looks after both. */
    readonly isFollowed: bool,
  ) {}
}

/** Writes function bodies again, with code that keeps account of what they do. */
export class BodyWriter {
  private ways: Ways;
  /** For functions so large that their calls, each too small to charge, come to much. */
  private lookingWays: Ways;
  /** Calls before which there is to be a look at the fuel, and the next one of them. */
  private looks: Words;
  private nextLook: i32 = 0;
  /** The first of two locals that are free in the body that is being written. */
  private counter: i32 = 0;
  private loops: i32 = noLoops;
  private followedCopy: Copy = new Copy(2, true);
  private lastCopy: Copy = new Copy(1, false);

  constructor(
    private outline: Outline,
    private calls: CallGraph,
    private writer: CodeWriter,
    private code: AccountingCode,
    facts: Facts,
  ) {
    const lookingWays = new Ways(outline, facts, calls);
    lookingWays.looksAfter = mostUnseen;
    this.ways = new Ways(outline, facts, null);
    this.lookingWays = lookingWays;
    this.looks = lookingWays.looks;
  }

  /**
   * Writes a body.
   *
   * @param func the index of the function, those that are imported counted first
   * @param params how many parameters it has
   */
  write(body: i32, func: i32, params: i32): void {
    const outline = this.outline;
    const writer = this.writer;
    const first = outline.firstPoint(body);
    const end = outline.firstPoint(body + 1);
    const hasLoops = outline.hasLoops(body);
    this.looks.length = 0;
    this.nextLook = 0;
    if (this.calls.isHuge(body)) this.lookingWays.follow(body);
    if (hasLoops) this.ways.follow(body);
    const needsLocals = this.lookAhead(first, end, hasLoops);
    this.counter = params + outline.localCount(body);
    const written = writer.code.length;
    writer.beginBody(func, outline.start(body));
    writer.leb(outline.localGroups(body) + (needsLocals ? 1 : 0));
    writer.copy(this.groupsOf(body), outline.codeStart(body));
    if (needsLocals) {
      writer.leb(addedLocals);
      writer.byte(0x7f);
    }
    const charge = this.calls.entryCharge(body);
    if (charge > 0) this.code.charge(charge);
    this.range(first, end, outline.codeStart(body), outline.end(body), null);
    writer.endBody();
    const isTooLong = writer.code.length - written > mostWritten;
    const hasTooMany = needsLocals && this.counter > mostLocals - addedLocals;
    if (isTooLong || hasTooMany) fail(grownFunction, outline.start(body));
  }

  /** Where the groups of a body's local declarations begin: their count need not have the shortest form. */
  private groupsOf(body: i32): i32 {
    let position = this.outline.start(body);
    while (load<u8>(this.outline.source + position++) >= 0x80);
    return position;
  }

  /** Finds out what the loops of a body do; answers whether anything needs locals. */
  private lookAhead(first: i32, end: i32, hasLoops: bool): bool {
    const outline = this.outline;
    let hasCounting = false;
    let hasSpending = false;
    let hasBulk = false;
    for (let at = first; at < end; at++) {
      const kind = outline.kind(at);
      if (kind === point.bulk) hasBulk = true;
      else if (hasLoops && kind === point.loop && this.ways.weightOf(at) >= 0) {
        if (this.isCheckedAtEdges(at)) hasCounting = true;
        else hasSpending = true;
      }
    }
    this.loops = hasSpending ? spending : hasCounting ? counting : noLoops;
    return hasCounting || hasBulk;
  }

  /**
   * Whether each branch back to a loop counts in a local and looks at it: then a loop that is not repeated costs nothing. Where there are many, as in
   * interpreters, they charge, and the loop's beginning looks at the fuel: a local would take a register from all that code.
   */
  private isCheckedAtEdges(loop: i32): bool {
    return this.ways.weightOf(loop) === 0 && this.ways.edgesOf(loop) <= mostCheckedEdges;
  }

  /** Writes the points from `first` to before `end`, and the code from `from` to `to` that they stand in. */
  private range(first: i32, end: i32, from: i32, to: i32, copy: Copy | null): void {
    const outline = this.outline;
    const writer = this.writer;
    let position = from;
    // How many blocks are open inside of the copy, if it is one: that has no loops inside.
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
          if (this.ways.weightOf(at) < 0) break;
          const last = this.smallLoopEnd(at, end);
          if (last < 0) {
            writer.copy(position, outline.next(at));
            this.loopHead(at);
            position = outline.next(at);
          } else {
            writer.copy(position, outline.at(at));
            this.copies(at, last);
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
          position = this.branch(at, position, inside, copy);
          break;
        case point.call:
        case point.tailCall:
          position = this.call(at, position);
          break;
        case point.bulk:
          writer.copy(position, outline.at(at));
          this.code.bulk(outline.at(at), outline.argument(at), this.counter + 1);
          position = outline.at(at);
          break;
        case point.memoryGrow:
          writer.copy(position, outline.at(at));
          this.code.charge(growWeight);
          writer.copy(outline.at(at), outline.next(at));
          this.code.hurry();
          position = outline.next(at);
          break;
        default:
      }
    }
    writer.copy(position, to);
  }

  private loopHead(loop: i32): void {
    if (this.isCheckedAtEdges(loop)) return;
    const weight = this.ways.weightOf(loop);
    if (weight > 0) this.code.spend(weight);
    this.code.poll();
  }

  /** Answers up to where the source has been written. */
  private call(at: i32, position: i32): i32 {
    const charge = this.calls.charge(at);
    const debt = charge > 0 ? 0 : this.calls.debt(at);
    const looks = this.looksBefore(at);
    if (charge === 0 && !looks && (this.loops === noLoops || debt === 0)) return position;
    this.writer.copy(position, this.outline.at(at));
    if (charge > 0) this.code.charge(charge + (looks ? mostUnseen : 0));
    else if (this.loops === counting && looks) this.code.check(this.counter, mostUnseen);
    else if (this.loops === counting) this.code.add(this.counter, debt);
    else if (looks) this.code.charge(mostUnseen);
    else this.code.spend(debt);
    return this.outline.at(at);
  }

  private looksBefore(call: i32): bool {
    if (this.nextLook === this.looks.length || this.looks.get(this.nextLook) !== call) return false;
    this.nextLook++;
    return true;
  }

  /** A branch that takes a condition keeps its account only when it is taken, so that V8 can do the comparison and the branch in one. */
  private branch(at: i32, position: i32, inside: i32, copy: Copy | null): i32 {
    if (this.loops === noLoops) return position;
    const outline = this.outline;
    const writer = this.writer;
    const kind = outline.kind(at);
    const loop = kind === point.tableLabel ? noLoop : this.ways.loopOf(at);
    const label = outline.argument(at);
    const further = copy !== null && kind !== point.branchTable && label > inside ? copy.depth : 0;
    let written = position;
    if (loop !== noLoop) {
      writer.copy(position, outline.at(at));
      written = outline.at(at);
      if (kind === point.branchIf && outline.argument(loop) === 1) {
        writer.emptyIf();
        this.iteration(at, loop, copy);
        writer.branch(label + further + 1);
        writer.end();
        return outline.next(at);
      }
      this.iteration(at, loop, copy);
    }
    if (further === 0) return written;
    writer.copy(written, kind === point.tableLabel ? outline.at(at) : outline.at(at) + 1);
    writer.leb(label + further);
    return outline.next(at);
  }

  private iteration(at: i32, loop: i32, copy: Copy | null): void {
    const weight = this.ways.weightOf(at);
    if (!this.isCheckedAtEdges(loop)) this.code.spend(weight);
    else if (copy !== null && copy.loop === loop && copy.isFollowed) this.code.add(this.counter, weight);
    else this.code.check(this.counter, weight);
  }

  /**
   * Where a loop ends, as a point, that is short and without others inside and without calls: looking after each iteration would cost as much as the
   * iteration. Negative for another one.
   */
  private smallLoopEnd(loop: i32, end: i32): i32 {
    const outline = this.outline;
    if (outline.argument(loop) !== 1 || this.ways.isEvened) return -1;
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
        case point.slow:
          break;
        default:
          return -1;
      }
    }
    return -1;
  }

  /**
   * Small loops are written several times over, so that one look at the counter does for several iterations: `(loop BODY)` becomes
   * `(block (loop (block BODY (br 2)) … (block BODY (br 2)) BODY))`, but for the last `end`: what goes on in a copy goes to the end of the block around
   * it, and so to the next one; what leaves the loop leaves the outer block.
   */
  private copies(loop: i32, last: i32): void {
    const outline = this.outline;
    const writer = this.writer;
    const at = outline.at(loop);
    const start = outline.next(loop);
    const end = outline.at(last);
    const count = min(mostCopies, copiedBytes / max(end - start, 1));
    writer.byte(0x02);
    writer.copy(at + 1, start);
    writer.copy(at, start);
    this.loopHead(loop);
    this.followedCopy.loop = loop;
    this.lastCopy.loop = loop;
    for (let copy = 1; copy < count; copy++) {
      writer.emptyBlock();
      this.range(loop + 1, last, start, end, this.followedCopy);
      writer.branch(2);
      writer.end();
    }
    this.range(loop + 1, last, start, end, this.lastCopy);
    writer.end();
  }
}

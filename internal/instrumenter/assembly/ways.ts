import { allocate, reallocate } from './allocate';
import { Outline } from './outline';
import * as point from './point-kinds';
import { Words } from './words';

/** What a call weighs, what is called aside. */
export const callWeight: i32 = 64;
/** What an exception weighs. */
const throwWeight: i64 = 16384;
/** What the iterations of a function may weigh together, so that no sum of them overflows. */
const mostWeight: i64 = 1 << 28;
/** The weight of a way that does not exist. */
const nowhere: i64 = -1;
/** The loop that a branch does not lead back to, as a point. */
export const noLoop: i32 = -1;
const factBytes: usize = 24;
/** In place of a number of branches. */
const uncounted: i32 = 1 << 24;

/** What calls weigh beyond {@link callWeight}. */
export abstract class CallWeights {
  abstract debt(call: i32): i32;
}

/** A block that is open: a row of them lies in memory. */
@unmanaged
class Block {
  kind: i32;
  point: i32;
  /** The weight of the longest way to its beginning; {@link nowhere} when there is none. */
  start: i64;
  /** What stands before its beginning weighs. */
  linearStart: i64;
  /** The weight of the longest way to its end by a branch or another arm. */
  reached: i64;
  hasElse: bool;
}

/** What is found out about the points of one body, by their place in it. Whoever follows another body writes over it. */
export class Facts {
  private memory: usize;

  /** @param points that the largest body has */
  constructor(points: i32) {
    this.memory = allocate(<usize>points * factBytes);
  }

  weight(index: i32): i64 {
    return load<i64>(this.at(index));
  }

  setWeight(index: i32, weight: i64): void {
    store<i64>(this.at(index), weight);
  }

  start(index: i32): i64 {
    return load<i64>(this.at(index), 8);
  }

  setStart(index: i32, start: i64): void {
    store<i64>(this.at(index), start, 8);
  }

  loop(index: i32): i32 {
    return load<i32>(this.at(index), 16);
  }

  setLoop(index: i32, loop: i32): void {
    store<i32>(this.at(index), loop, 16);
  }

  edges(index: i32): i32 {
    return load<i32>(this.at(index), 20);
  }

  setEdges(index: i32, edges: i32): void {
    store<i32>(this.at(index), edges, 20);
  }

  private at(index: i32): usize {
    return this.memory + <usize>index * factBytes;
  }
}

/** Follows the ways through function bodies: what the longest one weighs, and what goes round in loops. Tells of one body at a time. */
export class Ways {
  /** Whether any loop is repeated. */
  hasLoops: bool = false;
  /** Calls that come on some way after more than {@link looksAfter} since its beginning or the last of them, in order. */
  readonly looks: Words = new Words(16);
  looksAfter: i64 = i64.MAX_VALUE;
  /** Blocks: where the outermost one lies, for how many there is room, and how many are open. */
  private blocks: usize;
  private room: i32 = 64;
  private open: i32 = 0;
  private first: i32 = 0;
  /** Up to where the code has been weighed. */
  private weighed: i32 = 0;
  private way: i64 = 0;
  private linear: i64 = 0;
  private longest: i64 = 0;
  /** What all iterations weigh together. */
  private counted: i64 = 0;

  /** @param calls null: calls weigh no more than {@link callWeight} */
  constructor(
    private outline: Outline,
    private facts: Facts,
    private calls: CallWeights | null,
  ) {
    this.blocks = allocate(<usize>this.room * offsetof<Block>());
  }

  /** Follows those of one body; answers what the longest weighs when no loop is repeated. */
  follow(body: i32): i64 {
    this.looks.length = 0;
    const first = this.outline.firstPoint(body);
    const end = this.outline.firstPoint(body + 1);
    this.first = first;
    this.weighed = this.outline.codeStart(body);
    this.open = 0;
    this.way = 0;
    this.linear = 0;
    this.longest = 0;
    this.counted = 0;
    this.hasLoops = false;
    for (let at = first; at < end; at++) this.point(at);
    return max(this.longest, this.way);
  }

  /** What all code of the body weighs, its calls included. */
  get total(): i64 {
    return this.linear;
  }

  /** Whether the iterations of a body weigh too much to be told apart. Then each of them weighs as much as all code. */
  get isEvened(): bool {
    return this.counted > mostWeight;
  }

  /** Where the loop begins, as a point, that an instruction leads back to; {@link noLoop}: none. For a table, the outermost one. */
  loopOf(branch: i32): i32 {
    return this.isEvened ? noLoop : this.facts.loop(branch - this.first);
  }

  /** What the iteration weighs at the most that a branch back ends; of a loop: what one does that no branch tells of, negative when it is never repeated. */
  weightOf(branchOrLoop: i32): i32 {
    const weight = this.facts.weight(branchOrLoop - this.first);
    return <i32>(this.isEvened && weight !== nowhere ? min(mostWeight, this.linear) : weight);
  }

  /** How many branches lead back to a loop; very many when something else does too. */
  edgesOf(loop: i32): i32 {
    return this.isEvened ? uncounted : this.facts.edges(loop - this.first);
  }

  private point(at: i32): void {
    const outline = this.outline;
    const kind = outline.kind(at);
    const next = outline.next(at);
    // The labels of a table weigh nothing: where it leads to is read from it, however long it is.
    if (kind !== point.tableLabel) this.weigh(next - this.weighed);
    this.weighed = next;
    switch (kind) {
      case point.block:
      case point.loop:
      case point.conditional:
      case point.oldTry:
      case point.tryTable:
        this.enter(kind, at);
        break;
      case point.otherwise:
        if (this.open > 0) this.switchArm(this.innermost.start);
        break;
      case point.oldCatch:
        if (this.open > 0) this.switchArm(this.worstOf(this.innermost));
        break;
      case point.blockEnd:
        if (this.open > 0) this.leave();
        break;
      case point.branch:
        this.repeat(at, this.branch(outline.argument(at), 1));
        this.way = nowhere;
        break;
      case point.branchIf:
      case point.branchOn:
        this.repeat(at, this.branch(outline.argument(at), 1));
        break;
      case point.branchTable:
        this.branchTable(at);
        this.way = nowhere;
        break;
      case point.leave:
        this.end();
        break;
      case point.raise:
        this.weigh(throwWeight);
        this.end();
        break;
      case point.slow:
        this.weigh(<i64>outline.argument(at) * point.slowUnit);
        break;
      case point.call:
        this.call(at);
        break;
      case point.tailCall:
        this.call(at);
        this.end();
        break;
      default:
    }
  }

  private weigh(weight: i64): void {
    this.linear += weight;
    if (this.way !== nowhere) this.way += weight;
  }

  private get innermost(): Block {
    return this.target(0);
  }

  /** Whether a label is that of a block, and not of the function. */
  private isBlock(label: i32): bool {
    return <u32>label < <u32>this.open;
  }

  private target(label: i32): Block {
    return changetype<Block>(this.blocks + <usize>(this.open - 1 - label) * offsetof<Block>());
  }

  private enter(kind: i32, at: i32): void {
    if (this.open === this.room) {
      this.room *= 2;
      this.blocks = reallocate(this.blocks, <usize>this.room * offsetof<Block>());
    }
    this.open++;
    const block = this.innermost;
    block.kind = kind;
    block.point = at;
    block.start = this.way;
    block.linearStart = this.linear;
    block.reached = nowhere;
    block.hasElse = false;
    if (kind !== point.loop) return;
    this.facts.setWeight(at - this.first, nowhere);
    this.facts.setEdges(at - this.first, 0);
    this.facts.setStart(at - this.first, this.way);
  }

  private leave(): void {
    const left = this.innermost;
    this.open--;
    if (left.kind === point.loop) return;
    if (left.kind === point.tryTable) this.reachHandlers(left);
    const skipped = left.kind === point.conditional && !left.hasElse ? left.start : nowhere;
    this.way = max(this.way, max(left.reached, skipped));
  }

  private reachHandlers(left: Block): void {
    const worst = this.worstOf(left);
    const outline = this.outline;
    for (let at = left.point - outline.argument(left.point); at < left.point; at++) {
      this.reach(outline.argument(at), worst);
    }
  }

  /** The way to where an exception from anywhere inside of a block goes. */
  private worstOf(block: Block): i64 {
    return block.start === nowhere ? nowhere : block.start + this.linear - block.linearStart;
  }

  /** Another arm of a block begins, at the end of a way of this weight. */
  private switchArm(way: i64): void {
    const current = this.innermost;
    current.reached = max(current.reached, this.way);
    current.hasElse = true;
    this.way = way;
  }

  /** A branch that counts as `edges` when it leads back to a loop: answers which. */
  private branch(label: i32, edges: i32): i32 {
    if (!this.isBlock(label) || this.target(label).kind !== point.loop) {
      this.reach(label, this.way);
      return noLoop;
    }
    const loop = this.target(label).point;
    const index = loop - this.first;
    if (this.way !== nowhere) {
      this.hasLoops = true;
      this.facts.setWeight(index, max<i64>(this.facts.weight(index), 0));
      this.facts.setEdges(index, min(this.facts.edges(index) + edges, uncounted));
    }
    return loop;
  }

  private reach(label: i32, way: i64): void {
    if (!this.isBlock(label)) {
      this.longest = max(this.longest, way);
      return;
    }
    const target = this.target(label);
    if (target.kind !== point.loop) target.reached = max(target.reached, way);
    else this.repeatByException(target, way);
  }

  private repeatByException(target: Block, way: i64): void {
    if (way === nowhere) return;
    const index = target.point - this.first;
    this.hasLoops = true;
    this.facts.setWeight(index, max(this.facts.weight(index), min(way - target.start, mostWeight)));
    this.facts.setEdges(index, uncounted);
  }

  private repeat(at: i32, loop: i32): void {
    const isBack = loop !== noLoop && this.way !== nowhere;
    this.facts.setLoop(at - this.first, isBack ? loop : noLoop);
    if (!isBack) return;
    const weight = this.way - this.facts.start(loop - this.first);
    this.counted += weight;
    this.facts.setWeight(at - this.first, weight);
  }

  /** Its labels are points of their own, that follow: they weigh nothing. */
  private branchTable(at: i32): void {
    const count = this.outline.argument(at);
    let outermost = noLoop;
    for (let label = at + 1; label <= at + count; label++) {
      const loop = this.branch(this.outline.argument(label), uncounted);
      if (loop !== noLoop && (outermost === noLoop || loop < outermost)) outermost = loop;
    }
    this.repeat(at, outermost);
  }

  private call(at: i32): void {
    const calls = this.calls;
    const weight = callWeight + (calls === null ? 0 : calls.debt(at));
    this.linear += weight;
    if (this.way === nowhere) return;
    if (this.way > this.looksAfter) {
      this.looks.push(at);
      this.way = 0;
    }
    this.way += weight;
  }

  /** No way goes on from here, but out of the function. */
  private end(): void {
    this.longest = max(this.longest, this.way);
    this.way = nowhere;
  }
}

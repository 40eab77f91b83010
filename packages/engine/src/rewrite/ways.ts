import type { Outline } from './outline.js';
import * as point from './point-kinds.js';

/** What a call weighs, what is called aside. */
export const callWeight = 64;
/** What the iterations of a function may weigh together, so that no sum of them overflows. */
const mostWeight = 2 ** 28;
/** The weight of a way that does not exist, and the loop that a branch does not lead back to. */
const nowhere = -1;

/** What calls weigh beyond {@link callWeight}. */
export interface CallWeights {
  debt(call: number): number;
}

/** A block. */
interface Block {
  kind: number;
  point: number;
  /** The weight of the longest way to its beginning; {@link nowhere} when there is none. */
  start: number;
  /** What stands before its beginning weighs. */
  linearStart: number;
  /** The weight of the longest way to its end by a branch or another arm. */
  reached: number;
  hasElse: boolean;
}

/** Follows the ways through function bodies: what the longest one weighs, and what goes round in loops. Tells of one body at a time. */
export class Ways {
  readonly #outline: Outline;
  readonly #calls: CallWeights | undefined;
  /** Those that are open come first; the others have been. */
  readonly #blocks: Block[] = [];
  #open = 0;
  /** By point of the body, those that it is asked for. */
  #weights = new Float64Array(1024);
  #loops = new Int32Array(1024);
  #edges = new Float64Array(1024);
  #starts = new Float64Array(1024);
  #first = 0;
  #way = 0;
  #linear = 0;
  #longest = 0;
  /** What all iterations weigh together. */
  #counted = 0;
  #hasLoops = false;

  /** @param calls unset: calls weigh no more than {@link callWeight} */
  constructor(outline: Outline, calls?: CallWeights) {
    this.#outline = outline;
    this.#calls = calls;
  }

  /** Follows those of one body; answers what the longest weighs when no loop is repeated. */
  follow(body: number): number {
    const outline = this.#outline;
    const first = outline.firstPoint(body);
    const end = outline.firstPoint(body + 1);
    this.#first = first;
    this.#open = 0;
    this.#way = 0;
    this.#linear = 0;
    this.#longest = 0;
    this.#counted = 0;
    this.#hasLoops = false;
    if (end - first > this.#loops.length) this.#makeRoom((end - first) * 2);
    for (let at = first; at < end; at++) this.#point(at);
    return Math.max(this.#longest, this.#way);
  }

  /** Whether the iterations of a body weigh too much to be told apart. Then each of them weighs as much as all code. */
  get isEvened(): boolean {
    return this.#counted > mostWeight;
  }

  /** Whether any loop is repeated. */
  get hasLoops(): boolean {
    return this.#hasLoops;
  }

  /** Where the loop begins, as a point, that an instruction leads back to; negative: none. For a table, the outermost one. */
  loopOf(branch: number): number {
    return this.isEvened ? nowhere : (this.#loops[branch - this.#first] ?? nowhere);
  }

  /** What the iteration weighs at the most that a branch back ends; of a loop: what one does that no branch tells of, negative when it is never repeated. */
  weightOf(branchOrLoop: number): number {
    const weight = this.#weights[branchOrLoop - this.#first] ?? nowhere;
    return this.isEvened && weight !== nowhere ? Math.min(mostWeight, this.#linear) : weight;
  }

  /** How many branches lead back to a loop; not finite when something else does too. */
  edgesOf(loop: number): number {
    return this.isEvened ? Number.POSITIVE_INFINITY : (this.#edges[loop - this.#first] ?? 0);
  }

  #makeRoom(points: number): void {
    this.#weights = new Float64Array(points);
    this.#loops = new Int32Array(points);
    this.#edges = new Float64Array(points);
    this.#starts = new Float64Array(points);
  }

  #point(at: number): void {
    const outline = this.#outline;
    const weight = outline.weight(at);
    this.#linear += weight;
    if (this.#way !== nowhere) this.#way += weight;
    const kind = outline.kind(at);
    switch (kind) {
      case point.block:
      case point.loop:
      case point.conditional:
      case point.oldTry:
      case point.tryTable:
        this.#enter(kind, at);
        break;
      case point.otherwise:
        this.#switchArm(this.#innermost()?.start ?? nowhere);
        break;
      case point.oldCatch:
        this.#switchArm(this.#worstOf(this.#innermost()));
        break;
      case point.blockEnd:
        this.#leave();
        break;
      case point.branch:
        this.#repeat(at, this.#branch(outline.argument(at), 1));
        this.#way = nowhere;
        break;
      case point.branchIf:
      case point.branchOn:
        this.#repeat(at, this.#branch(outline.argument(at), 1));
        break;
      case point.branchTable:
        this.#branchTable(at);
        this.#way = nowhere;
        break;
      case point.leave:
      case point.raise:
        this.#end();
        break;
      case point.call:
        this.#call(at);
        break;
      case point.tailCall:
        this.#call(at);
        this.#end();
        break;
      default:
    }
  }

  #innermost(): Block | undefined {
    return this.#open === 0 ? undefined : this.#blocks[this.#open - 1];
  }

  #target(label: number): Block | undefined {
    return label < 0 || label >= this.#open ? undefined : this.#blocks[this.#open - 1 - label];
  }

  #enter(kind: number, at: number): void {
    const known = this.#blocks[this.#open];
    const block = known ?? { kind, point: at, start: 0, linearStart: 0, reached: nowhere, hasElse: false };
    if (known === undefined) this.#blocks.push(block);
    this.#open++;
    block.kind = kind;
    block.point = at;
    block.start = this.#way;
    block.linearStart = this.#linear;
    block.reached = nowhere;
    block.hasElse = false;
    if (kind !== point.loop) return;
    this.#weights[at - this.#first] = nowhere;
    this.#edges[at - this.#first] = 0;
    this.#starts[at - this.#first] = this.#way;
  }

  #leave(): void {
    const left = this.#innermost();
    if (left === undefined) return;
    this.#open--;
    if (left.kind === point.loop) return;
    if (left.kind === point.tryTable) this.#reachHandlers(left);
    const skipped = left.kind === point.conditional && !left.hasElse ? left.start : nowhere;
    this.#way = Math.max(this.#way, left.reached, skipped);
  }

  #reachHandlers(left: Block): void {
    const worst = this.#worstOf(left);
    const count = this.#outline.argument(left.point);
    for (let at = left.point - count; at < left.point; at++) this.#reach(this.#outline.argument(at), worst);
  }

  /** The way to where an exception from anywhere inside of a block goes. */
  #worstOf(block: Block | undefined): number {
    return block === undefined || block.start === nowhere ? nowhere : block.start + this.#linear - block.linearStart;
  }

  /** Another arm of a block begins, at the end of a way of this weight. */
  #switchArm(way: number): void {
    const current = this.#innermost();
    if (current === undefined) return;
    current.reached = Math.max(current.reached, this.#way);
    current.hasElse = true;
    this.#way = way;
  }

  /** A branch that counts as `edges` when it leads back to a loop: answers which. */
  #branch(label: number, edges: number): number {
    const target = this.#target(label);
    if (target?.kind !== point.loop) {
      this.#reach(label, this.#way);
      return nowhere;
    }
    const index = target.point - this.#first;
    if (this.#way !== nowhere) {
      this.#hasLoops = true;
      this.#weights[index] = Math.max(this.#weights[index] ?? 0, 0);
      this.#edges[index] = (this.#edges[index] ?? 0) + edges;
    }
    return target.point;
  }

  #reach(label: number, way: number): void {
    const target = this.#target(label);
    if (target === undefined) this.#longest = Math.max(this.#longest, way);
    else if (target.kind !== point.loop) target.reached = Math.max(target.reached, way);
    else this.#repeatByException(target, way);
  }

  #repeatByException({ point: loop, start }: Block, way: number): void {
    if (way === nowhere) return;
    const index = loop - this.#first;
    this.#hasLoops = true;
    this.#weights[index] = Math.max(this.#weights[index] ?? 0, way - start);
    this.#edges[index] = Number.POSITIVE_INFINITY;
  }

  #repeat(at: number, loop: number): void {
    const isBack = loop !== nowhere && this.#way !== nowhere;
    this.#loops[at - this.#first] = isBack ? loop : nowhere;
    if (!isBack) return;
    const weight = this.#way - (this.#starts[loop - this.#first] ?? 0);
    this.#counted += weight;
    this.#weights[at - this.#first] = weight;
  }

  /** Its labels are points of their own, that follow: they weigh nothing. */
  #branchTable(at: number): void {
    const count = this.#outline.argument(at);
    let outermost = nowhere;
    for (let label = at + 1; label <= at + count; label++) {
      const loop = this.#branch(this.#outline.argument(label), Number.POSITIVE_INFINITY);
      if (loop !== nowhere && (outermost === nowhere || loop < outermost)) outermost = loop;
    }
    this.#repeat(at, outermost);
  }

  #call(at: number): void {
    const weight = callWeight + (this.#calls?.debt(at) ?? 0);
    this.#linear += weight;
    if (this.#way !== nowhere) this.#way += weight;
  }

  /** No way goes on from here, but out of the function. */
  #end(): void {
    this.#longest = Math.max(this.#longest, this.#way);
    this.#way = nowhere;
  }
}

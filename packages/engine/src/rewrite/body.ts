import { Reader } from '../binary/reader.js';
import { invalid } from '../invalid.js';
import { type BodyFacts, type CodePoint, indirect, type Label, type SmallLoop } from './body-facts.js';
import {
  block,
  division,
  immediates,
  memoryArgument,
  none,
  oneLeb,
  size,
  skipBlockType,
  skipMemoryArgument,
  skipValueType,
  skipValueTypes,
  skipVector,
  special,
} from './immediates.js';
import { LoopCandidate, takesNothing } from './loop-candidate.js';

/** What a call weighs, what is called aside. */
export const callWeight = 64;
/** Bytes of memory that are copied or filled while a byte of code is executed, as a power of two. */
export const bulkShift = 3;
const growWeight = 4096;
const throwWeight = 16_384;
const divisionWeight = 32;
const atomicWeight = 32;
/** What the weights of a function may come to together, so that no sum of them overflows. */
const mostWeight = 2 ** 28;

/** Reads one function body. `debts`: what calls weigh beyond {@link callWeight}, by their place. */
export function readBody(reader: Reader, debts?: ReadonlyMap<number, number>): BodyFacts {
  return new BodyWalker(reader, debts).walk();
}

/** An open block. */
interface Block {
  readonly opcode: number;
  /** Of a loop: its place among the points, and whether it has no parameters. */
  readonly point: number;
  readonly takesNothing: boolean;
  /** The weight of the longest way to its beginning; {@link nowhere} when there is none. */
  readonly start: number;
  /** What stands before its beginning weighs. */
  readonly linearStart: number;
  /** The weight of the longest way to its end by a branch or another arm. */
  reached: number;
  hasElse: boolean;
  /** Labels that its exceptions go to, counted from the outside. */
  readonly handlers: readonly number[];
}

/** A point as it becomes known. */
interface Point {
  readonly kind: CodePoint['kind'];
  readonly at: number;
  value: number;
  readonly loop?: number;
  readonly condition?: Label | undefined;
  edges?: number;
}

/** Those of most blocks: one array for all. */
const noHandlers: readonly number[] = [];

/** The weight of a way that does not exist. */
const nowhere = -1;

class BodyWalker {
  readonly #reader: Reader;
  readonly #debts: ReadonlyMap<number, number> | undefined;
  readonly #points: Point[] = [];
  readonly #sizeOperations: number[] = [];
  readonly #open: Block[] = [];
  /** The weight of the longest way to each loop that is repeated. */
  readonly #starts: number[] = [];
  readonly #smallLoops: SmallLoop[] = [];
  /** The innermost loop, as long as it may be a small one. */
  #candidate: LoopCandidate | undefined = undefined;
  #changesHiddenState = false;
  #start = 0;
  /** The longest way to here weighs this and the position; nothing else is counted at an instruction that neither branches nor is slow. */
  #ahead = 0;
  #isDead = false;
  /** What slow instructions weigh beyond their bytes. */
  #slow = 0;
  /** The weight of the longest way to the end. */
  #longest = 0;
  /** What all that is added to counters weighs together. */
  #counted = 0;

  constructor(reader: Reader, debts: ReadonlyMap<number, number> | undefined) {
    this.#reader = reader;
    this.#debts = debts;
  }

  walk(): BodyFacts {
    const reader = this.#reader;
    const start = reader.position;
    this.#start = start;
    let localCount = 0;
    const localGroups = reader.vector(() => {
      localCount += reader.u32();
      skipValueType(reader);
    }).length;
    const codeStart = reader.position;
    this.#ahead = -codeStart;
    const isUnknown = !this.#instructions();
    return {
      start,
      end: reader.end,
      codeStart,
      localCount,
      localGroups,
      weight: Math.max(this.#longest, this.#way()),
      ...(this.#counted > mostWeight
        ? { points: this.#evened(), smallLoops: [] }
        : { points: this.#points, smallLoops: this.#smallLoops }),
      sizeOperations: this.#sizeOperations,
      changesHiddenState: this.#changesHiddenState || isUnknown,
      isUnknown,
    };
  }

  /** Reads to the end of the body; answers whether all instructions are known. */
  #instructions(): boolean {
    const reader = this.#reader;
    const { bytes, end } = reader;
    let { position } = reader;
    while (position < end) {
      const at = position++;
      const opcode = bytes[at] ?? 0;
      const kind = immediates[opcode];
      // Most instructions are of the first three kinds: the reader need not know of them.
      if (kind === none) continue;
      if (kind === memoryArgument && (bytes[position++] ?? 0) >= 0x40) {
        reader.position = position - 1;
        skipMemoryArgument(reader);
        position = reader.position;
        continue;
      }
      if (kind === oneLeb || kind === memoryArgument) {
        while ((bytes[position++] ?? 0) >= 0x80);
        continue;
      }
      reader.position = position;
      if (!this.#instruction(kind, opcode, at)) return false;
      position = reader.position;
    }
    if (position > end) throw invalid(`a function ends in the middle of an instruction, at byte ${end}`);
    reader.position = position;
    return true;
  }

  #instruction(kind: number | undefined, opcode: number, at: number): boolean {
    const reader = this.#reader;
    switch (kind) {
      case division:
        this.#weigh(divisionWeight);
        return true;
      case block:
        skipBlockType(reader);
        this.#enter(opcode, takesNothing(reader.bytes, at));
        if (opcode === 0x03) this.#candidate = LoopCandidate.at(at, reader, this.#open.length);
        else if (opcode === 0x06) this.#candidate = undefined;
        return true;
      case size:
        this.#sizeOperations.push(at);
        if (opcode === 0x40) this.#point('slow', at, growWeight);
        reader.skipLeb();
        return true;
      case special:
        return this.#special(opcode, at);
      default:
        return false;
    }
  }

  /** The weight of the longest way to here. */
  #way(): number {
    return this.#isDead ? nowhere : this.#ahead + this.#reader.position;
  }

  #goOn(way: number): void {
    this.#isDead = way === nowhere;
    this.#ahead = way - this.#reader.position;
  }

  /** What all code up to here weighs. */
  #linear(): number {
    return this.#reader.position + this.#slow;
  }

  #weigh(weight: number): void {
    this.#ahead += weight;
    this.#slow += weight;
  }

  #enter(opcode: number, takesNothing: boolean, handlers: readonly number[] = noHandlers): void {
    const point = this.#points.length;
    if (opcode === 0x03) this.#point('loop', this.#reader.position, nowhere);
    const start = this.#way();
    const linearStart = this.#linear();
    this.#open.push({ opcode, point, takesNothing, start, linearStart, reached: nowhere, hasElse: false, handlers });
  }

  #leave(): void {
    const left = this.#open.pop();
    if (left?.opcode === 0x03) this.#leaveLoop();
    if (left === undefined || left.opcode === 0x03) return;
    if (left.handlers.length > 0) {
      const worst = this.#worstOf(left);
      for (const label of left.handlers) this.#reach(label, worst);
    }
    const skipped = left.opcode === 0x04 && !left.hasElse ? left.start : nowhere;
    this.#goOn(Math.max(this.#way(), left.reached, skipped));
  }

  #leaveLoop(): void {
    const small = this.#candidate?.end(this.#reader.position - 1);
    if (small !== undefined) this.#smallLoops.push(small);
    this.#candidate = undefined;
  }

  /** The way to where an exception from anywhere inside of a block goes. */
  #worstOf({ start, linearStart }: Block): number {
    return start === nowhere ? nowhere : start + this.#linear() - linearStart;
  }

  /** Another arm of a block begins, at the end of a way of this weight. */
  #switchArm(way: number): void {
    const current = this.#open.at(-1);
    if (current === undefined) return;
    current.reached = Math.max(current.reached, this.#way());
    current.hasElse = true;
    this.#goOn(way);
  }

  /** Reads a branch that counts as `edges` when it leads back to a loop: answers which, as a place among the points. */
  #branch(edges = 1): number {
    const reader = this.#reader;
    const at = reader.position;
    const depth = reader.u32();
    this.#candidate?.branch(at, reader.position, depth, this.#open.length);
    const target = this.#open[this.#open.length - 1 - depth];
    const way = this.#way();
    if (target?.opcode !== 0x03) {
      this.#reach(depth, way);
      return nowhere;
    }
    const loop = this.#points[target.point];
    if (loop !== undefined && way !== nowhere) {
      loop.value = Math.max(loop.value, 0);
      loop.edges = (loop.edges ?? 0) + edges;
    }
    this.#starts[target.point] = target.start;
    return target.point;
  }

  #reach(label: number, way: number): void {
    const target = this.#open[this.#open.length - 1 - label];
    if (target === undefined) this.#longest = Math.max(this.#longest, way);
    else if (target.opcode !== 0x03) target.reached = Math.max(target.reached, way);
    else this.#repeatByException(target, way);
  }

  #repeatByException({ point, start }: Block, way: number): void {
    const loop = this.#points[point];
    if (loop === undefined || way === nowhere) return;
    loop.value = Math.max(loop.value, way - start);
    loop.edges = Number.POSITIVE_INFINITY;
  }

  #point(kind: Point['kind'], at: number, value: number): void {
    this.#candidate = undefined;
    this.#points.push({ kind, at, value });
  }

  #repeat(at: number, loop: number, condition?: Label): void {
    const start = this.#starts[loop];
    if (start === undefined || this.#isDead) return;
    const weight = this.#way() - start;
    this.#counted += weight;
    this.#points.push({ kind: 'repeat', at, value: weight, loop: this.#points[loop]?.at ?? 0, condition });
  }

  /** With far too many branches back, each iteration of a loop counts for all of the function's code. */
  #evened(): CodePoint[] {
    const all = Math.min(mostWeight, this.#linear() - this.#start);
    return this.#points
      .filter(({ kind }) => kind !== 'repeat')
      .map((point) =>
        point.kind === 'loop' && point.value !== nowhere
          ? { ...point, value: all, edges: Number.POSITIVE_INFINITY }
          : point,
      );
  }

  #call(at: number, callee: number, isTail: boolean): void {
    this.#point('call', at, callee);
    this.#weigh(callWeight + (this.#debts?.get(at) ?? 0));
    if (isTail) this.#end();
  }

  /** No way goes on from here, but out of the function. */
  #end(): void {
    this.#longest = Math.max(this.#longest, this.#way());
    this.#isDead = true;
  }

  /** Answers whether the instruction is known. */
  #special(opcode: number, at: number): boolean {
    const reader = this.#reader;
    switch (opcode) {
      case 0x00:
      case 0x0f:
        this.#end();
        return true;
      case 0x05: {
        this.#switchArm(this.#open.at(-1)?.start ?? nowhere);
        return true;
      }
      case 0x07:
      case 0x19: {
        if (opcode === 0x07) reader.u32();
        const current = this.#open.at(-1);
        this.#switchArm(current === undefined ? nowhere : this.#worstOf(current));
        return true;
      }
      case 0x08:
      case 0x09:
      case 0x0a:
        if (opcode !== 0x0a) reader.u32();
        this.#candidate = undefined;
        this.#weigh(throwWeight);
        this.#end();
        return true;
      case 0x0b:
        this.#leave();
        return true;
      case 0x0c:
        this.#repeat(at, this.#branch());
        this.#isDead = true;
        return true;
      case 0x0d: {
        const label = reader.position;
        const loop = this.#branch();
        if (loop === nowhere) return true;
        const depth = new Reader(reader.bytes, label).u32();
        const isPlain = this.#open[this.#open.length - 1 - depth]?.takesNothing === true;
        this.#repeat(at, loop, isPlain ? { at: label, end: reader.position, depth } : undefined);
        return true;
      }
      case 0xd5:
      case 0xd6:
        this.#repeat(at, this.#branch());
        return true;
      case 0x0e:
        this.#branchTable(at);
        return true;
      case 0x10:
      case 0x12:
        this.#call(at, reader.u32(), opcode === 0x12);
        return true;
      case 0x11:
      case 0x13:
        reader.u32();
        reader.u32();
        this.#call(at, indirect, opcode === 0x13);
        return true;
      case 0x14:
      case 0x15:
        reader.u32();
        this.#call(at, indirect, opcode === 0x15);
        return true;
      case 0x18:
        reader.u32();
        this.#leave();
        return true;
      case 0x1c:
        skipValueTypes(reader);
        return true;
      case 0x1f:
        this.#tryTable(opcode);
        return true;
      case 0x26:
        this.#changesHiddenState = true;
        reader.u32();
        return true;
      case 0x43:
        reader.slice(4);
        return true;
      case 0x44:
        reader.slice(8);
        return true;
      case 0xfc:
        return this.#bulk(at);
      case 0xfd:
        skipVector(reader);
        return true;
      default:
        this.#weigh(atomicWeight);
        if (reader.u32() === 0x03) reader.byte();
        else skipMemoryArgument(reader);
        return true;
    }
  }

  // Apart, since what a closure takes along from a function costs each call of that function.
  #branchTable(at: number): void {
    const reader = this.#reader;
    let outermost = nowhere;
    const visit = (): void => {
      const start = reader.position;
      const loop = this.#branch(Number.POSITIVE_INFINITY);
      // Where it leads to is read from a table, however long that is.
      this.#weigh(start - reader.position);
      if (loop !== nowhere && (outermost === nowhere || loop < outermost)) outermost = loop;
    };
    reader.vector(visit);
    visit();
    this.#repeat(at, outermost);
    this.#isDead = true;
  }

  #tryTable(opcode: number): void {
    const reader = this.#reader;
    skipBlockType(reader);
    const handlers = reader.vector(() => {
      if (reader.byte() <= 0x01) reader.u32();
      return reader.u32();
    });
    this.#candidate = undefined;
    this.#enter(opcode, false, handlers);
  }

  #bulk(at: number): boolean {
    const reader = this.#reader;
    const opcode = reader.u32();
    if (opcode <= 7 || (opcode >= 19 && opcode <= 22)) return true; // saturating conversions, wide arithmetic
    if (opcode > 17) return false;
    reader.u32();
    const hasTwoOperands = opcode === 8 || opcode === 10 || opcode === 12 || opcode === 14;
    if (hasTwoOperands) reader.u32();
    const isTable = opcode >= 12 && opcode !== 16;
    const isDrop = opcode === 9 || opcode === 13;
    if (isTable || isDrop) this.#changesHiddenState = true;
    if (opcode === 8 || opcode === 10 || opcode === 11 || opcode === 12 || opcode === 14 || opcode === 17) {
      this.#point('bulk', at, isTable ? 0 : bulkShift);
    }
    return true;
  }
}

import { call, loop, tailCall } from './point-kinds.js';

/** Words of one point. */
const pointWords = 4;
/** Words of one body. */
const bodyWords = 8;
const kindBits = 5;
const kindMask = (1 << kindBits) - 1;

/**
 * The control flow of a module's code and what takes long in it, in flat arrays: all that resetting and interrupting look at. A *point* is an instruction of
 * the kinds in `point-kinds.ts`. Points are numbered through; positions are those of the code section.
 */
export class Outline {
  /** The code section. */
  readonly source: Uint8Array;
  /** Whether it changes state that memories and globals do not hold: tables, dropped segments. */
  changesHiddenState = false;
  /** Whether there is an instruction that is not known. Its body has no points from there on. */
  isUnknown = false;
  #points: Int32Array;
  #pointLength = 0;
  readonly #bodies: Int32Array;
  #bodyCount = 0;
  /** Those points that are calls. */
  readonly #calls: number[] = [];

  /** Memory that is never written to costs nothing: the arrays begin large. */
  constructor(source: Uint8Array, bodyCount: number) {
    this.source = source;
    this.#points = new Int32Array(Math.ceil(source.length / 2) + pointWords);
    this.#bodies = new Int32Array((bodyCount + 1) * bodyWords);
  }

  get bodyCount(): number {
    return this.#bodyCount;
  }

  get callCount(): number {
    return this.#calls.length;
  }

  get pointCount(): number {
    return this.#pointLength / pointWords;
  }

  /** The points that follow are those of another body. */
  addBody(start: number, codeStart: number, end: number, localCount: number, localGroups: number): void {
    const facts = [start, codeStart, end, localCount, localGroups, this.pointCount, this.callCount, 0];
    this.#bodies.set(facts, this.#bodyCount++ * bodyWords);
  }

  addPoint(kind: number, argument: number, at: number, next: number, weight: number): void {
    const length = this.#pointLength;
    if (length + pointWords > this.#points.length) this.#grow();
    const points = this.#points;
    points[length] = (argument << kindBits) | kind;
    points[length + 1] = at;
    points[length + 2] = next;
    points[length + 3] = weight;
    this.#pointLength = length + pointWords;
    if (kind === call || kind === tailCall) this.#calls.push(length / pointWords);
    else if (kind === loop) this.#bodies[this.#bodyCount * bodyWords - 1] = 1;
  }

  /** Where the body begins, its local declarations included. */
  start(body: number): number {
    return this.#bodies[body * bodyWords] ?? 0;
  }

  /** Where its instructions begin. */
  codeStart(body: number): number {
    return this.#bodies[body * bodyWords + 1] ?? 0;
  }

  end(body: number): number {
    return this.#bodies[body * bodyWords + 2] ?? 0;
  }

  /** How many locals it declares. */
  localCount(body: number): number {
    return this.#bodies[body * bodyWords + 3] ?? 0;
  }

  /** In how many groups it declares them. */
  localGroups(body: number): number {
    return this.#bodies[body * bodyWords + 4] ?? 0;
  }

  firstPoint(body: number): number {
    return body === this.#bodyCount ? this.pointCount : (this.#bodies[body * bodyWords + 5] ?? 0);
  }

  /** As an index of {@link call}. */
  firstCall(body: number): number {
    return body === this.#bodyCount ? this.callCount : (this.#bodies[body * bodyWords + 6] ?? 0);
  }

  hasLoops(body: number): boolean {
    return this.#bodies[body * bodyWords + 7] === 1;
  }

  /** A call, as a point. */
  call(index: number): number {
    return this.#calls[index] ?? 0;
  }

  kind(point: number): number {
    return (this.#points[point * pointWords] ?? 0) & kindMask;
  }

  /** What it means depends on the kind. */
  argument(point: number): number {
    return (this.#points[point * pointWords] ?? 0) >> kindBits;
  }

  /** Where its instruction stands. */
  at(point: number): number {
    return this.#points[point * pointWords + 1] ?? 0;
  }

  /** Where the next instruction stands. */
  next(point: number): number {
    return this.#points[point * pointWords + 2] ?? 0;
  }

  /**
   * What the instructions after the point before weigh, up to and with this one: about their bytes, slow ones counted for more. Not counted is what calls
   * weigh.
   */
  weight(point: number): number {
    return this.#points[point * pointWords + 3] ?? 0;
  }

  #grow(): void {
    const points = new Int32Array(this.#points.length * 2);
    points.set(this.#points);
    this.#points = points;
  }
}

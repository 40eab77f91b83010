import { allocateZeros } from './allocate';
import { bulk, call, loop, tailCall } from './point-kinds';
import { Words } from './words';

const pointWords: i32 = 2;
const bodyWords: i32 = 7;
// The first word of a point: its kind, the length of its instruction and an argument, from the lowest bits on. The second one: where the next instruction stands.
const kindMask: i32 = 31;
const lengthShift: i32 = 5;
const lengthMask: i32 = 31;
const argumentShift: i32 = 10;
/** No valid argument is larger. */
const mostArgument: i32 = (1 << 21) - 1;

/**
 * The control flow of a module's code and what takes long in it: all that resetting and interrupting look at. A *point* is an instruction of the kinds in
 * `point-kinds.ts`. Points are numbered through; positions are those of the code section.
 */
export class Outline {
  /** Whether the code changes state that memories and globals do not hold: tables, dropped segments. */
  changesHiddenState: bool = false;
  /** Whether there is an instruction that is not known. Its body has no points from there on. */
  isUnknown: bool = false;
  /** Whether there is a `memory.grow`. */
  growsMemory: bool = false;
  bodyCount: i32 = 0;
  callCount: i32 = 0;
  loopCount: i32 = 0;
  bulkCount: i32 = 0;
  private bodies: Words;
  /** By body: whether another one calls it. */
  private called: usize;
  private mostBodies: i32;
  /** Last in memory as long as the code is read, so that it can grow in its place. */
  private points: Words;

  /**
   * @param source the address of the code section, of `length` bytes
   * @param mostBodies how many there are at the most
   * @param imported how many functions are imported; their indices come first
   */
  constructor(
    public source: usize,
    length: i32,
    mostBodies: i32,
    readonly imported: i32,
  ) {
    this.bodies = new Words((mostBodies + 1) * bodyWords);
    this.called = allocateZeros(mostBodies);
    this.mostBodies = mostBodies;
    // Memory that is never written to costs nothing.
    this.points = new Words((length / 16) * 3);
  }

  /** How many points the body has that has most. */
  mostPoints(): i32 {
    let most = 0;
    for (let body = 0; body < this.bodyCount; body++)
      most = max(most, this.firstPoint(body + 1) - this.firstPoint(body));
    return most;
  }

  get pointCount(): i32 {
    return this.points.length / pointWords;
  }

  /** The points that follow are those of another body. */
  addBody(start: i32, codeStart: i32, end: i32, localCount: i32, localGroups: i32): void {
    this.bodies.push2(start, codeStart);
    this.bodies.push2(end, localCount);
    this.bodies.push2(localGroups, this.pointCount);
    this.bodies.push(0);
    this.bodyCount++;
  }

  /** @param next where the next instruction stands: 31 bytes further at the most, but for those whose beginning nobody asks for */
  addPoint(kind: i32, argument: i32, at: i32, next: i32): void {
    if (kind === call || kind === tailCall) this.addCall(argument);
    else if (kind === bulk) this.bulkCount++;
    else if (kind === loop) this.addLoop();
    const length = min(next - at, lengthMask);
    this.points.push2((min(argument, mostArgument) << argumentShift) | (length << lengthShift) | kind, next);
  }

  private addCall(callee: i32): void {
    this.callCount++;
    const body = callee - this.imported;
    if (body >= 0 && body < this.mostBodies && body !== this.bodyCount - 1) store<bool>(this.called + body, true);
  }

  private addLoop(): void {
    this.loopCount++;
    this.bodies.set((this.bodyCount - 1) * bodyWords + 6, 1);
  }

  /** Where the body begins, its local declarations included. */
  start(body: i32): i32 {
    return this.bodies.get(body * bodyWords);
  }

  /** Where its instructions begin. */
  codeStart(body: i32): i32 {
    return this.bodies.get(body * bodyWords + 1);
  }

  end(body: i32): i32 {
    return this.bodies.get(body * bodyWords + 2);
  }

  /** How many locals it declares. */
  localCount(body: i32): i32 {
    return this.bodies.get(body * bodyWords + 3);
  }

  /** In how many groups it declares them. */
  localGroups(body: i32): i32 {
    return this.bodies.get(body * bodyWords + 4);
  }

  firstPoint(body: i32): i32 {
    return body === this.bodyCount ? this.pointCount : this.bodies.get(body * bodyWords + 5);
  }

  hasLoops(body: i32): bool {
    return this.bodies.get(body * bodyWords + 6) === 1;
  }

  /** Whether another body calls it. */
  isCalled(body: i32): bool {
    return load<bool>(this.called + body);
  }

  isCall(point: i32): bool {
    const kind = this.kind(point);
    return kind === call || kind === tailCall;
  }

  /** The body that a call calls; negative: none of this module's, or one that is not known. */
  callee(call: i32): i32 {
    const body = this.argument(call) - this.imported;
    return body >= 0 && body < this.bodyCount ? body : -1;
  }

  @inline
  kind(point: i32): i32 {
    return this.points.get(point * pointWords) & kindMask;
  }

  /** What it means depends on the kind. */
  @inline
  argument(point: i32): i32 {
    return this.points.get(point * pointWords) >> argumentShift;
  }

  /** Where its instruction stands. */
  @inline
  at(point: i32): i32 {
    return this.next(point) - ((this.points.get(point * pointWords) >> lengthShift) & lengthMask);
  }

  /** Where the next instruction stands. */
  @inline
  next(point: i32): i32 {
    return this.points.get(point * pointWords + 1);
  }
}

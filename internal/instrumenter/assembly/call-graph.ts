import { allocateZeros } from './allocate';
import { Outline } from './outline';
import { CallWeights, callWeight, Facts, Ways } from './ways';
import { Words } from './words';

/** What a call of a function may leave to its caller to account for: a few microseconds of work. */
const mostDebt: i64 = 8192;
/** Of a function with more than that, calls that leave less are not worth a charge of their own. */
const smallDebt: i32 = 2048;
/** What is added up in one number of 32 bits. */
const mostCharge: i64 = 1 << 30;
/** What the loops of one call of a function may count before they charge for the first time: short ones never do. */
export const loopBudget: i32 = 1024;
/** What a call charges that can reach anything. */
const indirectCharge: i32 = 8192;
/** What a call into another module or the host charges: the host takes its time too. */
const importCharge: i32 = 16384;

/** What a function may do before it charges again, whatever it has been charged at its entry: a fraction of a millisecond. */
export const mostUnseen: i32 = 1 << 20;

const unvisited: i32 = -1;
const active: i32 = -2;

/**
 * Who charges for what, so that no sequence of calls goes on unnoticed. Every cycle of calls has one that charges: those through a table or into
 * another module always do. All others are accounted for by who makes them, in what it owes its own caller, until that is too much; then the function
 * charges at its entry. Leaf functions and small trees of calls stay as they are.
 */
export class CallGraph extends CallWeights {
  private ways!: Ways;
  /** What a call of each function weighs that nobody has charged for. */
  private debts: Words;
  private entries: Words;
  /** By point: 1 for calls that charge, although it is known what is called. */
  private charged: usize;
  /** By body: whether it may do more than {@link mostUnseen} between two calls that charge. */
  private huge: usize;
  /** Functions by which to begin: those first that no other one calls, since what comes back to them happens less often than what goes down. */
  private roots: Words;
  private nextRoot: i32 = 0;
  /** Functions that are being visited, each called by the one before, and the next point to look at in each. */
  private stack: Words;
  private nextPoints: Words;

  constructor(
    private outline: Outline,
    facts: Facts,
  ) {
    super();
    const count = outline.bodyCount;
    this.debts = new Words(count);
    this.entries = new Words(count);
    this.charged = allocateZeros(outline.pointCount);
    this.huge = allocateZeros(count);
    this.roots = new Words(count);
    this.stack = new Words(64);
    this.nextPoints = new Words(64);
    this.ways = new Ways(outline, facts, this);
    for (let body = 0; body < count; body++) {
      this.debts.push(unvisited);
      this.entries.push(0);
      if (!outline.isCalled(body)) this.roots.push(body);
    }
    for (let body = 0; body < count; body++) if (outline.isCalled(body)) this.roots.push(body);
  }

  /** Goes on for about as many points; answers whether there are more. */
  settle(points: i32): bool {
    for (let left = points; left > 0; ) {
      if (this.stack.length > 0) {
        left -= this.step();
        continue;
      }
      if (this.nextRoot === this.roots.length) return false;
      const root = this.roots.get(this.nextRoot++);
      if (this.debts.get(root) === unvisited) this.enter(root);
    }
    return true;
  }

  /** What a function charges at its entry; 0: nothing. */
  entryCharge(body: i32): i32 {
    return this.entries.get(body);
  }

  /** What is charged before a call; 0: nothing. */
  charge(point: i32): i32 {
    if (this.outline.argument(point) < 0) return indirectCharge;
    const body = this.outline.callee(point);
    if (body < 0) return importCharge;
    return load<bool>(this.charged + point) ? callWeight + this.debts.get(body) : 0;
  }

  /** Whether a function may do more than {@link mostUnseen} between two calls that charge. */
  isHuge(body: i32): bool {
    return load<bool>(this.huge + body);
  }

  /** What a call leaves to its caller to account for, beyond {@link callWeight}. */
  debt(point: i32): i32 {
    const body = this.outline.callee(point);
    if (body < 0 || load<bool>(this.charged + point)) return 0;
    const debt = this.debts.get(body);
    return debt > callWeight ? debt : 0;
  }

  private enter(body: i32): void {
    this.debts.set(body, active);
    this.stack.push(body);
    this.nextPoints.push(this.outline.firstPoint(body));
  }

  /** Depth first, without recursion: a hostile module can have a chain of a million calls. Answers how many points have been looked at. */
  private step(): i32 {
    const top = this.stack.length - 1;
    const body = this.stack.get(top);
    const from = this.nextPoints.get(top);
    const callee = this.nextUnvisited(body);
    if (callee >= 0) {
      const looked = this.nextPoints.get(top) - from;
      this.enter(callee);
      return looked + 1;
    }
    this.finish(body);
    this.stack.length--;
    this.nextPoints.length--;
    return this.outline.firstPoint(body + 1) - this.outline.firstPoint(body) + 1;
  }

  /** Goes on to the next call of the innermost function that has not been visited; negative: none. Calls back along the way here are charged. */
  private nextUnvisited(caller: i32): i32 {
    const outline = this.outline;
    const top = this.nextPoints.length - 1;
    const end = outline.firstPoint(caller + 1);
    let next = this.nextPoints.get(top);
    let found = -1;
    while (next < end && found < 0) {
      const point = next++;
      if (!outline.isCall(point)) continue;
      const body = outline.callee(point);
      if (body < 0) continue;
      if (this.debts.get(body) === unvisited) found = body;
      else if (this.debts.get(body) === active) store<bool>(this.charged + point, true);
    }
    this.nextPoints.set(top, next);
    return found;
  }

  private finish(body: i32): void {
    // Calls charge for themselves when they are made, where they come to far more than what is executed as a rule.
    const sum = this.sumOf(body);
    if (sum > mostDebt) this.chargeLarge(body);
    const debt = this.debtOf(body);
    // What is beyond that is charged on the way.
    const isHuge = sum > mostUnseen && this.sumOf(body) > mostUnseen;
    store<bool>(this.huge + body, isHuge);
    const isTooMuch = debt > mostDebt;
    this.entries.set(body, isTooMuch ? <i32>min(debt, isHuge ? mostUnseen : mostCharge) : 0);
    this.debts.set(body, isTooMuch ? 0 : <i32>debt);
  }

  /** What all code of a function weighs, its calls included. */
  private sumOf(body: i32): i64 {
    const outline = this.outline;
    let sum: i64 = outline.end(body) - outline.codeStart(body);
    const end = outline.firstPoint(body + 1);
    for (let point = outline.firstPoint(body); point < end; point++) {
      if (outline.isCall(point)) sum += callWeight + this.debt(point);
    }
    return sum;
  }

  /** Makes those calls of a function charge that leave much. */
  private chargeLarge(body: i32): void {
    const outline = this.outline;
    const end = outline.firstPoint(body + 1);
    for (let point = outline.firstPoint(body); point < end; point++) {
      if (outline.isCall(point) && this.debt(point) > smallDebt) store<bool>(this.charged + point, true);
    }
  }

  /** What the longest way through a function weighs, its calls included. */
  private debtOf(body: i32): i64 {
    const way = this.ways.follow(body);
    return this.ways.hasLoops ? way + loopBudget : way;
  }
}

import type { Outline } from './outline.js';
import { Slices } from './slices.js';
import { type CallWeights, callWeight, Ways } from './ways.js';

/** What a call of a function may leave to its caller to account for: a few microseconds of work. */
const mostDebt = 16_384;
/** Of a function with more than that, calls that leave less are not worth a charge of their own. */
const smallDebt = 4096;
/** What is added up in one number of 32 bits. */
const mostCharge = 2 ** 30;
/** What the loops of one call of a function may count before they charge for the first time: short ones never do. */
export const loopBudget = 1024;
/** What a call charges that can reach anything. */
const indirectCharge = 8192;
/** What a call into another module or the host charges: the host takes its time too. */
const importCharge = 16_384;

/**
 * Who charges for what, so that no sequence of calls goes on unnoticed. Every cycle of calls has one that charges: those through a table or into
 * another module always do. All others are accounted for by who makes them, in what it owes its own caller, until that is too much; then the function
 * charges at its entry. Leaf functions and small trees of calls stay as they are.
 */
export class CallGraph implements CallWeights {
  readonly #outline: Outline;
  readonly #imported: number;
  readonly #ways: Ways;
  /** What a call of each function weighs that nobody has charged for. */
  readonly #debts: Int32Array;
  readonly #entries: Int32Array;
  /** By point: 1 for calls that charge, although it is known what is called. */
  readonly #charged: Uint8Array;

  private constructor(outline: Outline, imported: number) {
    this.#outline = outline;
    this.#imported = imported;
    this.#ways = new Ways(outline, this);
    this.#debts = new Int32Array(outline.bodyCount).fill(unvisited);
    this.#entries = new Int32Array(outline.bodyCount);
    this.#charged = new Uint8Array(outline.pointCount);
  }

  /** @param imported how many functions are imported; their indices come first */
  static async of(outline: Outline, imported: number): Promise<CallGraph> {
    const graph = new CallGraph(outline, imported);
    const slices = new Slices();
    for (const root of graph.#roots()) if (graph.#debts[root] === unvisited) await graph.#visit(root, slices);
    return graph;
  }

  /** What a function charges at its entry; 0: nothing. */
  entryCharge(body: number): number {
    return this.#entries[body] ?? 0;
  }

  /** What is charged before a call; 0: nothing. */
  charge(point: number): number {
    const callee = this.#outline.argument(point);
    if (callee < 0) return indirectCharge;
    const body = callee - this.#imported;
    if (!this.#isDefined(body)) return importCharge;
    return this.#charged[point] === 1 ? callWeight + (this.#debts[body] ?? 0) : 0;
  }

  /** What a call leaves to its caller to account for, beyond {@link callWeight}. */
  debt(point: number): number {
    const body = this.#outline.argument(point) - this.#imported;
    if (!this.#isDefined(body) || this.#charged[point] === 1) return 0;
    const debt = this.#debts[body] ?? 0;
    return debt > callWeight ? debt : 0;
  }

  #isDefined(body: number): boolean {
    return body >= 0 && body < this.#debts.length;
  }

  /** The body that a call calls; negative: none of this module's, or one that is not known. */
  #callee(point: number): number {
    const body = this.#outline.argument(point) - this.#imported;
    return this.#isDefined(body) ? body : -1;
  }

  /** All functions, those first that no other one calls: what comes back to them happens less often than what goes down. */
  #roots(): number[] {
    const outline = this.#outline;
    const isCalled = new Uint8Array(outline.bodyCount);
    for (let caller = 0; caller < isCalled.length; caller++) {
      const end = outline.firstCall(caller + 1);
      for (let index = outline.firstCall(caller); index < end; index++) {
        const body = this.#callee(outline.call(index));
        if (body >= 0 && body !== caller) isCalled[body] = 1;
      }
    }
    const all = [...isCalled.keys()];
    return [...all.filter((body) => isCalled[body] === 0), ...all.filter((body) => isCalled[body] === 1)];
  }

  /** Depth first, without recursion: a hostile module can have a chain of a million calls. */
  async #visit(root: number, slices: Slices): Promise<void> {
    const outline = this.#outline;
    const stack = [{ body: root, call: outline.firstCall(root) }];
    this.#debts[root] = active;
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const callee = this.#nextUnvisited(frame);
      if (callee !== undefined) {
        this.#debts[callee] = active;
        stack.push({ body: callee, call: outline.firstCall(callee) });
        continue;
      }
      this.#settle(frame.body);
      stack.pop();
      if (slices.isOver) await slices.next();
    }
  }

  /** Goes on to the next call of a function that has not been visited. Calls back along the way here are charged. */
  #nextUnvisited(frame: { readonly body: number; call: number }): number | undefined {
    const end = this.#outline.firstCall(frame.body + 1);
    while (frame.call < end) {
      const point = this.#outline.call(frame.call++);
      const body = this.#callee(point);
      if (body < 0) continue;
      if (this.#debts[body] === unvisited) return body;
      if (this.#debts[body] === active) this.#charged[point] = 1;
    }
    return undefined;
  }

  #settle(body: number): void {
    let debt = this.#debtOf(body);
    // Calls charge for themselves when they are made, where the longest way is far more than what is executed as a rule.
    if (debt > mostDebt && this.#chargeLarge(body)) debt = this.#debtOf(body);
    const isTooMuch = debt > mostDebt;
    this.#entries[body] = isTooMuch ? Math.min(debt, mostCharge) : 0;
    this.#debts[body] = isTooMuch ? 0 : debt;
  }

  /** Makes those calls of a function charge that leave much; answers whether there are any. */
  #chargeLarge(body: number): boolean {
    let hasAny = false;
    const end = this.#outline.firstCall(body + 1);
    for (let index = this.#outline.firstCall(body); index < end; index++) {
      const point = this.#outline.call(index);
      if (this.debt(point) <= smallDebt) continue;
      this.#charged[point] = 1;
      hasAny = true;
    }
    return hasAny;
  }

  /** What the longest way through a function weighs, its calls included. */
  #debtOf(body: number): number {
    const way = this.#ways.follow(body);
    return this.#ways.hasLoops ? way + loopBudget : way;
  }
}

const unvisited = -1;
const active = -2;

import { Reader } from '../binary/reader.js';
import { callWeight, readBody } from './body.js';
import { type BodyFacts, type CodePoint, indirect } from './body-facts.js';
import { Slices } from './slices.js';

/** What a call of a function may leave to its caller to account for: a few microseconds of work. */
const mostDebt = 16_384;
/** Of a function with more than that, calls that leave less are not worth a charge of their own. */
const smallDebt = 4096;
/** What the calls of a function may come to together before it is looked up which of them lie on one way. */
const preciseDebt = 1024;
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
export class CallGraph {
  readonly #bodies: readonly BodyFacts[];
  readonly #imported: number;
  /** What a call of each function weighs that nobody has charged for. */
  readonly #debts: Int32Array;
  readonly #entries: Int32Array;
  readonly #charged = new Set<CodePoint>();
  readonly #source: Uint8Array;

  private constructor(bodies: readonly BodyFacts[], imported: number, source: Uint8Array) {
    this.#bodies = bodies;
    this.#source = source;
    this.#imported = imported;
    this.#debts = new Int32Array(bodies.length).fill(unvisited);
    this.#entries = new Int32Array(bodies.length);
  }

  /**
   * @param bodies of the defined functions, in order
   * @param imported how many functions are imported; their indices come first
   * @param source the code section that they are in
   */
  static async of(bodies: readonly BodyFacts[], imported: number, source: Uint8Array): Promise<CallGraph> {
    const graph = new CallGraph(bodies, imported, source);
    const slices = new Slices();
    for (const root of graph.#roots()) if (graph.#debts[root] === unvisited) await graph.#visit(root, slices);
    return graph;
  }

  /** All functions, those first that no other one calls: what comes back to them happens less often than what goes down. */
  #roots(): number[] {
    const isCalled = new Uint8Array(this.#bodies.length);
    this.#bodies.forEach(({ points }, caller) => {
      for (const { kind, value } of points) {
        if (kind === 'call' && value - this.#imported !== caller) isCalled[value - this.#imported] = 1;
      }
    });
    const all = [...isCalled.keys()];
    return [...all.filter((index) => isCalled[index] === 0), ...all.filter((index) => isCalled[index] === 1)];
  }

  /** What a function charges at its entry; 0: nothing. */
  entryCharge(index: number): number {
    return this.#entries[index] ?? 0;
  }

  /** What is charged before a call; 0: nothing. */
  charge(call: CodePoint): number {
    if (call.value === indirect) return indirectCharge;
    if (!this.#isDefined(call.value)) return importCharge;
    return this.#charged.has(call) ? callWeight + (this.#debts[call.value - this.#imported] ?? 0) : 0;
  }

  /** What a call leaves to its caller to account for, beyond {@link callWeight}. */
  debt(call: CodePoint): number {
    if (!this.#isDefined(call.value) || this.#charged.has(call)) return 0;
    const debt = this.#debts[call.value - this.#imported] ?? 0;
    return debt > callWeight ? debt : 0;
  }

  #isDefined(callee: number): boolean {
    return callee >= this.#imported && callee < this.#imported + this.#bodies.length;
  }

  /** Depth first, without recursion: a hostile module can have a chain of a million calls. */
  async #visit(root: number, slices: Slices): Promise<void> {
    const stack: { index: number; next: number }[] = [{ index: root, next: 0 }];
    this.#debts[root] = active;
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const call = this.#bodies[frame.index]?.points[frame.next++];
      if (call === undefined) {
        this.#settle(frame.index);
        stack.pop();
        if (slices.isOver) await slices.next();
        continue;
      }
      if (call.kind !== 'call' || !this.#isDefined(call.value)) continue;
      const callee = call.value - this.#imported;
      if (this.#debts[callee] === active) this.#charged.add(call);
      if (this.#debts[callee] !== unvisited) continue;
      this.#debts[callee] = active;
      stack.push({ index: callee, next: 0 });
    }
  }

  #settle(index: number): void {
    const body = this.#bodies[index];
    if (body === undefined) return;
    const calls = body.points.filter(({ kind }) => kind === 'call');
    let debt = this.#debtOf(body, calls);
    // Calls charge for themselves when they are made, where the longest way is far more than what is executed as a rule.
    if (debt > mostDebt && calls.some((call) => this.debt(call) > smallDebt)) {
      for (const call of calls) if (this.debt(call) > smallDebt) this.#charged.add(call);
      debt = this.#debtOf(body, calls);
    }
    const isTooMuch = debt > mostDebt;
    this.#entries[index] = isTooMuch ? Math.min(debt, mostCharge) : 0;
    this.#debts[index] = isTooMuch ? 0 : debt;
  }

  /** What the longest way through a function weighs, its calls included. */
  #debtOf(body: BodyFacts, calls: readonly CodePoint[]): number {
    const loops = body.points.some((point) => point.kind === 'loop' && point.value >= 0) ? loopBudget : 0;
    const debts = new Map<number, number>();
    let sum = 0;
    for (const call of calls) {
      const debt = this.debt(call);
      if (debt === 0) continue;
      debts.set(call.at, debt);
      sum += debt;
    }
    const isPrecise = sum > preciseDebt;
    const way = isPrecise ? readBody(new Reader(this.#source, body.start, body.end), debts).weight : body.weight + sum;
    return loops + way;
  }
}

const unvisited = -1;
const active = -2;

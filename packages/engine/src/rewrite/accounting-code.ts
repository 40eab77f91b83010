import type { CodePoint } from './body-facts.js';
import type { BulkHelpers } from './bulk.js';
import { type CallGraph, loopBudget } from './call-graph.js';
import { chargeCode, constant, type Insertion, pollCode, spendCode } from './charge-code.js';
import { leb } from './leb.js';
import type { ModuleLayout } from './module-layout.js';

/** What a loop that goes on is charged for in advance. */
const loopChunk = 8192;
/** What a copy or a fill weighs, its length aside. */
const bulkWeight = 16;

/** As many checks in one loop take no more room than they are worth. */
const mostCheckedEdges = 3;

/** Makes the code that keeps account of what a function does. Each piece is made once. */
export class AccountingCode {
  readonly #layout: ModuleLayout;
  readonly #calls: CallGraph;
  readonly #bulk: BulkHelpers;
  readonly #charges = new Map<number, Insertion>();
  readonly #expenses = new Map<number, Insertion>();
  readonly #checks = new Map<number, Insertion>();
  readonly #additions = new Map<number, Insertion>();

  constructor(layout: ModuleLayout, calls: CallGraph, bulk: BulkHelpers) {
    this.#layout = layout;
    this.#calls = calls;
    this.#bulk = bulk;
  }

  /** Bodies of functions that the code calls. */
  get helpers(): readonly (readonly number[])[] {
    return this.#bulk.bodies;
  }

  /** What a function begins with. */
  entry(index: number): Insertion | undefined {
    const amount = this.#calls.entryCharge(index);
    return amount === 0 ? undefined : this.#charge(amount);
  }

  /**
   * What comes in at a place in the code, other than a branch back.
   *
   * @param counter the local in which loops count; the next one is free too
   * @param loops what those of the function do that are repeated: `count` when all do
   */
  at(point: CodePoint, counter: number, loops: 'none' | 'count' | 'spend'): Insertion | undefined {
    switch (point.kind) {
      case 'loop':
        return point.value < 0 || isCheckedAtEdges(point) ? undefined : this.#beginning(point.value);
      case 'call': {
        const charge = this.#calls.charge(point);
        if (charge > 0) return this.#charge(charge);
        const debt = loops === 'none' ? 0 : this.#calls.debt(point);
        if (debt === 0) return undefined;
        return loops === 'count' ? this.add(counter, debt) : this.spend(debt);
      }
      case 'slow':
        return this.#charge(point.value);
      default:
        return this.#bulkOperation(point, counter + 1);
    }
  }

  #charge(amount: number): Insertion {
    return remembered(this.#charges, amount, () => chargeCode(this.#layout, constant(amount)));
  }

  /** Of a loop whose branches back {@link spend}: `fuel -= amount; if (fuel < 0) poll()`. */
  #beginning(amount: number): Insertion {
    return amount === 0 ? remembered(this.#charges, 0, () => pollCode(this.#layout)) : this.#charge(amount);
  }

  /** `fuel -= amount`. */
  spend(amount: number): Insertion {
    return remembered(this.#expenses, amount, () => spendCode(this.#layout, constant(amount)));
  }

  /** `counter += amount`. */
  add(counter: number, amount: number): Insertion {
    const local = leb(counter);
    return remembered(this.#additions, keyOf(counter, amount), () => ({
      code: [0x20, ...local, ...constant(amount), 0x6a, 0x21, ...local],
      unlikely: [],
    }));
  }

  /** `counter += amount; if (counter > budget) { charge(counter + chunk); counter = -chunk }`. */
  check(counter: number, amount: number): Insertion {
    return remembered(this.#checks, keyOf(counter, amount), () => {
      const local = leb(counter);
      const head = [
        ...(amount === 0 ? [] : this.add(counter, amount).code),
        ...[0x20, ...local, ...constant(loopBudget), 0x4a],
      ];
      const { code, unlikely } = chargeCode(this.#layout, [0x20, ...local, ...constant(loopChunk), 0x6a]);
      const start = head.length + 2;
      return {
        code: [...head, 0x04, 0x40, ...code, ...constant(-loopChunk), 0x21, ...local, 0x0b],
        unlikely: [head.length, ...unlikely.map((offset) => start + offset)],
      };
    });
  }

  /** With the length on the stack: keeps it there, and charges by it. */
  #bulkOperation({ at, value: shift }: CodePoint, length: number): Insertion {
    const local = leb(length);
    const long = this.#bulk.call(at, local);
    const { code, unlikely } = chargeCode(this.#layout, [
      0x20,
      ...local,
      ...constant(shift),
      0x76,
      ...constant(bulkWeight),
      0x6a,
    ]);
    const head = [...long, 0x22, ...local];
    return { code: [...head, ...code], unlikely: unlikely.map((offset) => head.length + offset) };
  }
}

/**
 * Whether each branch back to a loop counts in a local and looks at it: then a loop that is not repeated costs nothing. Where there are many, as in
 * interpreters, they charge, and the loop's beginning looks at the fuel: a local would take a register from all that code.
 */
export function isCheckedAtEdges({ kind, value, edges = 0 }: CodePoint): boolean {
  return kind === 'loop' && value === 0 && edges <= mostCheckedEdges;
}

/** One number for both: V8 takes no more than 50,000 locals. */
function keyOf(counter: number, amount: number): number {
  return amount * 65_536 + counter;
}

function remembered(known: Map<number, Insertion>, key: number, make: () => Insertion): Insertion {
  let insertion = known.get(key);
  if (insertion === undefined) {
    insertion = make();
    known.set(key, insertion);
  }
  return insertion;
}

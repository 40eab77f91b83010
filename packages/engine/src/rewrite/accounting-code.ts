import type { BulkHelpers } from './bulk.js';
import { loopBudget } from './call-graph.js';
import type { CodeWriter } from './code-writer.js';
import type { FuelCode } from './fuel-code.js';

/** What a loop that goes on is charged for in advance. */
const loopChunk = 8192;
/** What a copy or a fill weighs, its length aside. */
const bulkWeight = 16;

/** Writes the code that keeps account of what a function does. All of it leaves the stack as it is. */
export class AccountingCode {
  readonly #writer: CodeWriter;
  readonly #fuel: FuelCode;
  readonly #bulk: BulkHelpers;

  constructor(writer: CodeWriter, fuel: FuelCode, bulk: BulkHelpers) {
    this.#writer = writer;
    this.#fuel = fuel;
    this.#bulk = bulk;
  }

  /** `fuel -= amount` */
  spend(amount: number): void {
    const writer = this.#writer;
    writer.bytes(this.#fuel.load);
    writer.constant(amount);
    writer.bytes(this.#fuel.spend);
  }

  /** `if (fuel < 0) poll()` */
  poll(): void {
    const writer = this.#writer;
    writer.bytes(this.#fuel.isUsedUp);
    writer.unlikelyIf();
    writer.bytes(this.#fuel.poll);
    writer.end();
  }

  /** `fuel -= amount; if (fuel < 0) poll()` */
  charge(amount: number): void {
    this.spend(amount);
    this.poll();
  }

  /** `counter += amount` */
  add(counter: number, amount: number): void {
    const writer = this.#writer;
    writer.getLocal(counter);
    writer.constant(amount);
    writer.byte(0x6a);
    writer.setLocal(counter);
  }

  /** `counter += amount; if (counter > budget) { charge(counter + chunk); counter = -chunk }` */
  check(counter: number, amount: number): void {
    const writer = this.#writer;
    if (amount > 0) this.add(counter, amount);
    writer.getLocal(counter);
    writer.constant(loopBudget);
    writer.byte(0x4a);
    writer.unlikelyIf();
    writer.bytes(this.#fuel.load);
    writer.getLocal(counter);
    writer.constant(loopChunk);
    writer.byte(0x6a);
    writer.bytes(this.#fuel.spend);
    this.poll();
    writer.constant(-loopChunk);
    writer.setLocal(counter);
    writer.end();
  }

  /**
   * Before a bulk operation, with its length on the stack: keeps that there, and charges by it.
   *
   * @param at where the instruction stands in the source
   * @param shift how many units weigh as much as a byte of code, as a power of two
   * @param length a free local
   */
  bulk(at: number, shift: number, length: number): void {
    const writer = this.#writer;
    writer.bytes(this.#bulk.call(at, length));
    writer.teeLocal(length);
    writer.bytes(this.#fuel.load);
    writer.getLocal(length);
    writer.constant(shift);
    writer.byte(0x76);
    writer.constant(bulkWeight);
    writer.byte(0x6a);
    writer.bytes(this.#fuel.spend);
    this.poll();
  }
}

import { BulkOperations } from './bulk-operations';
import { ByteWriter } from './byte-writer';
import { loopBudget } from './call-graph';
import { CodeWriter } from './code-writer';

/** What a loop that goes on is charged for in advance. */
const loopChunk: i32 = 8192;
/** What a copy or a fill weighs, its length aside. */
const bulkWeight: i32 = 16;
/** What is added to the module: indices, the first of their kind. */
export class Added {
  /** The fuel. */
  global: i32;
  /** The function that polls; those that do long bulk operations follow. */
  func: i32;
  /** Those functions take and give target, source or value, and length. */
  bulkType: i32;
  /** Bytes that these leave to the instruction itself at the most. */
  bulkChunk: i32;
}

/** Writes the code that keeps account of what a function does. All of it leaves the stack as it is. */
export class AccountingCode {
  /** `if (fuel < 0) poll()`, made once, and where in it the branch stands. */
  private pollCode: ByteWriter;
  private pollBranch: i32;

  constructor(
    private writer: CodeWriter,
    private added: Added,
    private bulkOperations: BulkOperations,
  ) {
    const code = new ByteWriter(32);
    code.byte(0x23);
    code.leb(added.global);
    code.byte(0x41);
    code.byte(0);
    code.byte(0x48);
    this.pollBranch = code.length;
    code.byte(0x04);
    code.byte(0x40);
    code.byte(0x10);
    code.leb(added.func);
    code.byte(0x0b);
    this.pollCode = code;
  }

  /** `fuel -= amount` */
  spend(amount: i32): void {
    this.loadFuel();
    this.writer.constant(amount);
    this.takeFromFuel();
  }

  /** `if (fuel < 0) poll()` */
  poll(): void {
    this.writer.unlikelyCode(this.pollCode, this.pollBranch);
  }

  /** `fuel -= amount; if (fuel < 0) poll()` */
  charge(amount: i32): void {
    this.spend(amount);
    this.poll();
  }

  /** `fuel = -1`: the next look at it is a poll. */
  hurry(): void {
    this.writer.constant(-1);
    this.writer.indexed(0x24, this.added.global);
  }

  /** `counter += amount` */
  add(counter: i32, amount: i32): void {
    const writer = this.writer;
    writer.getLocal(counter);
    writer.constant(amount);
    writer.byte(0x6a);
    writer.setLocal(counter);
  }

  /** `counter += amount; if (counter > budget) { charge(counter + chunk); counter = -chunk }` */
  check(counter: i32, amount: i32): void {
    const writer = this.writer;
    if (amount > 0) this.add(counter, amount);
    writer.getLocal(counter);
    writer.constant(loopBudget);
    writer.byte(0x4a);
    writer.unlikelyIf();
    this.loadFuel();
    writer.getLocal(counter);
    writer.constant(loopChunk);
    writer.byte(0x6a);
    this.takeFromFuel();
    this.poll();
    writer.constant(-loopChunk);
    writer.setLocal(counter);
    writer.end();
  }

  /**
   * Before a bulk operation, with its length on the stack: keeps that there, and charges by it. What is longer than a chunk is done before, but for the last one.
   *
   * @param at where the instruction stands in the source
   * @param shift how many units weigh as much as a byte of code, as a power of two; a length that makes the sum overflow is one that traps
   * @param length a free local
   */
  bulk(at: i32, shift: i32, length: i32): void {
    const writer = this.writer;
    const operation = this.bulkOperations.numberOf(at);
    writer.teeLocal(length);
    if (operation >= 0) {
      writer.getLocal(length);
      writer.constant(this.added.bulkChunk);
      writer.byte(0x4b);
      writer.typedIf(this.added.bulkType);
      writer.call(this.added.func + 1 + operation);
      writer.end();
      writer.teeLocal(length);
    }
    this.loadFuel();
    writer.getLocal(length);
    writer.constant(shift);
    writer.byte(0x76);
    writer.constant(bulkWeight);
    writer.byte(0x6a);
    this.takeFromFuel();
    this.poll();
  }

  private loadFuel(): void {
    this.writer.indexed(0x23, this.added.global);
  }

  private takeFromFuel(): void {
    this.writer.byte(0x6b);
    this.writer.indexed(0x24, this.added.global);
  }
}

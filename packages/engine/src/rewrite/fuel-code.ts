import { leb, signedLeb } from './leb.js';
import type { ModuleLayout } from './module-layout.js';

/** `i32.const`. */
export function constant(value: number): number[] {
  return [0x41, ...signedLeb(value)];
}

/** Instructions on what `appendState` adds to a module: the global that holds the fuel, and the function that polls. */
export class FuelCode {
  /** Puts the fuel on the stack. */
  readonly load: readonly number[];
  /** Takes what is on the stack from the fuel below it. */
  readonly spend: readonly number[];
  /** Puts on the stack whether more than the fuel has been spent. */
  readonly isUsedUp: readonly number[];
  /** Within an `if`. */
  readonly poll: readonly number[];

  constructor({ globalCount, funcCount }: ModuleLayout) {
    const fuel = leb(globalCount);
    this.load = [0x23, ...fuel];
    this.spend = [0x6b, 0x24, ...fuel];
    this.isUsedUp = [...this.load, ...constant(0), 0x48];
    this.poll = [0x10, ...leb(funcCount)];
  }

  /** `fuel -= amount; if (fuel < 0) poll()` */
  charge(amount: readonly number[]): number[] {
    return [...this.load, ...amount, ...this.spend, ...this.isUsedUp, 0x04, 0x40, ...this.poll, 0x0b];
  }
}

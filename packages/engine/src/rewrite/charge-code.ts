import { leb, signedLeb } from './leb.js';
import type { ModuleLayout } from './module-layout.js';

/** Instructions that leave the stack as it is. */
export interface Insertion {
  readonly code: readonly number[];
  /** Where in it there are branches that are hardly ever taken. */
  readonly unlikely: readonly number[];
}

/** `i32.const`. */
export function constant(value: number): number[] {
  return [0x41, ...signedLeb(value)];
}

/** `fuel -= amount`. Refers to the global that `appendState` adds. */
export function spendCode(layout: ModuleLayout, amount: readonly number[]): Insertion {
  const fuel = leb(layout.globalCount);
  return { code: [0x23, ...fuel, ...amount, 0x6b, 0x24, ...fuel], unlikely: [] };
}

/** `if (fuel < 0) poll()`. Refers to the global and the function that `appendState` adds. */
export function pollCode(layout: ModuleLayout): Insertion {
  const head = [0x23, ...leb(layout.globalCount), ...constant(0), 0x48];
  return { code: [...head, 0x04, 0x40, 0x10, ...leb(layout.funcCount), 0x0b], unlikely: [head.length] };
}

/** `fuel -= amount; if (fuel < 0) poll()`. */
export function chargeCode(layout: ModuleLayout, amount: readonly number[]): Insertion {
  const { code: head } = spendCode(layout, amount);
  const { code, unlikely } = pollCode(layout);
  return { code: [...head, ...code], unlikely: unlikely.map((offset) => head.length + offset) };
}

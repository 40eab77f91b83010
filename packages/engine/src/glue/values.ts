import type { CoreValueType } from '../binary/core-module.js';
import type { Case, ValueType } from '../plan/types.js';

/** Where a value crosses: which memory, and on which side its handles are. */
export interface Side {
  /** The name of the `Memory` in generated code. */
  readonly memory: string;
  /** The component instance whose handle table is used. */
  readonly component: number;
  /** `host`: handles become host objects. `graph`: the value goes on to another component, as a bare representation. */
  readonly handles: 'host' | 'graph';
  /** Whether handles are lent and given away in one call, so that one of them could be both. */
  readonly isMixed?: boolean;
}

/** One case of anything that is a variant underneath, as generated code sees it. */
export interface CaseShape {
  readonly name: string;
  readonly type: ValueType | undefined;
}

/** The typed arrays of lists of numbers. */
export const numberArrays: ReadonlyMap<ValueType['kind'], string> = new Map([
  ['s8', 'Int8Array'],
  ['u16', 'Uint16Array'],
  ['s16', 'Int16Array'],
  ['u32', 'Uint32Array'],
  ['s32', 'Int32Array'],
  ['u64', 'BigUint64Array'],
  ['s64', 'BigInt64Array'],
  ['f32', 'Float32Array'],
  ['f64', 'Float64Array'],
]);

export function casesOf(type: ValueType): readonly CaseShape[] {
  switch (type.kind) {
    case 'variant':
      return type.cases satisfies readonly Case[];
    case 'option':
      return [
        { name: 'none', type: undefined },
        { name: 'some', type: type.some },
      ];
    case 'result':
      return [
        { name: 'ok', type: type.ok },
        { name: 'err', type: type.err },
      ];
    default:
      return [];
  }
}

/** Whether an option is spelled `{ tag, val }`: `undefined` alone could not tell an outer none from an inner one. */
export function isTaggedOption(type: ValueType): boolean {
  return type.kind === 'option' && type.some.kind === 'option';
}

/** A core value of a case as the joined type of its variant. */
export function joinFlat(expression: string, from: CoreValueType, to: CoreValueType): string {
  if (from === to) return expression;
  const word = from === 'f32' ? `f32ToI32(${expression})` : expression;
  if (to === 'i32') return word;
  return from === 'f64' ? `f64ToI64(${expression})` : `BigInt(${word} >>> 0)`;
}

/** The joined core value of a variant as the type one case has there. */
export function splitFlat(expression: string, from: CoreValueType, to: CoreValueType): string {
  if (from === to) return expression;
  if (from === 'i32') return `i32ToF32(${expression})`;
  if (to === 'f64') return `i64ToF64(${expression})`;
  const word = `Number(BigInt.asIntN(32, ${expression}))`;
  return to === 'f32' ? `i32ToF32(${word})` : word;
}

export function zeroOf(type: CoreValueType): string {
  return type === 'i64' ? '0n' : '0';
}

import type { CoreFuncType } from '../binary/core-module.js';
import type { Plan } from '../plan/plan.js';
import { liftOf, type Suspension } from '../plan/suspension.js';
import { coreSignature, flatten } from '../plan/type-table.js';
import type { FuncType, Lift, MemoryContext, ValueType } from '../plan/types.js';
import { leb, signedLeb } from '../rewrite/leb.js';
import { type BridgeWriter, typeCode, type WasmCode } from './bridge-writer.js';
import { isCopyable } from './copying.js';

/**
 * How an adapter does its work.
 *
 * - `direct`: the values need nothing but checks of numbers, and no JavaScript takes part at all.
 * - `copying`: as `bridged`, until there have been enough calls; then strings and lists that are short and simple are copied without JavaScript.
 * - `bridged`: JavaScript carries the values before and after the call.
 */
export type AdapterKind = 'direct' | 'copying' | 'bridged';

/**
 * A call from one component of a graph to another that goes through a function of the bridge: no JavaScript frame stands on the stack while the
 * callee runs, so a suspension of the callee suspends its callers with it.
 */
export interface Adapter {
  /** The trampoline that it takes the place of. */
  readonly index: number;
  readonly lift: Lift;
  /** What the caller's core modules call, and what the callee's core function is. */
  readonly caller: CoreFuncType;
  readonly callee: CoreFuncType;
  readonly kind: AdapterKind;
  /** How the caller passes values. */
  readonly context: MemoryContext;
}

/**
 * Calls within a graph that need no JavaScript, or must not have any on the stack. Others are quicker as one JavaScript function.
 *
 * @param mayCopy whether no limit stands against copying what is short
 */
export function findAdapters(
  plan: Plan,
  suspension: Suspension,
  reentrable: ReadonlySet<number>,
  mayCopy: boolean,
): ReadonlyMap<number, Adapter> {
  const adapters = new Map<number, Adapter>();
  plan.trampolines.forEach((trampoline, index) => {
    if (trampoline.kind !== 'lower' || trampoline.func.kind !== 'lift') return;
    const lift = liftOf(plan, trampoline.func.lift);
    if (lift.core.kind !== 'export') return;
    const { context, core: caller } = trampoline;
    const isOnce = !reentrable.has(lift.context.component);
    const isDirect = isOnce && lift.postReturn === undefined && isNumeric(lift.type);
    const isCopying = isOnce && mayCopy && isCopyable(lift, context);
    if (!isDirect && !isCopying && !suspension.lifts.has(lift.index)) return;
    const kind = isDirect ? 'direct' : isCopying ? 'copying' : 'bridged';
    adapters.set(index, { index, lift, caller, callee: coreSignature(lift.type, 'lift'), kind, context });
  });
  return adapters;
}

/** Whether all that crosses is numbers in registers, each by itself. */
function isNumeric(type: FuncType): boolean {
  const { params, result } = type;
  if (!params.every((param) => isNumbers(param.type)) || flatten(params.map((param) => param.type)) === undefined)
    return false;
  return result === undefined || (isNumbers(result) && result.flat?.length === 1);
}

function isNumbers(type: ValueType): boolean {
  switch (type.kind) {
    case 'record':
      return type.fields.every((field) => isNumbers(field.type));
    case 'tuple':
      return type.elements.every(isNumbers);
    case 'string':
    case 'list':
    case 'variant':
    case 'option':
    case 'result':
    case 'own':
    case 'borrow':
      return false;
    default:
      return true;
  }
}

const fault: CoreFuncType = { params: ['i32'], results: [] };

/** Writes the function `name` of an adapter, which does what is in `first` and calls the slot `f<lift>`. */
export function writeAdapter(writer: BridgeWriter, adapter: Adapter, name: string, first: WasmCode): void {
  const { index, lift, caller, callee, kind } = adapter;
  const isDirect = kind === 'direct';
  const at = writer.global('at');
  const before = leb(caller.params.length);
  const [calleeResult] = callee.results;
  const code = [
    ...first,
    ...entering(writer, index, caller.params.length),
    // An exception of one component is not for another to catch.
    ...[0x06, calleeResult === undefined ? 0x40 : typeCode(calleeResult)],
    ...(isDirect ? directArguments(writer, adapter) : convertedArguments(writer, adapter)),
    ...writer.callSlot(`f${lift.index}`, callee),
    ...[0x19, ...fail(writer, index, faults.exception), 0x0b],
    ...(isDirect ? directResult(writer, adapter) : convertedResult(writer, adapter)),
    ...[0x20, ...before, 0x24, ...at],
  ];
  writer.add(name, caller, ['i32', ...callee.results], code);
}

/** For as long as the callee runs, `at` says whose failure a trap is; what it said before is in the local `before`. */
export function entering(writer: BridgeWriter, index: number, before: number): WasmCode {
  const at = writer.global('at');
  return [0x23, ...at, 0x21, ...leb(before), 0x41, ...signedLeb(index + 1), 0x24, ...at];
}

/** What an adapter reports to `e<index>`, by number. */
export const faults = { exception: 0, discriminant: 1, character: 2 } as const;

/** Reports a fault, which ends the life. */
export function fail(writer: BridgeWriter, index: number, what: number): number[] {
  return [0x41, what, ...writer.call(`e${index}`, fault), 0x00];
}

/** The numbers of the caller, each brought into the range of its type. */
function directArguments(writer: BridgeWriter, { index, lift }: Adapter): number[] {
  const parts = lift.type.params.flatMap(({ type }) => numbersOf(type));
  return parts.flatMap((type, local) => [
    ...checked(writer, index, type, local),
    0x20,
    ...leb(local),
    ...clamped(type),
  ]);
}

function directResult(writer: BridgeWriter, { index, caller, lift }: Adapter): number[] {
  const [type] = lift.type.result === undefined ? [] : numbersOf(lift.type.result);
  if (type === undefined) return [];
  const local = caller.params.length + 1;
  return [0x21, ...leb(local), ...checked(writer, index, type, local), 0x20, ...leb(local), ...clamped(type)];
}

/** The numbers that a value consists of, in order. */
export function numbersOf(type: ValueType): ValueType[] {
  if (type.kind === 'record') return type.fields.flatMap((field) => numbersOf(field.type));
  return type.kind === 'tuple' ? type.elements.flatMap(numbersOf) : [type];
}

/** Traps where the number in `local` is no value of its type. */
export function checked(writer: BridgeWriter, index: number, type: ValueType, local: number): number[] {
  const get = [0x20, ...leb(local)];
  if (type.kind === 'enum') {
    const isOut = [...get, 0x41, ...signedLeb(type.names.length), 0x4f];
    return [...isOut, 0x04, 0x40, ...fail(writer, index, faults.discriminant), 0x0b];
  }
  if (type.kind !== 'char') return [];
  const isBeyond = [...get, 0x41, ...signedLeb(0x110000), 0x4f];
  const isSurrogate = [...get, 0x41, ...signedLeb(0xd800), 0x6b, 0x41, ...signedLeb(0x800), 0x49];
  return [...isBeyond, ...isSurrogate, 0x72, 0x04, 0x40, ...fail(writer, index, faults.character), 0x0b];
}

/** Brings the number on the stack into the range of its type. */
export function clamped(type: ValueType): number[] {
  const and = (mask: number): number[] => [0x41, ...signedLeb(mask), 0x71];
  switch (type.kind) {
    case 'bool':
      return [0x41, 0x00, 0x47];
    case 'u8':
      return and(0xff);
    case 'u16':
      return and(0xffff);
    case 's8':
      return [0xc0];
    case 's16':
      return [0xc1];
    case 'flags':
      return type.names.length < 32 ? and(2 ** type.names.length - 1) : [];
    default:
      return [];
  }
}

/** JavaScript lifts the arguments from one memory and lowers them to the other; it answers the first one and is asked for the rest. */
export function convertedArguments(writer: BridgeWriter, { index, caller, callee }: Adapter): number[] {
  const params = caller.params.flatMap((_, local) => [0x20, ...leb(local)]);
  const [first, ...rest] = callee.params;
  const results = first === undefined ? [] : [first];
  return [
    ...params,
    ...writer.call(`a${index}`, { params: caller.params, results }),
    ...rest.flatMap((type, position) => writer.call(`a${index}_${position + 1}`, { params: [], results: [type] })),
  ];
}

/** JavaScript takes the result from the callee's memory to the caller's. */
export function convertedResult(writer: BridgeWriter, { index, caller, callee, lift }: Adapter): number[] {
  const isReturnedInMemory = lift.type.result !== undefined && caller.results.length === 0;
  const pointer = isReturnedInMemory ? [0x20, ...leb(caller.params.length - 1)] : [];
  const params = [...callee.results, ...(isReturnedInMemory ? (['i32'] as const) : [])];
  return [...pointer, ...writer.call(`b${index}`, { params, results: caller.results })];
}

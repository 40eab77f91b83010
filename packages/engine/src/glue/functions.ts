import { camelCase, pascalCase } from '../binary/names.js';
import type { Plan } from '../plan/plan.js';
import { parseFunctionName } from '../plan/shape.js';
import { liftOf, type Suspension } from '../plan/suspension.js';
import { holdsHandle } from '../plan/type-resolver.js';
import { flatten, maxFlatResults, offsetsOf } from '../plan/type-table.js';
import type { CoreFunc, Func, FuncType, HostFunc, Lift, MemoryContext, ValueType } from '../plan/types.js';
import type { Adapter } from './adapters.js';
import { type Code, member, plus } from './code.js';
import { type Crossing, copyFlat, copyValue } from './copy.js';
import type { Helpers } from './helpers.js';
import { flatValues, liftFlat, load } from './lift.js';
import { lowerFlat, lowerOutcomeFlat, store, storeOutcome } from './lower.js';
import type { Side } from './values.js';

/** What the emitters of functions share. */
export interface Emission {
  readonly plan: Plan;
  readonly suspension: Suspension;
  readonly reentrable: ReadonlySet<number>;
  readonly helpers: Helpers;
  /** Calls within the graph that go through the bridge, by trampoline. */
  readonly adapters: ReadonlyMap<number, Adapter>;
  /** Components that call others without JavaScript noticing: what must not call out of them runs guarded. */
  readonly guarded: ReadonlySet<number>;
  /** Components whose `realloc` or post-return functions are called without JavaScript noticing: all that they call asks whether it may be called. */
  readonly quiet: ReadonlySet<number>;
}

/** Whether a trampoline could be called where that is forbidden, without JavaScript noticing. */
export function isAsking(index: number, { plan, adapters, quiet }: Emission): boolean {
  const trampoline = plan.trampolines[index];
  const kind = adapters.get(index)?.kind;
  if (trampoline === undefined || kind === 'direct' || kind === 'copying') return true;
  return quiet.has(trampoline.kind === 'lower' ? trampoline.context.component : trampoline.component);
}

export function sideOf(context: MemoryContext, handles: Side['handles']): Side {
  return { memory: `m${context.index}`, component: context.component, handles };
}

/** The side of the one who calls a function of this type. */
export function callerSide(context: MemoryContext, handles: Side['handles'], type: FuncType): Side {
  const holds = (kind: 'own' | 'borrow'): boolean => type.params.some((param) => holdsHandle(param.type, kind));
  return { ...sideOf(context, handles), isMixed: holds('own') && holds('borrow') };
}

/** A core function as generated code names it. */
export function coreFuncName(func: CoreFunc, emission: Emission): string {
  if (func.kind === 'export') return member(`i${func.instance}`, func.name);
  const { suspension, adapters } = emission;
  const isBridged =
    suspension.trampolines.has(func.index) || adapters.has(func.index) || isAsking(func.index, emission);
  return isBridged ? `s${func.index}` : `t${func.index}`;
}

/** Lifts the parameters of a call from core values, in registers or spilled to memory; answers expressions. */
export function liftParams(
  code: Code,
  type: FuncType,
  flat: readonly string[],
  side: Side,
  helpers: Helpers,
): string[] {
  const types = type.params.map((param) => param.type);
  if (flatten(types) !== undefined) {
    const values = flatValues(flat);
    return types.map((param) => liftFlat(code, param, values, side, helpers));
  }
  const { offsets, size, align } = offsetsOf(types);
  const pointer = code.hold(`${side.memory}.at(${flat[0]}, ${size}, ${align})`);
  return types.map((param, index) => load(code, param, plus(pointer, offsets[index] ?? 0), side, helpers));
}

/** Lowers the parameters of a call to core values, spilling them to memory when there are too many. */
export function lowerParams(
  code: Code,
  type: FuncType,
  values: readonly string[],
  side: Side,
  helpers: Helpers,
): string[] {
  const types = type.params.map((param) => param.type);
  if (flatten(types) !== undefined) {
    return types.flatMap((param, index) => lowerFlat(code, param, values[index] ?? 'undefined', side, helpers));
  }
  const { offsets, size, align } = offsetsOf(types);
  const pointer = code.hold(`${side.memory}.alloc(${align}, ${size})`);
  types.forEach((param, index) => {
    store(code, param, values[index] ?? 'undefined', plus(pointer, offsets[index] ?? 0), side, helpers);
  });
  return [pointer];
}

/** Copies the parameters of a call, none of which holds a handle, from one component to another; answers core values. */
export function copyParams(
  code: Code,
  type: FuncType,
  flat: readonly string[],
  crossing: Crossing,
  helpers: Helpers,
): string[] {
  const types = type.params.map((param) => param.type);
  if (flatten(types) !== undefined) {
    const values = flatValues(flat);
    return types.flatMap((param) => copyFlat(code, param, values, crossing, helpers));
  }
  const { from, to } = crossing;
  const { offsets, size, align } = offsetsOf(types);
  const source = code.hold(`${from.memory}.at(${flat[0]}, ${size}, ${align})`);
  const target = code.hold(`${to.memory}.alloc(${align}, ${size})`);
  types.forEach((param, index) => {
    const offset = offsets[index] ?? 0;
    copyValue(code, param, plus(source, offset), plus(target, offset), crossing, helpers);
  });
  return [target];
}

/**
 * Copies a result without handles, whose one core value is `value`, to the caller; answers the core value that the caller gets, or undefined for
 * none.
 */
export function copyResult(
  code: Code,
  result: ValueType,
  value: string,
  returnPointer: string,
  crossing: Crossing,
  helpers: Helpers,
): string | undefined {
  if (isInRegisters(result)) return copyFlat(code, result, flatValues([value]), crossing, helpers)[0];
  const { from, to } = crossing;
  const source = code.hold(`${from.memory}.at(${value}, ${result.size}, ${result.align})`);
  const target = code.hold(`${to.memory}.at(${returnPointer}, ${result.size}, ${result.align})`);
  copyValue(code, result, source, target, crossing, helpers);
  return undefined;
}

/** Lifts the result of a core call whose one core result is `value`; answers an expression, or undefined for no result. */
export function liftResult(
  code: Code,
  result: ValueType | undefined,
  value: string,
  side: Side,
  helpers: Helpers,
): string | undefined {
  if (result === undefined) return undefined;
  if (isInRegisters(result)) return liftFlat(code, result, flatValues([value]), side, helpers);
  const pointer = code.hold(`${side.memory}.at(${value}, ${result.size}, ${result.align})`);
  return load(code, result, pointer, side, helpers);
}

/** Lowers the result of a lowered function and returns it, in a register or through the pointer the caller gave. */
export function returnResult(
  code: Code,
  result: ValueType | undefined,
  outcome: { readonly value: string; readonly failed: string | undefined },
  returnPointer: string,
  side: Side,
  helpers: Helpers,
): void {
  if (result === undefined) {
    code.line('return;');
    return;
  }
  const { value, failed } = outcome;
  if (isInRegisters(result)) {
    const flat =
      failed === undefined
        ? lowerFlat(code, result, value, side, helpers)
        : lowerOutcomeFlat(code, result, failed, value, side, helpers);
    code.line(`return ${flat[0] ?? ''};`);
    return;
  }
  const pointer = code.hold(`${side.memory}.at(${returnPointer}, ${result.size}, ${result.align})`);
  if (failed === undefined) store(code, result, value, pointer, side, helpers);
  else storeOutcome(code, result, failed, value, pointer, side, helpers);
  code.line('return;');
}

export function isInRegisters(result: ValueType): boolean {
  return result.flat !== undefined && result.flat.length <= maxFlatResults;
}

export function usesMemory(type: FuncType): boolean {
  const types = type.params.map((param) => param.type);
  if (flatten(types) === undefined || types.some((param) => param.hasPointer)) return true;
  return type.result !== undefined && (!isInRegisters(type.result) || type.result.hasPointer);
}

/** Makes the views current and starts the count of lifted bytes. */
export function begin(code: Code, type: FuncType, side: Side): void {
  if (usesMemory(type)) code.line(`${side.memory}.refresh(); ${side.memory}.lifted = 0;`);
}

/** After handles were lifted and what they refer to has its new owner. */
export function given(code: Code, types: readonly (ValueType | undefined)[], side: Side): void {
  if (types.some((type) => type?.hasHandle === true)) code.line(`c${side.component}.given();`);
}

/** The expression that calls a host function with lifted arguments. */
export function hostCall(host: HostFunc, args: readonly string[]): string {
  const { kind, member: name } = parseFunctionName(host.name);
  switch (kind) {
    case 'constructor':
      return `new h${host.index}(${args.join(', ')})`;
    case 'static':
      return `${member(`h${host.index}`, camelCase(name))}(${args.join(', ')})`;
    case 'method':
      return `${member(args[0] ?? 'undefined', camelCase(name))}(${args.slice(1).join(', ')})`;
    default:
      return `h${host.index}(${args.join(', ')})`;
  }
}

/** The host's object whose presence is checked when a component is linked: a function, or the class of a resource. */
export function hostMember(host: HostFunc): { name: string; method: string | undefined; isClass: boolean } {
  const { kind, resource, member: name } = parseFunctionName(host.name);
  if (kind === 'function') return { name: camelCase(host.name), method: undefined, isClass: false };
  return { name: pascalCase(resource), method: kind === 'constructor' ? undefined : camelCase(name), isClass: true };
}

/** Runs the callee's post-return function, during which it must not call out. */
export function postReturn(code: Code, lift: Lift, args: string, emission: Emission): void {
  if (lift.postReturn === undefined) return;
  const component = `c${lift.context.component}`;
  const func = isGuarded(lift.context, lift.postReturn, emission)
    ? `bridge.q${lift.index}`
    : coreFuncName(lift.postReturn, emission);
  code.line(`${component}.mayLeave = false; ${func}(${args}); ${component}.mayLeave = true;`);
}

/** Whether a function that must not call out of its component could do so without JavaScript noticing. */
export function isGuarded({ component }: MemoryContext, func: CoreFunc, { guarded, adapters }: Emission): boolean {
  return guarded.has(component) && (func.kind === 'export' || adapters.has(func.index));
}

/** The current version of a component-level function: plans are rewritten after functions were resolved. */
export function resolvedLift(emission: Emission, func: Extract<Func, { kind: 'lift' }>): Lift {
  return liftOf(emission.plan, func.lift);
}

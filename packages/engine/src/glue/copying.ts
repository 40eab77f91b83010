import { flatten, payloadsOf } from '../plan/type-table.js';
import type { Lift, MemoryContext, ValueType } from '../plan/types.js';
import { isInRegisters, usesMemory } from './functions.js';
import { numberArrays } from './values.js';

/** Bytes of one string or list beyond which JavaScript takes over: its native checks are quicker there. */
export const mostCopiedBytes = 4096;
/** Parts of the types of one function beyond which code for all of them is not worth its room. */
const mostParts = 64;
/** What the strings and lists of one crossing come to at the most. */
export const mostCrossingBytes: number = mostCopiedBytes * mostParts;

/** Whether WebAssembly can carry a call: all of its values consist of numbers, strings and lists of numbers that are not too many, encoded the same on both sides. */
export function isCopyable({ type, context, core, postReturn }: Lift, caller: MemoryContext): boolean {
  const params = type.params.map((param) => param.type);
  const { result } = type;
  const all = [...params, ...(result === undefined ? [] : [result])];
  const parts = all.reduce((sum, part) => sum + part.weight, 0);
  if (!usesMemory(type) || flatten(params) === undefined || parts > mostParts || !all.every(isMadeOfCopyable))
    return false;
  const isReturnedInMemory = result !== undefined && !isInRegisters(result);
  const needsCallee = isReturnedInMemory || params.some((param) => param.hasPointer);
  return (
    core.kind === 'export' &&
    postReturn?.kind !== 'trampoline' &&
    params.every(keepsItsFlatTypes) &&
    caller.encoding === 'utf8' &&
    context.encoding === 'utf8' &&
    caller.memory !== undefined &&
    (!needsCallee || context.memory !== undefined) &&
    (!params.some((param) => param.hasPointer) || context.realloc?.kind === 'export') &&
    (result?.hasPointer !== true || caller.realloc?.kind === 'export')
  );
}

function isMadeOfCopyable(type: ValueType): boolean {
  switch (type.kind) {
    case 'own':
    case 'borrow':
      return false;
    case 'list':
      return isNumber(type.element);
    default:
      return partsOf(type).every((part) => part === undefined || isMadeOfCopyable(part));
  }
}

/** Whether the elements of a list can be copied as the bytes that they are. */
function isNumber({ kind }: ValueType): boolean {
  return kind === 'u8' || numberArrays.has(kind);
}

/** Whether no case of a variant has to share a core value with one of another type. */
function keepsItsFlatTypes(type: ValueType): boolean {
  const parts = partsOf(type);
  if (!parts.every((part) => part === undefined || keepsItsFlatTypes(part))) return false;
  if (type.kind === 'record' || type.kind === 'tuple') return true;
  return parts.every((part) => part?.flat?.every((flat, index) => flat === type.flat?.[index + 1]) ?? true);
}

function partsOf(type: ValueType): readonly (ValueType | undefined)[] {
  if (type.kind === 'record') return type.fields.map((field) => field.type);
  return type.kind === 'tuple' ? type.elements : payloadsOf(type);
}

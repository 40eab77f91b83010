import type { CanonOptions } from '../binary/ast.js';
import type { CoreFuncType, CoreValueType } from '../binary/core-module.js';
import { invalid } from '../invalid.js';
import type { Scope } from './scope.js';
import { coreSignature, flatten, maxFlatResults } from './type-table.js';
import type { CoreFunc, FuncType } from './types.js';

/** Checks that a lift has the core signature and the options that its type needs. */
export function checkLift(core: CoreFunc, type: FuncType, options: CanonOptions, scope: Scope): void {
  const expected = coreSignature(type, 'lift');
  checkSignature(core, expected, 'a lifted function');
  const needsRealloc = type.params.some((param) => param.type.hasPointer) || isSpilled(type);
  const needsMemory = needsRealloc || type.result?.hasPointer === true || isReturnedInMemory(type);
  checkOptions(options, needsMemory, needsRealloc, 'lift');
  if (options.postReturn !== undefined) {
    checkSignature(
      coreFunc(scope, options.postReturn),
      { params: expected.results, results: [] },
      'a post-return function',
    );
  }
}

/** Checks that a lower has the options that its type needs. */
export function checkLower(type: FuncType, options: CanonOptions): void {
  const needsRealloc = type.result?.hasPointer === true;
  const needsMemory =
    needsRealloc || type.params.some((param) => param.type.hasPointer) || isSpilled(type) || isReturnedInMemory(type);
  checkOptions(options, needsMemory, needsRealloc, 'lower');
  if (options.postReturn !== undefined) throw invalid('a canon lower has a post-return option');
}

export function coreFunc(scope: Scope, index: number): CoreFunc {
  const item = scope.coreItem('func', index);
  if (item.kind !== 'export' && item.kind !== 'trampoline') throw invalid(`core function ${index} is a ${item.kind}`);
  return item;
}

/** A core function must have exactly the signature it is used with; V8 would convert arguments instead of refusing them. */
export function checkSignature(func: CoreFunc, expected: CoreFuncType, what: string): void {
  if (func.type !== undefined && !isSameSignature(func.type, expected)) {
    throw invalid(`${what} has the core type ${describe(func.type)}, expected ${describe(expected)}`);
  }
}

export function isSameSignature(a: CoreFuncType, b: CoreFuncType): boolean {
  return isSameList(a.params, b.params) && isSameList(a.results, b.results);
}

export const reallocSignature: CoreFuncType = { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] };

function checkOptions(options: CanonOptions, needsMemory: boolean, needsRealloc: boolean, what: string): void {
  if (needsMemory && options.memory === undefined) throw invalid(`a canon ${what} needs a memory option`);
  if (needsRealloc && options.realloc === undefined) throw invalid(`a canon ${what} needs a realloc option`);
}

function isSpilled(type: FuncType): boolean {
  return flatten(type.params.map((param) => param.type)) === undefined;
}

function isReturnedInMemory({ result }: FuncType): boolean {
  return result !== undefined && (result.flat === undefined || result.flat.length > maxFlatResults);
}

function isSameList(a: readonly CoreValueType[], b: readonly CoreValueType[]): boolean {
  return a.length === b.length && a.every((type, index) => type === b[index]);
}

function describe(type: CoreFuncType): string {
  return `(${type.params.join(', ')}) -> (${type.results.join(', ')})`;
}

import { invalid } from '../invalid.js';
import type { Instance, Item, TypeItem } from './scope.js';
import type { Func, FuncType, Resource } from './types.js';

/**
 * Where the members of a declared instance come from. Evaluating an instance type asks for each export in turn: the host's provider makes it
 * up, the one of an actual instance looks it up and compares.
 */
export interface Provider {
  func(name: string, type: FuncType): Func;
  /** What a declared `(sub resource)` stands for. */
  resource(name: string): Resource;
  /** What a declared `(eq T)` stands for, given `T`. */
  type(name: string, declared: TypeItem): TypeItem;
  instance(name: string): Provider;
}

/** Looks members up in an instance that exists, and refuses what does not fit the declaration. */
export function actualProvider(actual: Instance, what: string): Provider {
  const find = <S extends Item['sort']>(name: string, sort: S): Extract<Item, { sort: S }> => {
    const item = actual.get(name);
    if (item === undefined) throw invalid(`${what} lacks ${name}`);
    if (!hasSort(item, sort)) throw invalid(`${name} of ${what} is a ${item.sort}, expected a ${sort}`);
    return item;
  };
  return {
    func(name, type) {
      const { func } = find(name, 'func');
      checkSameFunc(func.type, type, `${name} of ${what}`);
      return func;
    },
    resource(name) {
      const { type } = find(name, 'type');
      if (type.kind !== 'resource') throw invalid(`${name} of ${what} is not a resource`);
      return type.resource;
    },
    type(name, declared) {
      const { type } = find(name, 'type');
      checkSameType(type, declared, `${name} of ${what}`);
      return type;
    },
    instance: (name) => actualProvider(find(name, 'instance').instance, `${name} of ${what}`),
  };
}

/** Types are interned, so equal ones are the same object. */
export function checkSameType(actual: TypeItem, declared: TypeItem, what: string): void {
  if (actual.kind === 'value' && declared.kind === 'value' && actual.type === declared.type) return;
  if (actual.kind === 'resource' && declared.kind === 'resource' && actual.resource === declared.resource) return;
  if (actual.kind === 'func' && declared.kind === 'func') return checkSameFunc(actual.type, declared.type, what);
  if (actual.kind === declared.kind && (actual.kind === 'instance' || actual.kind === 'component')) return;
  throw invalid(`the type ${what} is not the one that was declared`);
}

function checkSameFunc(actual: FuncType, declared: FuncType, what: string): void {
  const isSame =
    actual.result === declared.result &&
    actual.params.length === declared.params.length &&
    actual.params.every((param, index) => param.type === declared.params[index]?.type);
  if (!isSame) throw invalid(`the function ${what} does not have the type that was declared`);
}

function hasSort<S extends Item['sort']>(item: Item, sort: S): item is Extract<Item, { sort: S }> {
  return item.sort === sort;
}

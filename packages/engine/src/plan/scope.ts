import type { ComponentAst, CoreSort, Declaration, Sort } from '../binary/ast.js';
import { invalid } from '../invalid.js';
import type { CoreFunc, CoreItem, Func, FuncType, Resource, ValueType } from './types.js';

/** A component-level definition with everything it refers to resolved. */
export type Item =
  | { readonly sort: 'core-module'; readonly module: number }
  | { readonly sort: 'func'; readonly func: Func }
  | { readonly sort: 'type'; readonly type: TypeItem }
  | { readonly sort: 'component'; readonly component: ComponentClosure }
  | { readonly sort: 'instance'; readonly instance: Instance };

/** What a type index can stand for. */
export type TypeItem =
  | { readonly kind: 'value'; readonly type: ValueType }
  | { readonly kind: 'func'; readonly type: FuncType }
  | { readonly kind: 'resource'; readonly resource: Resource }
  | { readonly kind: 'instance'; readonly declarations: readonly Declaration[]; readonly scope: Scope }
  | { readonly kind: 'component' };

/** A component definition with the scope around it, for outer aliases. */
export interface ComponentClosure {
  readonly ast: ComponentAst;
  readonly scope: Scope | undefined;
}

/** A component instance as others see it: its exports. */
export type Instance = ReadonlyMap<string, Item>;

/** A core instance: one that the plan instantiates, or a bag of items under new names. */
export type CoreInstance =
  | { readonly kind: 'module'; readonly index: number; readonly module: number }
  | { readonly kind: 'bag'; readonly items: ReadonlyMap<string, CoreItem> };

/** The index spaces of one component, or of one instance type, while it is being evaluated. */
export class Scope {
  readonly parent: Scope | undefined;
  readonly coreModules: number[] = [];
  readonly coreInstances: CoreInstance[] = [];
  readonly coreFuncs: CoreFunc[] = [];
  readonly coreTables: CoreItem[] = [];
  readonly coreMemories: CoreItem[] = [];
  readonly coreGlobals: CoreItem[] = [];
  readonly coreTags: CoreItem[] = [];
  readonly components: ComponentClosure[] = [];
  readonly instances: Instance[] = [];
  readonly funcs: Func[] = [];
  readonly types: TypeItem[] = [];

  constructor(parent: Scope | undefined) {
    this.parent = parent;
  }

  /** The scope `depth` steps out; 0 is this one. */
  outer(depth: number): Scope {
    let scope: Scope = this;
    for (let step = 0; step < depth; step++) {
      if (scope.parent === undefined)
        throw invalid(`an alias refers ${depth} scopes out, which is further than there are`);
      scope = scope.parent;
    }
    return scope;
  }

  /** Puts `item` at the end of its index space. */
  add(item: Item): void {
    switch (item.sort) {
      case 'core-module':
        this.coreModules.push(item.module);
        return;
      case 'func':
        this.funcs.push(item.func);
        return;
      case 'type':
        this.types.push(item.type);
        return;
      case 'component':
        this.components.push(item.component);
        return;
      case 'instance':
        this.instances.push(item.instance);
    }
  }

  addCore(item: CoreItem): void {
    switch (item.kind) {
      case 'export':
      case 'trampoline':
        this.coreFuncs.push(item);
        return;
      case 'table':
        this.coreTables.push(item);
        return;
      case 'memory':
        this.coreMemories.push(item);
        return;
      case 'global':
        this.coreGlobals.push(item);
        return;
      case 'tag':
        this.coreTags.push(item);
    }
  }

  /** The item at `index` of the space of `sort`. */
  item(sort: Sort, core: CoreSort | undefined, index: number): Item {
    if (sort === 'core' && core === 'module')
      return { sort: 'core-module', module: found(this.coreModules, index, 'core module') };
    switch (sort) {
      case 'func':
        return { sort, func: found(this.funcs, index, 'function') };
      case 'type':
        return { sort, type: found(this.types, index, 'type') };
      case 'component':
        return { sort, component: found(this.components, index, 'component') };
      case 'instance':
        return { sort, instance: found(this.instances, index, 'instance') };
      default:
        throw invalid(`a ${core ?? sort} cannot be used here`);
    }
  }

  coreItem(sort: CoreSort, index: number): CoreItem {
    switch (sort) {
      case 'func':
        return found(this.coreFuncs, index, 'core function');
      case 'table':
        return found(this.coreTables, index, 'core table');
      case 'memory':
        return found(this.coreMemories, index, 'core memory');
      case 'global':
        return found(this.coreGlobals, index, 'core global');
      case 'tag':
        return found(this.coreTags, index, 'core tag');
      default:
        throw invalid(`a core ${sort} cannot be used here`);
    }
  }
}

function found<T>(items: readonly T[], index: number, what: string): T {
  const item = items[index];
  if (item === undefined) throw invalid(`there is no ${what} with index ${index}`);
  return item;
}

import type {
  CanonAst,
  CanonOptions,
  CoreInstanceExpression,
  Definition,
  ExternTypeAst,
  SortIndex,
} from '../binary/ast.js';
import { at, invalid, unsupported } from '../invalid.js';
import { quoted } from '../printable.js';
import { checkLift, checkLower, checkSignature, coreFunc, reallocSignature } from './canon.js';
import type { HostFuncPlan, PlannedCoreInstance, PlannedModule } from './plan.js';
import { actualProvider, type Provider } from './providers.js';
import { type ComponentClosure, type CoreInstance, type Instance, type Item, Scope, type TypeItem } from './scope.js';
import { TypeResolver } from './type-resolver.js';
import { coreSignature, type TypeTable } from './type-table.js';
import type { CoreExternRef, CoreFunc, CoreItem, Lift, MemoryContext, Resource, Trampoline } from './types.js';

/** Instantiations multiply: a small binary can ask for 2^30 instances. Real ones stay far below this. */
const maxDefinitions = 10_000;
const maxModules = 1_000;
const maxCoreInstances = 1_000;
const maxComponentInstances = 1_000;

/** Supplies what a component imports. */
export type Supply = (name: string, extern: ExternTypeAst, scope: Scope) => Item;

/**
 * An abstract interpreter: runs every definition of a component once, with symbolic values, and writes down what is left to do at
 * instantiation. Nested components, aliases and re-exports vanish here.
 */
export class Planner {
  readonly modules: PlannedModule[] = [];
  readonly coreInstances: PlannedCoreInstance[] = [];
  readonly trampolines: Trampoline[] = [];
  readonly contexts: MemoryContext[] = [];
  readonly lifts: Lift[] = [];
  readonly hostFuncs: HostFuncPlan[] = [];
  readonly resources: Resource[] = [];
  readonly componentInstances: string[] = [];
  readonly resolver: TypeResolver;
  readonly #moduleIndices = new Map<Uint8Array, number>();
  readonly #contexts = new Map<string, MemoryContext>();
  #definitionCount = 0;

  constructor(table: TypeTable) {
    this.resolver = new TypeResolver(table);
  }

  /** Runs a component definition; answers its exports. */
  instantiate(closure: ComponentClosure, unit: string, supply: Supply): Instance {
    const scope = new Scope(closure.scope);
    const component = this.componentInstances.push(unit) - 1;
    if (component >= maxComponentInstances)
      throw invalid(`it expands to more than ${maxComponentInstances} component instances`);
    const exports = new Map<string, Item>();
    const imported = new Set<string>();
    for (const definition of closure.ast.definitions) {
      if (++this.#definitionCount > maxDefinitions)
        throw invalid(`it expands to more than ${maxDefinitions} definitions`);
      if (definition.kind === 'import') {
        const { name } = definition.name;
        if (imported.has(name)) throw invalid(`it imports ${name} twice`);
        imported.add(name);
      }
      this.#define(definition, scope, component, supply, exports);
    }
    return exports;
  }

  /** Plans a component of the graph, whose definitions are counted by themselves. */
  countAnew<T>(plan: () => T): T {
    const count = this.#definitionCount;
    this.#definitionCount = 0;
    const planned = plan();
    this.#definitionCount = count;
    return planned;
  }

  /** What the declared type of an import or export stands for, its members coming from `provider`. */
  declare(name: string, extern: ExternTypeAst, scope: Scope, provider: Provider): Item {
    switch (extern.kind) {
      case 'func':
        return { sort: 'func', func: provider.func(name, this.resolver.funcType(extern.type, scope)) };
      case 'type': {
        const declared = this.resolver.bound(extern, scope);
        if (declared !== undefined) return { sort: 'type', type: provider.type(name, declared) };
        return { sort: 'type', type: { kind: 'resource', resource: provider.resource(name) } };
      }
      case 'instance': {
        const type = at(scope.types, extern.type, 'type');
        if (type.kind !== 'instance') throw invalid(`type ${extern.type} is not an instance type`);
        return { sort: 'instance', instance: this.#instanceOf(type, provider.instance(name)) };
      }
      default:
        throw unsupported(`an import of a ${extern.kind}`);
    }
  }

  addResource(name: string, owner: number | undefined, destructor: CoreFunc | undefined): Resource {
    const resource = { id: this.resources.length, name, owner, destructor };
    this.resources.push(resource);
    return resource;
  }

  #define(definition: Definition, scope: Scope, component: number, supply: Supply, exports: Map<string, Item>): void {
    switch (definition.kind) {
      case 'core-module':
        scope.coreModules.push(this.#module(definition, component));
        return;
      case 'core-instance':
        scope.coreInstances.push(this.#coreInstance(definition.expression, scope));
        return;
      case 'component':
        scope.components.push({ ast: definition.component, scope });
        return;
      case 'instance':
        scope.instances.push(this.#instance(definition.expression, scope, component));
        return;
      case 'alias':
        this.#alias(definition.alias, scope);
        return;
      case 'type':
        scope.types.push(this.#type(definition.type, scope, component));
        return;
      case 'canon':
        this.#canon(definition.canon, scope, component);
        return;
      case 'import':
        scope.add(supply(definition.name.name, definition.extern, scope));
        return;
      case 'export': {
        const { name } = definition.name;
        const item = scope.item(definition.item.sort, definition.item.core, definition.item.index);
        if (exports.has(name)) throw invalid(`it exports ${name} twice`);
        exports.set(name, item);
        scope.add(item);
      }
    }
  }

  #module({ bytes, info }: Extract<Definition, { kind: 'core-module' }>, component: number): number {
    const known = this.#moduleIndices.get(bytes);
    if (known !== undefined) return known;
    if (this.modules.length >= maxModules) throw invalid(`it has more than ${maxModules} core modules`);
    const unit = this.componentInstances[component] ?? '';
    const index = this.modules.push({ bytes, info, unit }) - 1;
    this.#moduleIndices.set(bytes, index);
    return index;
  }

  #coreInstance(expression: CoreInstanceExpression, scope: Scope): CoreInstance {
    if (expression.kind === 'exports') {
      const items = new Map<string, CoreItem>();
      for (const { name, sort, index } of expression.exports) {
        if (items.has(name)) throw invalid('a core instance has an export twice');
        items.set(name, scope.coreItem(sort, index));
      }
      return { kind: 'bag', items };
    }
    const module = at(scope.coreModules, expression.module, 'core module');
    const args = new Map<string, CoreInstance>();
    for (const { name, instance } of expression.args) {
      if (args.has(name)) throw invalid('a core module is given an argument twice');
      args.set(name, at(scope.coreInstances, instance, 'core instance'));
    }
    const { info } = at(this.modules, module, 'core module');
    const imports = info.imports.map((wanted) => {
      const item = this.#coreExport(args.get(wanted.module), wanted.name);
      const kind = item.kind === 'export' || item.kind === 'trampoline' ? 'func' : item.kind;
      if (kind !== wanted.kind) throw invalid(`a core module imports a ${wanted.kind} and is given a ${kind}`);
      if (wanted.type !== undefined && (item.kind === 'export' || item.kind === 'trampoline')) {
        checkSignature(item, wanted.type, 'an import of a core module');
      }
      return { module: wanted.module, name: wanted.name, item };
    });
    if (this.coreInstances.length >= maxCoreInstances)
      throw invalid(`it expands to more than ${maxCoreInstances} core instances`);
    return { kind: 'module', index: this.coreInstances.push({ module, imports }) - 1, module };
  }

  #coreExport(instance: CoreInstance | undefined, name: string): CoreItem {
    if (instance?.kind === 'bag') {
      const item = instance.items.get(name);
      if (item !== undefined) return item;
    }
    if (instance?.kind === 'module') {
      const found = this.modules[instance.module]?.info.exports.get(name);
      if (found?.kind === 'func') return { kind: 'export', instance: instance.index, name, type: found.type };
      if (found !== undefined) return { kind: found.kind, instance: instance.index, name };
    }
    throw invalid(`a core instance does not export ${quoted(name)}`);
  }

  #instance(
    expression: Extract<Definition, { kind: 'instance' }>['expression'],
    scope: Scope,
    component: number,
  ): Instance {
    const items = new Map<string, Item>();
    const named = expression.kind === 'exports' ? expression.exports : expression.args;
    for (const { name, item } of named) {
      if (items.has(name)) throw invalid(`an instance has ${quoted(name)} twice`);
      items.set(name, scope.item(item.sort, item.core, item.index));
    }
    if (expression.kind === 'exports') return items;
    const closure = at(scope.components, expression.component, 'component');
    return this.instantiate(closure, this.componentInstances[component] ?? '', (name, extern, inner) =>
      this.#argument(name, extern, inner, items),
    );
  }

  #argument(name: string, extern: ExternTypeAst, scope: Scope, args: ReadonlyMap<string, Item>): Item {
    const item = args.get(name);
    if (item === undefined) throw invalid(`a nested component is not given its import ${name}`);
    if (extern.kind === 'core-module' || extern.kind === 'component') {
      if (item.sort !== extern.kind) throw invalid(`a nested component is given a ${item.sort} for its import ${name}`);
      return item;
    }
    this.declare(name, extern, scope, actualProvider(args, 'the arguments of a nested component'));
    return item;
  }

  #instanceOf(type: Extract<TypeItem, { kind: 'instance' }>, provider: Provider): Instance {
    const scope = new Scope(type.scope);
    const items = new Map<string, Item>();
    for (const declaration of type.declarations) {
      if (++this.#definitionCount > maxDefinitions)
        throw invalid(`it expands to more than ${maxDefinitions} definitions`);
      if (declaration.kind === 'alias') this.#alias(declaration.alias, scope);
      else if (declaration.kind === 'type') {
        if (declaration.type.kind === 'resource') throw invalid('an instance type defines a resource');
        scope.types.push(this.resolver.resolve(declaration.type, scope));
      } else {
        const { name } = declaration.name;
        if (items.has(name)) throw invalid(`an instance type exports ${name} twice`);
        const item = this.declare(name, declaration.extern, scope, provider);
        items.set(name, item);
        scope.add(item);
      }
    }
    return items;
  }

  #alias(alias: Extract<Definition, { kind: 'alias' }>['alias'], scope: Scope): void {
    const { item } = alias;
    switch (alias.target) {
      case 'export': {
        const found = at(scope.instances, item.index, 'instance').get(alias.name);
        if (found === undefined || !matchesSort(found, item)) {
          throw invalid(
            `instance ${item.index} does not export a ${item.core ?? item.sort} named ${quoted(alias.name)}`,
          );
        }
        scope.add(found);
        return;
      }
      case 'core-export': {
        const found = this.#coreExport(at(scope.coreInstances, item.index, 'core instance'), alias.name);
        const kind = found.kind === 'export' || found.kind === 'trampoline' ? 'func' : found.kind;
        if (item.sort !== 'core' || kind !== item.core)
          throw invalid(`a core alias expects a ${item.core ?? item.sort} and finds a ${kind}`);
        scope.addCore(found);
        return;
      }
      case 'outer': {
        const isAllowed = item.sort === 'type' || item.sort === 'component' || item.core === 'module';
        if (!isAllowed) throw invalid(`an outer alias of a ${item.core ?? item.sort} is not allowed`);
        scope.add(scope.outer(alias.depth).item(item.sort, item.core, item.index));
      }
    }
  }

  #type(ast: Extract<Definition, { kind: 'type' }>['type'], scope: Scope, component: number): TypeItem {
    if (ast.kind !== 'resource') return this.resolver.resolve(ast, scope);
    const destructor = ast.destructor === undefined ? undefined : coreFunc(scope, ast.destructor);
    if (destructor !== undefined) checkSignature(destructor, { params: ['i32'], results: [] }, 'a destructor');
    return { kind: 'resource', resource: this.addResource('resource', component, destructor) };
  }

  #canon(canon: CanonAst, scope: Scope, component: number): void {
    switch (canon.kind) {
      case 'lift': {
        const type = this.resolver.funcType(canon.type, scope);
        const core = coreFunc(scope, canon.func);
        checkLift(core, type, canon.options, scope);
        const context = this.#context(canon.options, scope, component);
        const postReturn =
          canon.options.postReturn === undefined ? undefined : coreFunc(scope, canon.options.postReturn);
        const lift = { index: this.lifts.length, core, type, context, postReturn };
        this.lifts.push(lift);
        scope.funcs.push({ kind: 'lift', lift, type });
        return;
      }
      case 'lower': {
        const func = at(scope.funcs, canon.func, 'function');
        checkLower(func.type, canon.options);
        const context = this.#context(canon.options, scope, component);
        scope.coreFuncs.push(
          this.#trampoline({ kind: 'lower', func, context, core: coreSignature(func.type, 'lower') }),
        );
        return;
      }
      default: {
        const resource = this.resolver.resource(canon.resource, scope);
        if (canon.kind !== 'resource.drop' && resource.owner !== component) {
          throw invalid(`${canon.kind} of a resource that another component defines`);
        }
        const results = canon.kind === 'resource.drop' ? [] : (['i32'] as const);
        scope.coreFuncs.push(
          this.#trampoline({ kind: canon.kind, resource, component, core: { params: ['i32'], results } }),
        );
      }
    }
  }

  #trampoline(trampoline: Trampoline): CoreFunc {
    return { kind: 'trampoline', index: this.trampolines.push(trampoline) - 1, type: trampoline.core };
  }

  /** Canonical options that resolve to the same memory, realloc and encoding share one context. */
  #context(options: CanonOptions, scope: Scope, component: number): MemoryContext {
    const memory = options.memory === undefined ? undefined : memoryRef(scope, options.memory);
    const realloc = options.realloc === undefined ? undefined : coreFunc(scope, options.realloc);
    if (realloc !== undefined) checkSignature(realloc, reallocSignature, 'a realloc function');
    const key = JSON.stringify([component, options.encoding, refKey(memory), refKey(realloc)]);
    const known = this.#contexts.get(key);
    if (known !== undefined) return known;
    const context = { index: this.contexts.length, component, encoding: options.encoding, memory, realloc };
    this.contexts.push(context);
    this.#contexts.set(key, context);
    return context;
  }
}

function memoryRef(scope: Scope, index: number): CoreExternRef {
  const item = scope.coreItem('memory', index);
  if (item.kind !== 'memory') throw invalid(`core memory ${index} is a ${item.kind}`);
  return item;
}

/** What tells a core item from others of its kind. */
function refKey(item: CoreItem | undefined): readonly unknown[] {
  if (item === undefined) return [];
  return item.kind === 'trampoline' ? [item.index] : [item.instance, item.name];
}

function matchesSort(item: Item, wanted: SortIndex): boolean {
  return item.sort === 'core-module' ? wanted.core === 'module' : item.sort === wanted.sort;
}

import type {
  ComponentShape,
  FunctionKind,
  FunctionShape,
  InterfaceId,
  InterfaceShape,
  ResourceOwner,
  TypeShape,
} from '@lodge/core';
import type { GraphPlan } from './graph.js';
import type { Instance } from './scope.js';
import type { FuncType, Resource, ValueType } from './types.js';

/** A plan's imports and exports, as the SPI states them. */
export function shapeOf({ plan, imports }: GraphPlan): ComponentShape {
  const describer = new Describer();
  for (const { item, externName } of imports) {
    if (item.sort === 'instance') describer.name(item.instance, { direction: 'import', externName });
  }
  for (const [externName, item] of plan.exports) {
    if (item.sort === 'instance') describer.name(item.instance, { direction: 'export', externName });
  }
  const importShapes: InterfaceShape[] = [];
  const importedFunctions: FunctionShape[] = [];
  for (const { externName, implements: implemented, item, resources } of imports) {
    if (item.sort === 'func') importedFunctions.push(describer.func(externName, item.func.type));
    if (item.sort !== 'instance') continue;
    importShapes.push({
      externName,
      id: interfaceId(implemented ?? externName),
      functions: describer.funcs(item.instance),
      resources,
    });
  }
  const exportShapes: InterfaceShape[] = [];
  const exportedFunctions: FunctionShape[] = [];
  for (const [externName, item] of plan.exports) {
    if (item.sort === 'func') exportedFunctions.push(describer.func(externName, item.func.type));
    if (item.sort !== 'instance') continue;
    exportShapes.push({
      externName,
      id: interfaceId(externName),
      functions: describer.funcs(item.instance),
      resources: guestResources(item.instance),
    });
  }
  return { imports: importShapes, exports: exportShapes, importedFunctions, exportedFunctions };
}

function interfaceId(name: string): InterfaceId | undefined {
  return isInterfaceId(name) ? name : undefined;
}

function isInterfaceId(name: string): name is InterfaceId {
  return name.includes(':') && name.includes('/');
}

function guestResources(instance: Instance): string[] {
  const names: string[] = [];
  for (const [name, item] of instance) {
    if (item.sort === 'type' && item.type.kind === 'resource' && item.type.resource.owner !== undefined)
      names.push(name);
  }
  return names;
}

/** The parts of a WIT function name such as `[method]input-stream.read`. */
export function parseFunctionName(name: string): { kind: FunctionKind; resource: string; member: string } {
  const match = /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/.exec(name);
  if (match === null) return { kind: 'function', resource: '', member: name };
  const [, kind, resource = '', member = ''] = match;
  return { kind: kind === 'constructor' || kind === 'method' ? kind : 'static', resource, member };
}

class Describer {
  readonly #types = new Map<ValueType, TypeShape>();
  readonly #resources = new Map<Resource, { readonly resource: string; readonly owner: ResourceOwner }>();

  /** Remembers the names under which an interface exports resources, the first one for each: that interface defines it, later ones use it. */
  name(instance: Instance, owner: ResourceOwner): void {
    for (const [name, item] of instance) {
      if (item.sort !== 'type' || item.type.kind !== 'resource' || this.#resources.has(item.type.resource)) continue;
      this.#resources.set(item.type.resource, { resource: name, owner });
    }
  }

  funcs(instance: Instance): FunctionShape[] {
    const shapes: FunctionShape[] = [];
    for (const [name, item] of instance) if (item.sort === 'func') shapes.push(this.func(name, item.func.type));
    return shapes;
  }

  func(name: string, type: FuncType): FunctionShape {
    return {
      name,
      kind: parseFunctionName(name).kind,
      isAsync: false,
      params: type.params.map((param) => ({ name: param.name, type: this.type(param.type) })),
      result: this.#optional(type.result),
    };
  }

  /** Equal types share one object, so a deep type does not multiply. */
  type(type: ValueType): TypeShape {
    const known = this.#types.get(type);
    if (known !== undefined) return known;
    const shape = this.#describe(type);
    this.#types.set(type, shape);
    return shape;
  }

  #describe(type: ValueType): TypeShape {
    switch (type.kind) {
      case 'list':
        return { kind: 'list', element: this.type(type.element) };
      case 'record':
        return {
          kind: 'record',
          fields: type.fields.map((field) => ({ name: field.name, type: this.type(field.type) })),
        };
      case 'tuple':
        return { kind: 'tuple', elements: type.elements.map((element) => this.type(element)) };
      case 'variant':
        return {
          kind: 'variant',
          cases: type.cases.map((item) => ({ name: item.name, type: this.#optional(item.type) })),
        };
      case 'enum':
        return { kind: 'enum', cases: type.names };
      case 'flags':
        return { kind: 'flags', names: type.names };
      case 'option':
        return { kind: 'option', some: this.type(type.some) };
      case 'result':
        return { kind: 'result', ok: this.#optional(type.ok), err: this.#optional(type.err) };
      case 'own':
      case 'borrow':
        return {
          kind: type.kind,
          ...(this.#resources.get(type.resource) ?? { resource: type.resource.name, owner: undefined }),
        };
      default:
        return { kind: type.kind };
    }
  }

  #optional(type: ValueType | undefined): TypeShape | undefined {
    return type === undefined ? undefined : this.type(type);
  }
}

import { HostError } from '@lodge/core';
import type { ComponentAst, Definition, ExternTypeAst } from '../binary/ast.js';
import { unsupported } from '../invalid.js';
import type { Plan } from './plan.js';
import { Planner, type Supply } from './planner.js';
import { actualProvider, type Provider } from './providers.js';
import type { Instance, Item, Scope } from './scope.js';
import { TypeTable } from './type-table.js';
import type { Func, FuncType, Resource } from './types.js';

/** A component of a graph, parsed. */
export interface GraphUnit {
  readonly name: string;
  readonly ast: ComponentAst;
  readonly suspendingImports: ReadonlySet<string>;
  /** Imports served by another unit, by their extern name. */
  readonly links: ReadonlyMap<string, { readonly unit: GraphUnit; readonly externName: string }>;
}

/** An import of the root component that the host serves, as {@link planGraph} met it. */
export interface HostImport {
  readonly externName: string;
  readonly implements: string | undefined;
  readonly item: Item;
  /** Resources that the import itself defines, by WIT name. */
  readonly resources: readonly string[];
}

export interface GraphPlan {
  readonly plan: Plan;
  /** What the root component imports, linked or not, in its order. */
  readonly imports: readonly HostImport[];
}

/** Plans the instantiation of a component and of everything linked to it as one graph. */
export function planGraph(root: GraphUnit): GraphPlan {
  const graph = new Graph();
  const exports = graph.instantiate(root);
  const { modules, coreInstances, trampolines, contexts, lifts, hostFuncs, resources, componentInstances } =
    graph.planner;
  return {
    plan: { modules, coreInstances, trampolines, contexts, lifts, hostFuncs, resources, componentInstances, exports },
    imports: graph.importsOf(root),
  };
}

class Graph {
  readonly planner: Planner = new Planner(new TypeTable());
  readonly #instances = new Map<GraphUnit, Instance>();
  readonly #imports = new Map<GraphUnit, HostImport[]>();
  readonly #active = new Set<GraphUnit>();
  readonly #hostResources = new Map<string, Resource>();

  importsOf(unit: GraphUnit): readonly HostImport[] {
    return this.#imports.get(unit) ?? [];
  }

  /** Each unit occurs once in a graph, also in a diamond. */
  instantiate(unit: GraphUnit): Instance {
    const known = this.#instances.get(unit);
    if (known !== undefined) return known;
    if (this.#active.has(unit)) {
      throw new HostError(
        'ERR_LINK_CYCLIC',
        `Component ${JSON.stringify(unit.name)} is linked to itself through its imports; break the cycle.`,
      );
    }
    this.#active.add(unit);
    const attributes = attributesOf(unit.ast);
    const imports: HostImport[] = [];
    this.#imports.set(unit, imports);
    const supply: Supply = (name, extern, scope) => {
      const link = unit.links.get(name);
      const resources: string[] = [];
      const item =
        link === undefined
          ? this.planner.declare(name, extern, scope, this.#hostProvider(unit, resources))
          : this.#linked(unit, name, link, extern, scope);
      imports.push({ externName: name, implements: attributes.get(name), item, resources });
      return item;
    };
    const closure = { ast: unit.ast, scope: undefined };
    const instance = this.planner.countAnew(() => this.planner.instantiate(closure, unit.name, supply));
    this.#active.delete(unit);
    this.#instances.set(unit, instance);
    return instance;
  }

  #linked(
    unit: GraphUnit,
    name: string,
    link: { readonly unit: GraphUnit; readonly externName: string },
    extern: ExternTypeAst,
    scope: Scope,
  ): Item {
    const item = this.instantiate(link.unit).get(link.externName);
    if (item === undefined) {
      throw new HostError(
        'ERR_EXPORT_NOT_FOUND',
        `Component ${JSON.stringify(link.unit.name)} does not export ${link.externName}, which ${JSON.stringify(unit.name)} imports from it.`,
      );
    }
    const what = `component ${JSON.stringify(link.unit.name)}, linked to ${JSON.stringify(unit.name)},`;
    this.planner.declare(name, extern, scope, actualProvider(new Map([[name, item]]), what));
    return item;
  }

  /** Makes up what the host provides: functions to be resolved at instantiation, resources whose values are host objects. */
  #hostProvider(unit: GraphUnit, resources: string[], externName = ''): Provider {
    return {
      func: (name, type) => this.#hostFunc(unit, externName, name, type),
      resource: (name) => {
        resources.push(name);
        return this.#hostResource(unit, externName, name);
      },
      type: (_name, declared) => declared,
      instance: (name) => {
        if (externName !== '') throw unsupported('an imported instance inside an imported instance');
        return this.#hostProvider(unit, resources, name);
      },
    };
  }

  #hostFunc(unit: GraphUnit, externName: string, name: string, type: FuncType): Func {
    const isSuspending = unit.suspendingImports.has(`${externName}#${name}`);
    const { hostFuncs } = this.planner;
    const host = { index: hostFuncs.length, unit: unit.name, externName, name, isSuspending, type };
    hostFuncs.push(host);
    return { kind: 'host', host, type };
  }

  /**
   * The host's `input-stream` is one type, whichever component of the graph names it and with whichever patch version, so that handles can
   * be passed along.
   */
  #hostResource(unit: GraphUnit, externName: string, name: string): Resource {
    const track = versionTrack(externName);
    const key = JSON.stringify([track ?? `${unit.name} ${externName}`, name]);
    const known = this.#hostResources.get(key);
    if (known !== undefined) return known;
    const resource = this.planner.addResource(name, undefined, undefined);
    this.#hostResources.set(key, resource);
    return resource;
  }
}

/** `wasi:io/streams@0.2.3` is on the track `wasi:io/streams@0.2`; a label or a pre-release is on none or its own. */
function versionTrack(externName: string): string | undefined {
  if (!externName.includes(':')) return undefined;
  const match = /^(.*)@(\d+)\.(\d+)\.\d+$/.exec(externName);
  if (match === null) return externName;
  const [, id, major, minor] = match;
  return major === '0' ? `${id}@0.${minor}` : `${id}@${major}`;
}

function attributesOf(ast: ComponentAst): ReadonlyMap<string, string | undefined> {
  const imports = ast.definitions.filter(
    (item): item is Extract<Definition, { kind: 'import' }> => item.kind === 'import',
  );
  return new Map(imports.map(({ name }) => [name.name, name.implements]));
}

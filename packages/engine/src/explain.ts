import type { ComponentUnit, EngineCallOptions, StateRenewal } from '@lodge/core';
import { parseComponent } from './binary/component.js';
import { compileGraph, mayCopy } from './component-code.js';
import { findResetExceptions, type ResetException } from './find-reset-exceptions.js';
import { type AdapterKind, findAdapters } from './glue/adapters.js';
import { defaultLimits, limitsOf } from './limits.js';
import { pageSize } from './page-size.js';
import { planGraph } from './plan/graph.js';
import type { Plan, PlannedModule } from './plan/plan.js';
import { findReentrable, findSuspension } from './plan/suspension.js';
import { readLayout } from './rewrite/module-layout.js';

/** How the engine runs a component, as plain data. */
export interface ComponentPlan {
  /** Component instances: 1, or more where components were composed into one. */
  readonly componentInstances: number;
  /** Core modules that are instantiated, in order; one that is instantiated twice is there twice. */
  readonly coreInstances: readonly CoreInstancePlan[];
  /** Core instances of the component that the engine does without. */
  readonly bypassedInstances: number;
  /** Functions of the host that it calls. */
  readonly imports: readonly PlannedFunction[];
  readonly exports: readonly PlannedFunction[];
  /** Functions through which its components call each other, by how: see decision 0005 in the documentation. */
  readonly innerCalls: Readonly<Record<AdapterKind | 'javascript', number>>;
  /** How each call gets new state, as `CompiledComponent.renewal` tells it. */
  readonly newState: StateRenewal;
  /** When a new instance is made although `newState` is `reset`: what the code can come to. Only running it tells whether it does. */
  readonly resetExceptions: readonly ResetException[];
  readonly limits: {
    /** Bytes of each linear memory. */
    readonly maxMemoryBytes: number;
    readonly maxHandles: number;
    /** Bytes, and elements of a list, of one crossing. */
    readonly maxLiftedBytes: number;
    readonly maxListLength: number;
  };
}

/** One core instance. Sizes are in bytes unless they say otherwise. */
export interface CoreInstancePlan {
  readonly moduleBytes: number;
  /** Functions that the module defines. */
  readonly functions: number;
  readonly importedFunctions: number;
  readonly memories: readonly { readonly initialBytes: number; readonly maximumBytes: number }[];
  /** In elements. */
  readonly tables: readonly { readonly initial: number; readonly maximum: number | null }[];
  readonly hasStartFunction: boolean;
  /** What a trap's source lines would come from. */
  readonly debugInformation: 'dwarf' | 'source-map' | 'names' | 'none';
}

/** A function of the world: `wasi:io/poll@0.2.0#poll`, or its bare name where it is in no interface. */
export interface PlannedFunction {
  readonly name: string;
  readonly maySuspend: boolean;
}

/**
 * Says how the engine would run a component. Compiles it, and executes nothing of it.
 *
 * @throws HostError as `Engine.compile` does
 */
export async function explainComponent(
  bytes: Uint8Array,
  options: ComponentUnit & EngineCallOptions,
): Promise<ComponentPlan> {
  const { name, suspendingImports } = options;
  const graph = planGraph({ name, ast: parseComponent(bytes), suspendingImports, links: new Map() });
  const code = await compileGraph(options, graph);
  const { plan } = code;
  const suspension = findSuspension(plan, code.isInterruptible);
  const limits = limitsOf(options).get(name);
  const isRoomy = mayCopy(plan, () => limits ?? defaultLimits);
  const adapters = [...findAdapters(plan, suspension, findReentrable(plan), isRoomy).values()];
  const countOf = (kind: AdapterKind): number => adapters.filter((adapter) => adapter.kind === kind).length;
  const inner = plan.trampolines.filter((item) => item.kind === 'lower' && item.func.kind === 'lift').length;
  const isReset = code.mayRecycle && !(await code.hasHiddenState());
  return {
    componentInstances: plan.componentInstances.length,
    coreInstances: plan.coreInstances.flatMap(({ module }) => {
      const planned = plan.modules[module];
      return planned === undefined ? [] : [describeInstance(planned, limits?.maxMemoryBytes ?? 0)];
    }),
    bypassedInstances: graph.plan.coreInstances.length - plan.coreInstances.length,
    imports: plan.hostFuncs.map(({ externName, name: member, isSuspending }) => ({
      name: externName === '' ? member : `${externName}#${member}`,
      maySuspend: isSuspending,
    })),
    exports: exportsOf(plan, suspension.lifts),
    innerCalls: {
      direct: countOf('direct'),
      copying: countOf('copying'),
      bridged: countOf('bridged'),
      javascript: inner - adapters.length,
    },
    newState: isReset ? 'reset' : 'plain',
    resetExceptions: isReset ? await findResetExceptions(plan, (limits ?? defaultLimits).maxMemoryBytes) : [],
    limits: {
      maxMemoryBytes: limits?.maxMemoryBytes ?? 0,
      maxHandles: limits?.maxHandles ?? 0,
      maxLiftedBytes: limits?.maxLiftedBytes ?? 0,
      maxListLength: limits?.maxListLength ?? 0,
    },
  };
}

function describeInstance({ bytes }: PlannedModule, maxMemoryBytes: number): CoreInstancePlan {
  const { sections, funcCount, importedFuncCount, memories, tables, start } = readLayout(bytes);
  const custom = new Set(sections.filter(({ id }) => id === 0).map(({ payload }) => sectionName(payload)));
  return {
    moduleBytes: bytes.length,
    functions: funcCount - importedFuncCount,
    importedFunctions: importedFuncCount,
    memories: memories.map(({ minimum, maximum }) => ({
      initialBytes: minimum * pageSize,
      maximumBytes: Math.min(maxMemoryBytes, (maximum ?? 65_536) * pageSize),
    })),
    tables: tables.map(({ minimum, maximum }) => ({ initial: minimum, maximum: maximum ?? null })),
    hasStartFunction: start !== undefined,
    debugInformation: custom.has('.debug_line')
      ? 'dwarf'
      : custom.has('sourceMappingURL')
        ? 'source-map'
        : custom.has('name')
          ? 'names'
          : 'none',
  };
}

/** The name of a custom section, if it is as short as those that are looked for. */
function sectionName(payload: Uint8Array): string {
  const length = payload[0] ?? 0;
  return String.fromCharCode(...payload.subarray(1, 1 + Math.min(length, 64)));
}

function exportsOf({ exports }: Plan, suspending: ReadonlySet<number>): PlannedFunction[] {
  const functions: PlannedFunction[] = [];
  const visit = (items: Plan['exports'], prefix: string): void => {
    for (const [name, item] of items) {
      if (item.sort === 'instance') visit(item.instance, `${name}#`);
      if (item.sort === 'func' && item.func.kind === 'lift')
        functions.push({ name: `${prefix}${name}`, maySuspend: suspending.has(item.func.lift.index) });
    }
  };
  visit(exports, '');
  return functions;
}

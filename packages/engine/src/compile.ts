import {
  type CompiledComponent,
  type ComponentImports,
  type ComponentInstance,
  type ComponentUnit,
  HostError,
  type InstanceLimits,
} from '@lodge/core';
import { bindHosts } from './bind.js';
import { generate } from './glue/generate.js';
import { invalid } from './invalid.js';
import type { GraphPlan } from './plan/graph.js';
import { shapeOf } from './plan/shape.js';
import { bypassShims } from './plan/shim.js';
import type { Instance } from './plan/scope.js';
import type { Plan } from './plan/plan.js';
import { type FunctionName, Life, type LifeDescription } from './runtime/life.js';
import { runtime } from './runtime/runtime.js';
import { trapSource } from './runtime/trap-source.js';

const defaultLimits: InstanceLimits = { maxLiftedBytes: 67_108_864, maxListLength: 1_000_000, maxHandles: 65_536 };

/** The generated function: makes one instance graph. */
type Instantiate = (
  life: Life,
  hosts: readonly unknown[],
  modules: readonly WebAssembly.Module[],
  limits: InstanceLimits,
) => { readonly exports: ComponentInstance['exports']; readonly memories: readonly WebAssembly.Memory[] };

/** Compiles the core modules and the glue of a planned graph. */
export async function compileGraph(unit: ComponentUnit, graph: GraphPlan): Promise<CompiledComponent> {
  const plan = bypassShims(graph.plan);
  const modules = await Promise.all(plan.modules.map((module) => compileModule(module.bytes)));
  const instantiate = evaluate(plan);
  const limits = { ...defaultLimits, ...unit.limits };
  const description = describe(unit.name, plan, limits);
  let isDisposed = false;
  // Plugins hand out the same import objects again and again; host functions are looked up only when they change.
  let bound: { readonly imports: readonly (ComponentImports | undefined)[]; readonly hosts: readonly unknown[] } | undefined;
  const units = [...new Set(plan.componentInstances)];

  return {
    shape: shapeOf(graph),
    instantiate(imports): ComponentInstance {
      if (isDisposed) throw new HostError('ERR_INSTANCE_CLOSED', `Component ${JSON.stringify(unit.name)} was disposed of; compile it again.`);
      const given = units.map((name) => imports.get(name));
      if (bound === undefined || given.some((object, index) => object !== bound?.imports[index])) {
        bound = { imports: given, hosts: bindHosts(plan, imports) };
      }
      return newInstance(new Life(description), (life) => instantiate(life, bound?.hosts ?? [], modules, limits));
    },
    dispose() {
      isDisposed = true;
      bound = undefined;
    },
  };
}

function newInstance(life: Life, instantiate: (life: Life) => ReturnType<Instantiate>): ComponentInstance {
  let made: ReturnType<Instantiate>;
  try {
    made = instantiate(life);
  } catch (error) {
    const failure = life.startFailed(error);
    life.close();
    throw failure;
  }
  return {
    exports: made.exports,
    get isPoisoned() {
      return life.isPoisoned;
    },
    get memoryBytes() {
      return made.memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
    },
    interrupt: (reason) => life.interrupt(reason),
    dispose: () => life.close(),
  };
}

async function compileModule(bytes: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    throw invalid(`one of its core modules does not validate (${error.message.slice(0, 200)})`);
  }
}

/** `new Function` rather than `import()`, which would keep the code for ever. The source holds no text of the guest but as literals. */
function evaluate(plan: Plan): Instantiate {
  const glue = generate(plan);
  const factory = new Function(...glue.runtimeNames, glue.source);
  return factory(...glue.runtimeNames.map((name) => runtime[name]));
}

function describe(name: string, plan: Plan, limits: InstanceLimits): LifeDescription {
  const unitOf = (component: number): string => plan.componentInstances[component] ?? name;
  const exports: FunctionName[] = [];
  nameExports(plan.exports, '', (index, exportName) => {
    exports[index] = { unit: unitOf(plan.lifts[index]?.context.component ?? 0), name: exportName };
  });
  const imports = plan.trampolines.map((trampoline): FunctionName => {
    if (trampoline.kind !== 'lower') return { unit: unitOf(trampoline.component), name: `${trampoline.kind} of ${trampoline.resource.name}` };
    const { func, context } = trampoline;
    if (func.kind === 'host') return { unit: unitOf(context.component), name: `${func.host.externName}#${func.host.name}` };
    return exports[func.lift.index] ?? { unit: unitOf(func.lift.context.component), name: 'a function called by another component' };
  });
  return {
    name,
    units: plan.componentInstances,
    exports,
    imports,
    maxHandles: limits.maxHandles,
    isHostResource: (resource) => plan.resources[resource]?.owner === undefined,
    captureTrap: trapSource(),
  };
}

function nameExports(exports: Instance, prefix: string, add: (lift: number, name: string) => void): void {
  for (const [name, item] of exports) {
    if (item.sort === 'func' && item.func.kind === 'lift') add(item.func.lift.index, `${prefix}${name}`);
    if (item.sort === 'instance') nameExports(item.instance, `${name}#`, add);
  }
}

import {
  type CompiledComponent,
  type ComponentImports,
  type ComponentInstance,
  type ComponentUnit,
  HostError,
  type InstanceLimits,
} from '@lodge/core';
import { bindHosts } from './bind.js';
import { describeLife } from './describe-life.js';
import { type Glue, generate } from './glue/generate.js';
import { invalid } from './invalid.js';
import { defaultLimits, limitsOf } from './limits.js';
import type { GraphPlan } from './plan/graph.js';
import type { PlannedModule } from './plan/plan.js';
import { shapeOf } from './plan/shape.js';
import { bypassShims } from './plan/shim.js';
import { appendState, emptyModule, pageSize, type RewrittenModule } from './rewrite/append.js';
import { changesHiddenState } from './rewrite/code-scan.js';
import { instrumentCode } from './rewrite/instrument.js';
import { type ModuleLayout, readLayout } from './rewrite/module-layout.js';
import { type Graph, GraphSource, type InstantiateCode } from './runtime/graph.js';
import type { Life } from './runtime/life.js';
import type { Turns } from './runtime/pacer.js';
import { runtime } from './runtime/runtime.js';

/** Compiles the core modules and the glue of a planned graph. */
export async function compileGraph(unit: ComponentUnit, graph: GraphPlan, turns: Turns): Promise<CompiledComponent> {
  const plan = bypassShims(graph.plan);
  const limitsByUnit = limitsOf(unit);
  const limitsFor = (name: string): InstanceLimits => limitsByUnit.get(name) ?? defaultLimits;
  const used = new Set(plan.coreInstances.map((instance) => instance.module));
  const bypassed = graph.plan.coreInstances.map((instance) => instance.module).filter((module) => !used.has(module));
  const layouts = plan.modules.map((module, index) =>
    bypassed.includes(index) ? undefined : readLayout(module.bytes),
  );
  const isInterruptible = unit.isInterruptible === true;
  const scanned = isInterruptible ? await Promise.all(layouts.map((layout) => layout && instrumentCode(layout))) : [];
  const rewritten = plan.modules.map((module, index) =>
    rewrite(module, layouts[index], limitsFor(module.unit), scanned[index]?.payload),
  );
  const glue = generate(plan, rewritten);
  const binaries = rewritten.map((module) => module.bytes);
  if (glue.bridge !== undefined) binaries.push(glue.bridge);
  const modules = await Promise.all(binaries.map(compileModule));
  const mayRecycle = rewritten.every((module) => module.isRestorable);
  const source = new GraphSource({
    instantiate: evaluate(glue),
    modules,
    limits: plan.componentInstances.map(limitsFor),
    description: describeLife(unit.name, plan),
    mayRecycle,
    turns: isInterruptible ? turns : undefined,
  });
  if (isInterruptible) source.decide(scanned.every((code) => code?.changesHiddenState !== true));
  else if (mayRecycle) decideRecycling(source, layouts);
  let isDisposed = false;
  // Plugins hand out the same import objects again and again; host functions are looked up only when they change.
  let bound:
    | { readonly imports: readonly (ComponentImports | undefined)[]; readonly hosts: readonly unknown[] }
    | undefined;
  const units = [...new Set(plan.componentInstances)];

  return {
    shape: shapeOf(graph),
    instantiate(imports): ComponentInstance {
      if (isDisposed) {
        throw new HostError(
          'ERR_INSTANCE_CLOSED',
          `Component ${JSON.stringify(unit.name)} was disposed of; compile it again.`,
        );
      }
      if (bound === undefined || units.some((name, index) => imports.get(name) !== bound?.imports[index])) {
        bound = { imports: units.map((name) => imports.get(name)), hosts: bindHosts(plan, imports) };
      }
      const { graph: opened, life } = source.open(bound.hosts);
      return new Instance(source, opened, life);
    },
    dispose() {
      isDisposed = true;
      bound = undefined;
      source.clear();
    },
  };
}

class Instance implements ComponentInstance {
  readonly exports: ComponentInstance['exports'];
  readonly #source: GraphSource;
  readonly #life: Life;
  #graph: Graph | undefined;

  constructor(source: GraphSource, graph: Graph, life: Life) {
    this.#source = source;
    this.#graph = graph;
    this.#life = life;
    this.exports = graph.code.open(life);
  }

  get isPoisoned(): boolean {
    return this.#life.isPoisoned;
  }

  get memoryBytes(): number {
    return this.#graph?.code.memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0) ?? 0;
  }

  interrupt(reason: Error): void {
    this.#life.interrupt(reason);
  }

  dispose(): void {
    const graph = this.#graph;
    this.#graph = undefined;
    if (graph !== undefined) this.#source.close(graph, this.#life);
  }
}

function rewrite(
  { bytes, unit }: PlannedModule,
  layout: ModuleLayout | undefined,
  limits: InstanceLimits,
  code: Uint8Array | undefined,
): RewrittenModule {
  // A shim that nothing instantiates any more is not worth compiling.
  if (layout === undefined) return emptyRewrite;
  const largest = Math.max(0, ...layout.memories.map((memory) => memory.minimum * pageSize));
  if (largest > limits.maxMemoryBytes) {
    throw new HostError(
      'ERR_LIMIT_EXCEEDED',
      `Component ${JSON.stringify(unit)} begins with a memory of ${largest} bytes, more than the ${limits.maxMemoryBytes} it is allowed; raise its memory limit.`,
    );
  }
  const maxMemoryBytes = limits.maxMemoryBytes < defaultLimits.maxMemoryBytes ? limits.maxMemoryBytes : undefined;
  return appendState(layout, bytes, { maxMemoryBytes, code });
}

const emptyRewrite: RewrittenModule = {
  bytes: emptyModule,
  memories: [],
  globals: undefined,
  interruption: undefined,
  isRestorable: true,
};

async function compileModule(bytes: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    throw invalid(`one of its core modules does not validate (${error.message.slice(0, 200)})`);
  }
}

/** Looks at the code itself in the background: a large module takes longer to read than a first request should wait. */
function decideRecycling(source: GraphSource, layouts: readonly (ModuleLayout | undefined)[]): void {
  const check = async (): Promise<boolean> => {
    for (const layout of layouts) if (layout !== undefined && (await changesHiddenState(layout))) return true;
    return false;
  };
  check().then(
    (isHidden) => source.decide(!isHidden),
    () => source.decide(false),
  );
}

/** `new Function` rather than `import()`, which would keep the code for ever. The source holds no text of the guest but as literals. */
function evaluate(glue: Glue): InstantiateCode {
  const factory = new Function(...glue.runtimeNames, glue.source);
  return factory(...glue.runtimeNames.map((name) => runtime[name]));
}

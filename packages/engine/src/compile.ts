import {
  type CompiledComponent,
  type ComponentImports,
  type ComponentInstance,
  type ComponentUnit,
  HostError,
  type InstanceLimits,
} from '@lodge/core';
import { bindHosts } from './bind.js';
import { type SourceLocator, sourceLocator } from './debug/source-locator.js';
import { describeLife } from './describe-life.js';
import { type Glue, generate } from './glue/generate.js';
import { invalid, unsupported } from './invalid.js';
import { defaultLimits, limitsOf } from './limits.js';
import type { GraphPlan } from './plan/graph.js';
import type { Plan, PlannedModule } from './plan/plan.js';
import { shapeOf } from './plan/shape.js';
import { bypassShims } from './plan/shim.js';
import { appendState, emptyModule, pageSize, type RewrittenModule } from './rewrite/append.js';
import { changesHiddenState } from './rewrite/code-scan.js';
import { type InstrumentedCode, instrumentCode } from './rewrite/instrument.js';
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
  checkSupported(plan, layouts, isInterruptible);
  const tables = plan.coreInstances.reduce((sum, { module }) => sum + (layouts[module]?.tables.length ?? 0), 0);
  const tableElements = Math.floor(maxTableElements / Math.max(1, tables));
  // What is appended below takes the next free indices: only a module that is valid without it cannot refer to it.
  const validate = (): Promise<unknown> =>
    Promise.all(plan.modules.map(({ bytes }, index) => layouts[index] && compileModule(bytes)));
  const validated = isInterruptible ? validate() : undefined;
  validated?.catch(() => undefined);
  const scanned = isInterruptible ? await Promise.all(layouts.map((layout) => layout && instrumentCode(layout))) : [];
  const rewritten = plan.modules.map((module, index) =>
    rewrite(module, layouts[index], limitsFor(module.unit), tableElements, scanned[index]),
  );
  const glue = generate(plan, rewritten);
  const binaries = rewritten.map((module) => module.bytes);
  if (glue.bridge !== undefined) binaries.push(glue.bridge);
  const [modules] = await Promise.all([Promise.all(binaries.map(compileModule)), validated]);
  const mayRecycle = rewritten.every((module) => module.isRestorable);
  const source = new GraphSource({
    instantiate: evaluate(glue),
    modules,
    limits: plan.componentInstances.map(limitsFor),
    description: describeLife(unit.name, plan, isInterruptible ? undefined : locatorOf(plan, layouts, binaries)),
    mayRecycle,
    hasHiddenState: isInterruptible
      ? async () => scanned.some((code) => code?.changesHiddenState === true)
      : // Until a graph is used again, a module that plays with its own shadow globals fools only itself.
        () => validate().then(() => changeHiddenState(layouts)),
    turns: isInterruptible ? turns : undefined,
  });
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

/** Debug information of the core modules, against what V8 runs of them. */
function locatorOf(
  { modules }: Plan,
  layouts: readonly (ModuleLayout | undefined)[],
  binaries: readonly Uint8Array[],
): SourceLocator | undefined {
  const versions = modules.flatMap(({ bytes }, index) => {
    const [layout, rewritten] = [layouts[index], binaries[index]];
    return layout === undefined || rewritten === undefined ? [] : [{ bytes, layout, rewritten }];
  });
  return sourceLocator(versions);
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

/** Linear memories of one graph: all of a process have room for about 16,000. */
const maxMemories = 256;
/** Elements of all tables of a graph together. */
const maxTableElements = 1_000_000;

/** Refuses what would block the process, or take from it what no limit counts. */
function checkSupported(
  { coreInstances }: Plan,
  layouts: readonly (ModuleLayout | undefined)[],
  isInterruptible: boolean,
): void {
  for (const layout of layouts) {
    if (layout === undefined) continue;
    if (layout.memories.some((memory) => memory.isSpecial))
      throw unsupported('a memory that is shared, has 64-bit addresses or pages of another size');
    if (layout.tables.some((table) => table.isSpecial))
      throw unsupported('a table that is shared or has 64-bit indices');
    if (isInterruptible && layout.hasHeapTypes)
      throw unsupported('garbage-collected structures, whose memory has no limit,');
  }
  let memories = 0;
  let elements = 0;
  for (const { module } of coreInstances) {
    const layout = layouts[module];
    memories += layout?.memories.length ?? 0;
    for (const { minimum } of layout?.tables ?? []) elements += minimum;
  }
  if (memories > maxMemories) throw unsupported(`more than ${maxMemories} memories`);
  if (elements > maxTableElements) throw unsupported(`tables of more than ${maxTableElements} elements`);
}

function rewrite(
  { bytes, unit }: PlannedModule,
  layout: ModuleLayout | undefined,
  limits: InstanceLimits,
  tableElements: number,
  code: InstrumentedCode | undefined,
): RewrittenModule {
  // A shim that nothing instantiates any more is not worth compiling.
  if (layout === undefined) return emptyRewrite;
  const largest = layout.memories.reduce((most, memory) => Math.max(most, memory.minimum * pageSize), 0);
  if (largest > limits.maxMemoryBytes) {
    throw new HostError(
      'ERR_LIMIT_EXCEEDED',
      `Component ${JSON.stringify(unit)} begins with a memory of ${largest} bytes, more than the ${limits.maxMemoryBytes} it is allowed; raise its memory limit.`,
    );
  }
  const maxMemoryBytes = limits.maxMemoryBytes < defaultLimits.maxMemoryBytes ? limits.maxMemoryBytes : undefined;
  return appendState(layout, bytes, { maxMemoryBytes, maxTableElements: tableElements, code });
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

async function changeHiddenState(layouts: readonly (ModuleLayout | undefined)[]): Promise<boolean> {
  for (const layout of layouts) if (layout !== undefined && (await changesHiddenState(layout))) return true;
  return false;
}

/** `new Function` rather than `import()`, which would keep the code for ever. The source holds no text of the guest but as literals. */
function evaluate(glue: Glue): InstantiateCode {
  const factory = new Function(...glue.runtimeNames, glue.source);
  return factory(...glue.runtimeNames.map((name) => runtime[name]));
}

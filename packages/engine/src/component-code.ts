import type { ComponentUnit, InstanceLimits } from '@lodge/core';
import { checkModules, maxTableElements } from './check-modules.js';
import { hasDebugSections, type SourceLocator, sourceLocator } from './debug/source-locator.js';
import { mostCrossingBytes } from './glue/copying.js';
import { type Glue, generate } from './glue/generate.js';
import { invalid } from './invalid.js';
import { defaultLimits, limitsOf } from './limits.js';
import { initialMemoryBytes, memoryBudgets } from './memory-budgets.js';
import { turnAfter } from './next-turn.js';
import type { GraphPlan } from './plan/graph.js';
import type { Plan, PlannedModule } from './plan/plan.js';
import { bypassShims } from './plan/shim.js';
import { printable } from './printable.js';
import { appendState, emptyModule, type RewrittenModule } from './rewrite/append.js';
import { changesHiddenState } from './rewrite/code-editor.js';
import type { CodeMoves } from './rewrite/code-moves.js';
import { type InstrumentedCode, instrumentCode } from './rewrite/instrument.js';
import { type ModuleLayout, readLayout } from './rewrite/module-layout.js';
import { type VirtualCode, virtualizeSize } from './rewrite/virtual-size.js';
import { type GraphProgram, type InstantiateCode, maxResetBytes } from './runtime/graph.js';
import type { MemoryBudget } from './runtime/graph-memories.js';
import { runtime } from './runtime/runtime.js';
import { Slices } from './slices.js';

/** What compiling a graph of components makes: code and facts, without any state, so that who runs the same components can share it. */
export interface ComponentCode {
  readonly graph: GraphPlan;
  /** As it is run: what nothing uses any more is left out. */
  readonly plan: Plan;
  readonly program: GraphProgram;
  readonly isInterruptible: boolean;
  /** By component instance of the plan. */
  readonly limits: readonly InstanceLimits[];
  readonly memoryBudgets: readonly MemoryBudget[];
  /** As in `GraphSourceOptions`. Asked twice, they work once. */
  readonly mayRecycle: boolean;
  hasHiddenState(): Promise<boolean>;
  withVirtualSizes(): Promise<GraphProgram | undefined>;
}

/** Compiles the core modules and the glue of a planned graph. */
export async function compileGraph(unit: ComponentUnit, graph: GraphPlan): Promise<ComponentCode> {
  const plan = bypassShims(graph.plan);
  const size = plan.modules.reduce((sum, { bytes }) => sum + bytes.length, 0);
  await turnAfter(size);
  const used = new Set(plan.coreInstances.map((instance) => instance.module));
  const bypassed = graph.plan.coreInstances.map((instance) => instance.module).filter((module) => !used.has(module));
  const layouts = plan.modules.map((module, index) =>
    bypassed.includes(index) ? undefined : readLayout(module.bytes),
  );
  const isInterruptible = unit.isInterruptible === true;
  checkModules(plan, layouts, isInterruptible);
  const limitsByUnit = limitsOf(unit);
  const limitsFor = (name: string): InstanceLimits => limitsByUnit.get(name) ?? defaultLimits;
  const budgets = memoryBudgets(plan, layouts, limitsFor);
  const compiler = new GraphCompiler({ plan, size, layouts, limitsFor, isInterruptible });
  const { program, mayRecycle, changesHiddenState } = await compiler.compile();
  return {
    graph,
    plan,
    program,
    isInterruptible,
    limits: plan.componentInstances.map(limitsFor),
    memoryBudgets: budgets,
    mayRecycle: mayRecycle && initialMemoryBytes(plan, layouts) <= maxResetBytes,
    hasHiddenState: once(async () => changesHiddenState ?? (await compiler.readHiddenState())),
    withVirtualSizes: once(() => compiler.compileWithVirtualSizes()),
  };
}

/** Bytes that V8 compiles, lazily, in less time than it takes to hand them to another thread. */
const smallModule = 4096;

interface GraphCompilerOptions {
  readonly plan: Plan;
  /** Bytes of all modules. */
  readonly size: number;
  /** By module; undefined: nothing instantiates it any more. */
  readonly layouts: readonly (ModuleLayout | undefined)[];
  limitsFor(unit: string): InstanceLimits;
  readonly isInterruptible: boolean;
}

/** Makes programs of one plan. Keeps nothing that can be made again: the modules of some components have many megabytes. */
class GraphCompiler {
  readonly #options: GraphCompilerOptions;

  constructor(options: GraphCompilerOptions) {
    this.#options = options;
  }

  /** The program, and whether its code changes state that a snapshot does not hold; undefined: it has not been read for that. */
  async compile(): Promise<{ program: GraphProgram; mayRecycle: boolean; changesHiddenState: boolean | undefined }> {
    const { isInterruptible } = this.#options;
    // Until a graph is used again, a module that plays with what is appended to it fools only itself.
    const validated = isInterruptible ? this.#validate() : undefined;
    validated?.catch(() => undefined);
    await turnAfter(this.#options.size);
    const codes = await this.#instrument();
    const rewritten = this.#rewrite(codes, []);
    const [program] = await Promise.all([this.#program(rewritten, codes, []), validated]);
    return {
      program,
      mayRecycle: rewritten.every((module) => module.isRestorable),
      changesHiddenState: isInterruptible ? codes.some((code) => code?.changesHiddenState === true) : undefined,
    };
  }

  /** Reads all code for state that a snapshot does not hold. */
  async readHiddenState(): Promise<boolean> {
    await this.#validate();
    const slices = new Slices();
    for (const layout of this.#options.layouts) {
      if (layout !== undefined && (await changesHiddenState(layout, slices))) return true;
      if (slices.isOver) await slices.next();
    }
    return false;
  }

  /** The program, made so that growth can be undone; undefined: its code has something that is not known. */
  async compileWithVirtualSizes(): Promise<GraphProgram | undefined> {
    const codes = await this.#instrument();
    const virtualCodes: (VirtualCode | undefined)[] = [];
    const slices = new Slices();
    for (const [index, layout] of this.#options.layouts.entries()) {
      if (layout === undefined) continue;
      virtualCodes[index] = await virtualizeSize(layout, codes[index], slices);
      if (virtualCodes[index] === undefined) return undefined;
      if (slices.isOver) await slices.next();
    }
    await turnAfter(this.#options.size);
    return this.#program(this.#rewrite(codes, virtualCodes), codes, virtualCodes);
  }

  /** What is appended takes the next free indices: only a module that is valid without it cannot refer to it. */
  async #validate(): Promise<void> {
    const { plan, layouts } = this.#options;
    await compileModules(plan.modules.filter((_, index) => layouts[index] !== undefined).map(({ bytes }) => bytes));
  }

  async #instrument(): Promise<(InstrumentedCode | undefined)[]> {
    const { layouts, isInterruptible } = this.#options;
    if (!isInterruptible) return [];
    const slices = new Slices();
    const codes: (InstrumentedCode | undefined)[] = [];
    for (const layout of layouts) {
      codes.push(layout && (await instrumentCode(layout, hasDebugSections(layout), slices)));
      if (slices.isOver) await slices.next();
    }
    return codes;
  }

  #rewrite(
    codes: readonly (InstrumentedCode | undefined)[],
    virtualCodes: readonly (VirtualCode | undefined)[],
  ): RewrittenModule[] {
    const { plan, layouts, limitsFor } = this.#options;
    const tables = plan.coreInstances.reduce((sum, { module }) => sum + (layouts[module]?.tables.length ?? 0), 0);
    return plan.modules.map((module, index) =>
      rewrite(module, {
        layout: layouts[index],
        limits: limitsFor(module.unit),
        tableElements: Math.floor(maxTableElements / Math.max(1, tables)),
        code: codes[index],
        virtualCode: virtualCodes[index]?.payload,
      }),
    );
  }

  async #program(
    rewritten: readonly RewrittenModule[],
    codes: readonly (InstrumentedCode | undefined)[],
    virtualCodes: readonly (VirtualCode | undefined)[],
  ): Promise<GraphProgram> {
    const { plan, size, layouts, limitsFor } = this.#options;
    await turnAfter(size);
    const compiled = compileModules(rewritten.map((module) => module.bytes));
    compiled.catch(() => undefined);
    await turnAfter(size);
    // While V8 compiles in its own threads.
    const glue = await generate(plan, rewritten, mayCopy(plan, limitsFor));
    const bridges = await compileModules(glue.bridges);
    return {
      modules: [...(await compiled), ...bridges],
      instantiate: evaluate(glue),
      hasVirtualSizes: virtualCodes.length > 0,
      locate: locatorOf(plan, layouts, rewritten, (module) => (virtualCodes[module] ?? codes[module])?.moves),
    };
  }
}

/** Whether no component is allowed to pass less than what is copied without counting. */
export function mayCopy({ componentInstances }: Plan, limitsFor: (unit: string) => InstanceLimits): boolean {
  return componentInstances.every((unit) => limitsFor(unit).maxLiftedBytes >= mostCrossingBytes);
}

/** Debug information of the core modules, against what V8 runs of them. */
function locatorOf(
  { modules }: Plan,
  layouts: readonly (ModuleLayout | undefined)[],
  rewritten: readonly RewrittenModule[],
  movesOf: (module: number) => CodeMoves | undefined,
): SourceLocator | undefined {
  const versions = modules.flatMap(({ bytes }, index) => {
    const [layout, now] = [layouts[index], rewritten[index]?.bytes];
    return layout === undefined || now === undefined ? [] : [{ bytes, layout, rewritten: now, moves: movesOf(index) }];
  });
  return sourceLocator(versions);
}

interface RewriteOptions {
  /** Undefined: nothing instantiates the module any more. */
  readonly layout: ModuleLayout | undefined;
  readonly limits: InstanceLimits;
  readonly tableElements: number;
  readonly code: InstrumentedCode | undefined;
  readonly virtualCode: Uint8Array | undefined;
}

function rewrite(
  { bytes }: PlannedModule,
  { layout, limits, tableElements, code, virtualCode }: RewriteOptions,
): RewrittenModule {
  // A shim that nothing instantiates any more is not worth compiling.
  if (layout === undefined) return emptyRewrite;
  const maxMemoryBytes = limits.maxMemoryBytes < defaultLimits.maxMemoryBytes ? limits.maxMemoryBytes : undefined;
  return appendState(layout, bytes, { maxMemoryBytes, maxTableElements: tableElements, code, virtualCode });
}

const emptyRewrite: RewrittenModule = {
  bytes: emptyModule,
  memories: [],
  globals: undefined,
  interruption: undefined,
  virtualSizes: undefined,
  start: undefined,
  isRestorable: true,
};

/** Begins at once, and does not wait for one before it begins the next. */
async function compileModules(modules: readonly Uint8Array[]): Promise<WebAssembly.Module[]> {
  const slices = new Slices();
  const compiled: Promise<WebAssembly.Module>[] = [];
  for (const bytes of modules) {
    const module = compileModule(bytes as Uint8Array<ArrayBuffer>);
    // Whoever waits for all of them gets it.
    module.catch(() => undefined);
    compiled.push(module);
    if (slices.isOver) await slices.next();
  }
  return Promise.all(compiled);
}

async function compileModule(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return bytes.length > smallModule ? await WebAssembly.compile(bytes) : new WebAssembly.Module(bytes);
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    throw invalid(`one of its core modules does not validate (${printable(error.message)})`);
  }
}

/** `new Function` rather than `import()`, which would keep the code for ever. The source holds no text of the guest but as literals. */
function evaluate(glue: Glue): InstantiateCode {
  const factory = new Function(...glue.runtimeNames, glue.source);
  return factory(...glue.runtimeNames.map((name) => runtime[name]));
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

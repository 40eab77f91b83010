import { unsupported } from '../invalid.js';
import type { Plan } from '../plan/plan.js';
import { findReentrable, findSuspension } from '../plan/suspension.js';
import type { CoreExternRef, CoreItem, MemoryContext } from '../plan/types.js';
import type { RewrittenModule } from '../rewrite/append.js';
import { Slices } from '../slices.js';
import { type Adapter, findAdapters } from './adapters.js';
import { literal, member } from './code.js';
import { Bridge } from './emit-bridge.js';
import { ExportObjects, emitExport } from './exports.js';
import { coreFuncName, type Emission, isGuarded } from './functions.js';
import { Helpers } from './helpers.js';
import { emitTrampoline } from './trampolines.js';

/** Generated glue: one function that makes an instance graph, in source. */
export interface Glue {
  readonly source: string;
  /** Names of the runtime functions that the source expects, as parameters of the outer function. */
  readonly runtimeNames: readonly RuntimeName[];
  /** Modules that the source expects after those of the plan. */
  readonly bridges: readonly Uint8Array<ArrayBuffer>[];
}

/** What the generated code uses of the runtime. None is a letter and a number: those are the names of what is generated. */
export const runtimeNames = [
  'Memory',
  'WitError',
  'liftString',
  'lowerString',
  'copyString',
  'copyNumbers',
  'checkCase',
  'checkChar',
  'liftBytes',
  'lowerBytes',
  'liftNumbers',
  'lowerNumbers',
  'listItems',
  'lowerBool',
  'lowerU64',
  'lowerS64',
  'lowerChar',
  'liftChar',
  'f32ToI32',
  'i32ToF32',
  'f64ToI64',
  'i64ToF64',
  'trap',
  'wrongType',
  'isThenable',
  'refusePromise',
  'objectOf',
  'tagOf',
  'tupleOf',
  'resourceOf',
  'witPayload',
  'guestResource',
  'defineMembers',
] as const;

/** Characters of code; the largest composed components in the field need a thirtieth of it. */
const maxSourceSize = 4_194_304;

export type RuntimeName = (typeof runtimeNames)[number];

/**
 * Generates the code that instantiates a plan and carries every call across its boundaries. It is specialised to the component's types once;
 * an instance is then a handful of closures around its memory and its handle tables.
 */
export async function generate(plan: Plan, modules: readonly RewrittenModule[], mayCopy: boolean): Promise<Glue> {
  const slices = new Slices();
  const isInterruptible = modules.some((module) => module.interruption !== undefined);
  const suspension = findSuspension(plan, isInterruptible);
  const reentrable = findReentrable(plan);
  const adapters = findAdapters(plan, suspension, reentrable, mayCopy);
  const used = usedTrampolines(plan);
  const unnoticed = used.flatMap((index) => adapters.get(index) ?? []).filter(({ kind }) => kind !== 'bridged');
  const guarded = new Set(unnoticed.map(({ context }) => context.component));
  const quiet = new Set(unnoticed.flatMap(quietComponents));
  const emission: Emission = { plan, suspension, reentrable, helpers: new Helpers(), adapters, guarded, quiet };
  let size = 0;
  const counted = (text: string): string => {
    size += text.length;
    if (size > maxSourceSize) throw unsupported('functions of so many and so wide types that their code has no bound');
    return text;
  };
  const exports = new ExportObjects(emission);
  const exportObject = exports.emit(plan.exports);
  const exportFunctions: string[] = [];
  for (const lift of exports.lifts) {
    exportFunctions.push(counted(emitExport(lift, emission)));
    if (slices.isOver) await slices.next();
  }
  const trampolines: string[] = [];
  for (const index of used) {
    const trampoline = plan.trampolines[index];
    if (trampoline !== undefined) trampolines.push(counted(emitTrampoline(trampoline, index, emission)));
    if (slices.isOver) await slices.next();
  }
  const isResizable = ({ memory }: MemoryContext): boolean =>
    memory !== undefined && sizesOf(memory, plan, modules) !== undefined;
  const bridge = new Bridge(used, emission, isResizable);
  const sizeFunction = ({ memory }: MemoryContext): string => {
    const sizes = memory && sizesOf(memory, plan, modules);
    return memory === undefined || sizes === undefined ? '' : member(`i${memory.instance}`, sizes.size);
  };
  const source = [
    '"use strict";',
    emission.helpers.text,
    'return function instantiate(life, hosts, modules, components, limits, pacer) {',
    plan.hostFuncs.map(({ index }) => `let h${index} = hosts[${index}];`).join('\n'),
    plan.componentInstances.map((_, index) => `const c${index} = components[${index}];`).join('\n'),
    plan.contexts
      .map(
        ({ index, component, encoding }) =>
          `const m${index} = new Memory(life, c${component}, ${literal(encoding)}, limits[${component}]);`,
      )
      .join('\n'),
    ...trampolines,
    bridge.emit(modules.length),
    emitInstances(emission, modules, bridge),
    bridge.emitCopier(modules.length + 1, sizeFunction),
    ...[...exports.lifts]
      .filter(({ index }) => suspension.lifts.has(index))
      .map(
        ({ index }) =>
          `let p${index}; const promising${index} = () => (p${index} ??= WebAssembly.promising(f${index}));`,
      ),
    bridge.ready(),
    'return {',
    `memories: [${memoryExports(plan, modules, 'memory').join(', ')}],`,
    `clear: [${memoryExports(plan, modules, 'clear').join(', ')}],`,
    `save() {${globalCalls(plan, modules, 'save')}},`,
    `restore() {${globalCalls(plan, modules, 'restore')}},`,
    `rebind(nextLife, nextHosts) {\n${emitRebind(plan, modules, bridge)}\n},`,
    'open(life) {',
    ...exportFunctions,
    exports.guests === '' ? '' : `life.defineGuests((resource) => { switch (resource) {\n${exports.guests}\n} });`,
    `return ${exportObject};`,
    '}',
    '};',
    '};',
  ].join('\n');
  return { source, runtimeNames, bridges: bridge.modules };
}

/** Whose functions a copying adapter calls besides the callee. */
function quietComponents({ kind, context, lift }: Adapter): number[] {
  if (kind !== 'copying') return [];
  const { params, result } = lift.type;
  const isCalleeAsked = lift.postReturn !== undefined || params.some((param) => param.type.hasPointer);
  return [...(isCalleeAsked ? [lift.context.component] : []), ...(result?.hasPointer ? [context.component] : [])];
}

/** Points an instance graph that is used again to its new life. */
function emitRebind(plan: Plan, modules: readonly RewrittenModule[], bridge: Bridge): string {
  const sized = plan.contexts.filter(({ memory }) => memory !== undefined && sizesOf(memory, plan, modules));
  return [
    'life = nextLife; if (pacer) pacer.life = nextLife;',
    bridge.enter(),
    ...plan.contexts.map(({ index }) => `m${index}.life = nextLife;`),
    ...sized.map(({ index }) => `m${index}.measure();`),
    'if (hosts === nextHosts) return;',
    'hosts = nextHosts;',
    ...plan.hostFuncs.map(({ index }) => `h${index} = nextHosts[${index}];`),
  ].join('\n');
}

/** Trampolines that a core module, a context or a lift refers to. */
function usedTrampolines(plan: Plan): number[] {
  const used = new Set<number>();
  const use = (item: CoreItem | undefined): void => {
    if (item?.kind === 'trampoline') used.add(item.index);
  };
  for (const { imports } of plan.coreInstances) for (const { item } of imports) use(item);
  for (const { core, postReturn } of plan.lifts) [core, postReturn].forEach(use);
  for (const { realloc } of plan.contexts) use(realloc);
  for (const { destructor } of plan.resources) use(destructor);
  return [...used].sort((a, b) => a - b);
}

/** Core instances in order, and after each what has become ready with it. */
function emitInstances(emission: Emission, modules: readonly RewrittenModule[], bridge: Bridge): string {
  const { plan } = emission;
  const lines: string[] = [];
  const settle = (ready: number): void => {
    for (const context of plan.contexts) {
      const { index, memory, realloc } = context;
      if (memory?.instance === ready) {
        lines.push(`m${index}.memory = ${member(`i${ready}`, memory.name)};`);
        const sizes = sizesOf(memory, plan, modules);
        if (sizes !== undefined) lines.push(`m${index}.pages = ${member(`i${ready}`, sizes.size)};`);
      }
      if (realloc === undefined || readyAt(realloc) !== ready) continue;
      const name = coreFuncName(realloc, emission);
      lines.push(bridge.fill(`r${index}`, name));
      lines.push(`m${index}.realloc = ${isGuarded(context, realloc, emission) ? `bridge.r${index}` : name};`);
    }
    for (const { index, core, postReturn } of plan.lifts) {
      if (postReturn !== undefined && readyAt(postReturn) === ready)
        lines.push(bridge.fill(`q${index}`, coreFuncName(postReturn, emission)));
      if (readyAt(core) !== ready) continue;
      lines.push(`const f${index} = ${coreFuncName(core, emission)};`, bridge.fill(`f${index}`, `f${index}`));
    }
  };
  settle(-1);
  plan.coreInstances.forEach(({ module, imports }, index) => {
    lines.push(
      `const i${index} = new WebAssembly.Instance(modules[${module}], ${importObject(imports, emission)}).exports;`,
    );
    const { interruption, virtualSizes, start } = modules[module] ?? {};
    if (interruption !== undefined)
      lines.push(`pacer.attach(${member(`i${index}`, interruption.fuel)}, ${member(`i${index}`, interruption.poll)});`);
    if (virtualSizes?.imports !== undefined)
      lines.push(...emitImportedSizes(index, virtualSizes.imports, plan, modules));
    if (start !== undefined) lines.push(`${member(`i${index}`, start)}();`);
    settle(index);
  });
  return lines.join('\n');
}

/** What stands for the size of a memory that a core instance exports; undefined: nothing does. */
function sizesOf(
  { instance, name }: CoreExternRef,
  plan: Plan,
  modules: readonly RewrittenModule[],
): { readonly size: string; readonly grow: string } | undefined {
  const module = plan.coreInstances[instance]?.module ?? -1;
  return modules[module]?.virtualSizes?.functions[plan.modules[module]?.info.exports.get(name)?.index ?? -1];
}

/** Lets a core instance know the sizes of the memories it imports. */
function emitImportedSizes(index: number, table: string, plan: Plan, modules: readonly RewrittenModule[]): string[] {
  const memories =
    plan.coreInstances[index]?.imports.flatMap(({ item }) => (item.kind === 'memory' ? [item] : [])) ?? [];
  return memories.flatMap((memory, position) => {
    const { size = '', grow = '' } = sizesOf(memory, plan, modules) ?? {};
    return [size, grow].map(
      (name, entry) =>
        `${member(`i${index}`, table)}.set(${position * 2 + entry}, ${member(`i${memory.instance}`, name)});`,
    );
  });
}

function readyAt(item: CoreItem): number {
  return item.kind === 'trampoline' ? -1 : item.instance;
}

function importObject(imports: Plan['coreInstances'][number]['imports'], emission: Emission): string {
  const modules = new Map<string, string[]>();
  for (const { module, name, item } of imports) {
    const value =
      item.kind === 'export' || item.kind === 'trampoline'
        ? coreFuncName(item, emission)
        : member(`i${item.instance}`, item.name);
    const entries = modules.get(module) ?? [];
    modules.set(module, entries);
    entries.push(`[${literal(name)}]: ${value}`);
  }
  return `{ ${[...modules].map(([name, entries]) => `[${literal(name)}]: { ${entries.join(', ')} }`).join(', ')} }`;
}

/** Of every memory that core instances define, itself or what clears it. */
function memoryExports(plan: Plan, modules: readonly RewrittenModule[], kind: 'memory' | 'clear'): string[] {
  return plan.coreInstances.flatMap(({ module }, index) =>
    (modules[module]?.memories ?? []).map((names) => member(`i${index}`, names[kind])),
  );
}

function globalCalls(plan: Plan, modules: readonly RewrittenModule[], direction: 'save' | 'restore'): string {
  return plan.coreInstances
    .flatMap(({ module }, index) => {
      const globals = modules[module]?.globals;
      return globals === undefined ? [] : [` ${member(`i${index}`, globals[direction])}();`];
    })
    .join('');
}

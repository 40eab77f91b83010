import type { CoreFuncType } from '../binary/core-module.js';
import { unsupported } from '../invalid.js';
import type { Plan } from '../plan/plan.js';
import { findReentrable, findSuspension } from '../plan/suspension.js';
import type { CoreItem } from '../plan/types.js';
import type { RewrittenModule } from '../rewrite/append.js';
import { type BridgedTrampoline, bridgeModule, waitName } from './bridge.js';
import { literal, member } from './code.js';
import { ExportObjects, emitExport } from './exports.js';
import { coreFuncName, type Emission } from './functions.js';
import { Helpers } from './helpers.js';
import { emitTrampoline } from './trampolines.js';

/** Generated glue: one function that makes an instance graph, in source. */
export interface Glue {
  readonly source: string;
  /** Names of the runtime functions that the source expects, as parameters of the outer function. */
  readonly runtimeNames: readonly RuntimeName[];
  /** A module that the source expects after those of the plan; undefined: nothing suspends. */
  readonly bridge: Uint8Array<ArrayBuffer> | undefined;
}

/** What the generated code uses of the runtime. */
export const runtimeNames = [
  'Memory',
  'WitError',
  'liftString',
  'lowerString',
  'liftBytes',
  'lowerBytes',
  'liftNumbers',
  'lowerNumbers',
  'listItems',
  'bool',
  'u64',
  's64',
  'char',
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
  'disposeHost',
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
export function generate(plan: Plan, modules: readonly RewrittenModule[]): Glue {
  const isInterruptible = modules.some((module) => module.interruption !== undefined);
  const emission: Emission = {
    plan,
    suspension: findSuspension(plan, isInterruptible),
    reentrable: findReentrable(plan),
    helpers: new Helpers(),
  };
  let size = 0;
  const counted = (text: string): string => {
    size += text.length;
    if (size > maxSourceSize) throw unsupported('functions of so many and so wide types that their code has no bound');
    return text;
  };
  const exports = new ExportObjects(emission);
  const exportObject = exports.emit(plan.exports);
  const exportFunctions = [...exports.lifts].map((lift) => counted(emitExport(lift, emission)));
  const used = usedTrampolines(plan);
  const trampolines = used.map((index) => {
    const trampoline = plan.trampolines[index];
    return trampoline === undefined ? '' : counted(emitTrampoline(trampoline, index, emission));
  });
  const bridged = used
    .filter((index) => emission.suspension.trampolines.has(index))
    .map((index) => ({ index, type: plan.trampolines[index]?.core ?? nothing }));
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
    bridged.length === 0 ? '' : emitBridge(bridged, modules.length),
    emitInstances(emission, modules),
    'return {',
    `memories: [${memories(plan, modules).join(', ')}],`,
    `save() {${globalCalls(plan, modules, 'save')}},`,
    `restore() {${globalCalls(plan, modules, 'restore')}},`,
    `rebind(nextLife, nextHosts) {\n${emitRebind(plan)}\n},`,
    'open(life) {',
    ...exportFunctions,
    exports.guests === '' ? '' : `life.defineGuests((resource) => { switch (resource) {\n${exports.guests}\n} });`,
    `return ${exportObject};`,
    '}',
    '};',
    '};',
  ].join('\n');
  return { source, runtimeNames, bridge: bridged.length === 0 ? undefined : bridgeModule(bridged) };
}

const nothing: CoreFuncType = { params: [], results: [] };

/** The bridge's instance: `s<index>` is what core modules get for trampoline `index`, `wait` is how that one suspends. */
function emitBridge(bridged: readonly BridgedTrampoline[], module: number): string {
  const waits = [...new Set(bridged.map(({ type }) => waitName(type)))];
  const imports = ['pending', ...bridged.map(({ index }) => `t${index}`), ...waits.map((name) => `${name}: suspend`)];
  return [
    `const pending = new WebAssembly.Global({ value: 'i32', mutable: true }, 0);`,
    'let waiting;',
    'function wait(promise) { waiting = promise; pending.value = 1; }',
    'const suspend = new WebAssembly.Suspending(() => { pending.value = 0; const promise = waiting; waiting = undefined; return promise; });',
    `const bridge = new WebAssembly.Instance(modules[${module}], { b: { ${imports.join(', ')} } }).exports;`,
    ...bridged.map(({ index }) => `const s${index} = bridge.s${index};`),
  ].join('\n');
}

/** Points an instance graph that is used again to its new life. */
function emitRebind(plan: Plan): string {
  return [
    'life = nextLife; if (pacer) pacer.life = nextLife;',
    ...plan.contexts.map(({ index }) => `m${index}.life = nextLife;`),
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
function emitInstances(emission: Emission, modules: readonly RewrittenModule[]): string {
  const { plan, suspension } = emission;
  const lines: string[] = [];
  const settle = (ready: number): void => {
    for (const { index, memory, realloc } of plan.contexts) {
      if (memory?.instance === ready) lines.push(`m${index}.memory = ${member(`i${ready}`, memory.name)};`);
      if (realloc !== undefined && readyAt(realloc) === ready)
        lines.push(`m${index}.realloc = ${coreFuncName(realloc, suspension)};`);
    }
    for (const { index, core } of plan.lifts) {
      if (readyAt(core) !== ready) continue;
      lines.push(`const f${index} = ${coreFuncName(core, suspension)};`);
      if (!suspension.lifts.has(index)) continue;
      lines.push(
        `let p${index}; function promising${index}() { return p${index} ??= WebAssembly.promising(f${index}); }`,
      );
    }
  };
  settle(-1);
  plan.coreInstances.forEach(({ module, imports }, index) => {
    lines.push(
      `const i${index} = new WebAssembly.Instance(modules[${module}], ${importObject(imports, emission)}).exports;`,
    );
    const interruption = modules[module]?.interruption;
    if (interruption !== undefined) {
      lines.push(`pacer.attach(${member(`i${index}`, interruption.fuel)}, ${member(`i${index}`, interruption.poll)});`);
      if (interruption.start !== undefined) lines.push(`${member(`i${index}`, interruption.start)}();`);
    }
    settle(index);
  });
  return lines.join('\n');
}

function readyAt(item: CoreItem): number {
  return item.kind === 'trampoline' ? -1 : item.instance;
}

function importObject(imports: Plan['coreInstances'][number]['imports'], { suspension }: Emission): string {
  const modules = new Map<string, string[]>();
  for (const { module, name, item } of imports) {
    const value =
      item.kind === 'export' || item.kind === 'trampoline'
        ? coreFuncName(item, suspension)
        : member(`i${item.instance}`, item.name);
    const entries = modules.get(module) ?? [];
    modules.set(module, entries);
    entries.push(`[${literal(name)}]: ${value}`);
  }
  return `{ ${[...modules].map(([name, entries]) => `[${literal(name)}]: { ${entries.join(', ')} }`).join(', ')} }`;
}

/** Every memory that core instances define. */
function memories(plan: Plan, modules: readonly RewrittenModule[]): string[] {
  return plan.coreInstances.flatMap(({ module }, index) =>
    (modules[module]?.memories ?? []).map((name) => member(`i${index}`, name)),
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

import type { CoreModule } from '../binary/core-module.js';
import { Reader } from '../binary/reader.js';
import { isSameSignature } from './canon.js';
import type { Plan, PlannedCoreInstance } from './plan.js';
import type { CoreFunc, CoreItem } from './types.js';

/**
 * `wit-component` breaks the circle between a module that needs imports and imports that need its memory with two small modules: a
 * shim whose functions call through a table, and a fix-up that fills the table later. Trampolines here wait for their memory
 * by themselves, so the ones behind a shim are handed over directly, and a shim left with nothing to do is not instantiated.
 *
 * A slot filled by another core instance keeps its shim: a JavaScript forwarder would stand on the stack when the guest suspends.
 */
export function bypassShims(plan: Plan): Plan {
  const replaced = new Map<string, CoreItem>();
  const dropped = new Set<number>();
  plan.coreInstances.forEach((fixup, index) => {
    const match = matchFixup(plan, fixup);
    if (match === undefined) return;
    let isComplete = true;
    for (const [slot, func] of match.slots) {
      if (func.kind === 'trampoline') replaced.set(refKey(match.shim, String(slot)), func);
      else isComplete = false;
    }
    if (
      isComplete &&
      !isLifted(plan, match.shim) &&
      isUsedBy(plan, match.shim).every((user) => user === index || usesOnly(plan, user, match.shim, replaced))
    ) {
      dropped.add(index).add(match.shim);
    }
  });
  if (replaced.size === 0) return plan;
  return renumber(plan, replaced, dropped);
}

/** The shim and what its slots are filled with, if `fixup` is such a module. */
function matchFixup(
  plan: Plan,
  fixup: PlannedCoreInstance,
): { shim: number; slots: Map<number, CoreFunc> } | undefined {
  const info = plan.modules[fixup.module]?.info;
  if (info === undefined || info.hasStart || info.memoryCount > 0 || info.tableCount > 0 || info.exports.size > 0)
    return undefined;
  if (info.bodies.length > 0 || info.elements === undefined) return undefined;
  const tables = fixup.imports.filter(({ item }) => item.kind === 'table');
  const funcs = fixup.imports
    .map(({ item }) => item)
    .filter((item): item is CoreFunc => item.kind === 'export' || item.kind === 'trampoline');
  const table = tables[0]?.item;
  if (
    tables.length !== 1 ||
    table === undefined ||
    table.kind !== 'table' ||
    tables.length + funcs.length !== fixup.imports.length
  )
    return undefined;
  const shimModule = plan.modules[plan.coreInstances[table.instance]?.module ?? -1]?.info;
  if (shimModule === undefined || !isShim(shimModule)) return undefined;
  // Whoever else has the table could fill it with something else, or find it empty.
  const isOwnTable = plan.coreInstances.every(
    (other) =>
      other === fixup || !other.imports.some(({ item }) => item.kind === 'table' && item.instance === table.instance),
  );
  if (!isOwnTable) return undefined;
  const slots = new Map<number, CoreFunc>();
  for (const { offset, funcs: indices } of info.elements) {
    indices.forEach((index, position) => {
      const func = funcs[index];
      const wanted = shimModule.exports.get(String(offset + position))?.type;
      if (func?.type !== undefined && wanted !== undefined && isSameSignature(func.type, wanted))
        slots.set(offset + position, func);
    });
  }
  return { shim: table.instance, slots };
}

/** Whether a module is nothing but functions that forward to table slots of their own number. */
function isShim(info: CoreModule): boolean {
  if (info.imports.length > 0 || info.hasStart || info.memoryCount > 0 || info.tableCount !== 1) return false;
  if (info.elements === undefined || info.elements.length > 0) return false;
  for (const [name, item] of info.exports) {
    if (item.kind === 'table') continue;
    const body = info.bodies[item.index];
    if (item.kind !== 'func' || body === undefined || slotOf(body, item.type?.params.length ?? 0) !== Number(name))
      return false;
  }
  return true;
}

/** The constant table slot that a forwarding body calls: `local.get 0..n; i32.const slot; call_indirect`. */
function slotOf(body: Uint8Array, params: number): number | undefined {
  const reader = new Reader(body);
  if (reader.byte() !== 0x00) return undefined;
  for (let index = 0; index < params; index++) {
    if (reader.byte() !== 0x20 || reader.u32() !== index) return undefined;
  }
  if (reader.byte() !== 0x41) return undefined;
  const slot = reader.u32();
  if (reader.byte() !== 0x11) return undefined;
  reader.u32();
  return reader.u32() === 0 && reader.byte() === 0x0b && reader.isAtEnd ? slot : undefined;
}

function isUsedBy(plan: Plan, instance: number): number[] {
  return plan.coreInstances.flatMap(({ imports }, user) =>
    imports.some(({ item }) => item.kind !== 'trampoline' && item.instance === instance) ? [user] : [],
  );
}

/** Whether anything but a core instance refers to `instance`. */
function isLifted(plan: Plan, instance: number): boolean {
  const refs: (CoreItem | undefined)[] = [
    ...plan.lifts.flatMap((lift) => [lift.core, lift.postReturn]),
    ...plan.contexts.flatMap((context) => [context.memory, context.realloc]),
    ...plan.resources.map((resource) => resource.destructor),
  ];
  return refs.some((item) => item !== undefined && item.kind !== 'trampoline' && item.instance === instance);
}

/** Whether everything that `user` takes from `shim` has been replaced. */
function usesOnly(plan: Plan, user: number, shim: number, replaced: ReadonlyMap<string, CoreItem>): boolean {
  const imports = plan.coreInstances[user]?.imports ?? [];
  return imports.every(
    ({ item }) => item.kind === 'trampoline' || item.instance !== shim || replaced.has(refKey(shim, item.name)),
  );
}

function refKey(instance: number, name: string): string {
  return `${instance} ${name}`;
}

/** The plan without the dropped core instances, every reference moved to its new number. */
function renumber(plan: Plan, replaced: ReadonlyMap<string, CoreItem>, dropped: ReadonlySet<number>): Plan {
  const numbers = new Map<number, number>();
  plan.coreInstances.forEach((_, index) => {
    if (!dropped.has(index)) numbers.set(index, numbers.size);
  });
  const moved = <T extends CoreItem>(item: T): T => {
    if (item.kind === 'trampoline') return item;
    return { ...item, instance: numbers.get(item.instance) ?? item.instance };
  };
  const substituted = (item: CoreItem): CoreItem => {
    const other = item.kind === 'export' ? replaced.get(refKey(item.instance, item.name)) : undefined;
    return moved(other ?? item);
  };
  const contexts = plan.contexts.map((context) => ({
    ...context,
    memory: context.memory && moved(context.memory),
    realloc: context.realloc && moved(context.realloc),
  }));
  const contextOf = (index: number): (typeof contexts)[number] => contexts[index] as (typeof contexts)[number];
  const lifts = plan.lifts.map((lift) => ({
    ...lift,
    core: moved(lift.core),
    context: contextOf(lift.context.index),
    postReturn: lift.postReturn && moved(lift.postReturn),
  }));
  const trampolines = plan.trampolines.map((trampoline) =>
    trampoline.kind === 'lower' ? { ...trampoline, context: contextOf(trampoline.context.index) } : trampoline,
  );
  return {
    ...plan,
    contexts,
    lifts,
    trampolines,
    resources: plan.resources.map((resource) => ({
      ...resource,
      destructor: resource.destructor && moved(resource.destructor),
    })),
    coreInstances: plan.coreInstances
      .filter((_, index) => !dropped.has(index))
      .map(({ module, imports }) => ({
        module,
        imports: imports.map((entry) => ({ ...entry, item: substituted(entry.item) })),
      })),
  };
}

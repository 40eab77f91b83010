import { unsupported } from '../invalid.js';
import type { Plan } from './plan.js';
import type { CoreFunc, Lift } from './types.js';

/** What of a plan may suspend: these trampolines are `WebAssembly.Suspending`, the exports that can reach them promising. */
export interface Suspension {
  readonly trampolines: ReadonlySet<number>;
  readonly lifts: ReadonlySet<number>;
}

/**
 * Finds out what may suspend. Core instances that share anything are taken as one group (a function can be called through a table that another
 * instance filled); a group may suspend when it is given a suspending trampoline. A guest that can be interrupted may suspend anywhere.
 */
export function findSuspension(plan: Plan, isInterruptible: boolean): Suspension {
  const groups = groupInstances(plan);
  const suspendingGroups = new Set<number>(isInterruptible ? groups : []);
  const trampolines = new Set<number>();
  const suspends = (func: CoreFunc): boolean =>
    func.kind === 'trampoline' ? trampolines.has(func.index) : suspendingGroups.has(groups[func.instance] ?? -1);
  const liftSuspends = (lift: Lift): boolean => suspends(lift.core);

  for (let before = -1; before !== trampolines.size; ) {
    before = trampolines.size;
    plan.trampolines.forEach((trampoline, index) => {
      if (trampoline.kind !== 'lower') return;
      const { func } = trampoline;
      if (func.kind === 'host' ? func.host.isSuspending : liftSuspends(liftOf(plan, func.lift))) trampolines.add(index);
    });
    plan.coreInstances.forEach(({ imports }, index) => {
      const isGiven = imports.some(({ item }) => item.kind === 'trampoline' && trampolines.has(item.index));
      if (isGiven) suspendingGroups.add(groups[index] ?? -1);
    });
  }
  const lifts = new Set(plan.lifts.filter(liftSuspends).map((lift) => lift.index));
  for (const lift of plan.lifts) {
    if (lift.core.kind === 'trampoline' && trampolines.has(lift.core.index))
      throw unsupported('a suspending import lifted as an export');
  }
  return { trampolines, lifts };
}

/** The plan's own, current version of a lift that a function refers to. */
export function liftOf(plan: Plan, lift: Lift): Lift {
  return plan.lifts[lift.index] ?? lift;
}

/** The number of the group of each core instance. */
function groupInstances(plan: Plan): number[] {
  const parents = plan.coreInstances.map((_, index) => index);
  const root = (index: number): number => {
    let current = index;
    while (parents[current] !== current) {
      const parent = parents[current] ?? current;
      parents[current] = parents[parent] ?? parent;
      current = parents[current] ?? current;
    }
    return current;
  };
  plan.coreInstances.forEach(({ imports }, index) => {
    for (const { item } of imports) if (item.kind !== 'trampoline') parents[root(item.instance)] = root(index);
  });
  return parents.map((_, index) => root(index));
}

/**
 * Component instances that a call could enter twice: those on a cycle of calls between component instances. The canonical ABI traps
 * there; all others need no check.
 */
export function findReentrable(plan: Plan): ReadonlySet<number> {
  const calls = new Map<number, Set<number>>();
  for (const trampoline of plan.trampolines) {
    if (trampoline.kind !== 'lower' || trampoline.func.kind !== 'lift') continue;
    const caller = trampoline.context.component;
    const callees = calls.get(caller) ?? new Set();
    calls.set(caller, callees.add(trampoline.func.lift.context.component));
  }
  const reentrable = new Set<number>();
  for (const component of calls.keys()) {
    const reached = new Set<number>();
    const pending = [component];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const callee of calls.get(next) ?? []) {
        if (reached.has(callee)) continue;
        reached.add(callee);
        pending.push(callee);
      }
    }
    if (reached.has(component)) reentrable.add(component);
  }
  return reentrable;
}

import { HostError, type InstanceLimits } from '@lodge/core';
import { pageSize } from './page-size.js';
import type { Plan } from './plan/plan.js';
import type { ModuleLayout } from './rewrite/module-layout.js';
import type { MemoryBudget } from './runtime/graph-memories.js';

/**
 * What the memories of each component may hold together, for those that have several: each by itself cannot grow past the limit of its component, but there
 * may be hundreds of them.
 *
 * @throws HostError `ERR_LIMIT_EXCEEDED` when they begin with more
 */
export function memoryBudgets(
  { coreInstances, modules }: Plan,
  layouts: readonly (ModuleLayout | undefined)[],
  limitsFor: (unit: string) => InstanceLimits,
): MemoryBudget[] {
  const byUnit = new Map<string, { readonly memories: number[]; bytes: number }>();
  let index = 0;
  for (const { module } of coreInstances) {
    const name = modules[module]?.unit ?? '';
    const unit = byUnit.get(name) ?? { memories: [], bytes: 0 };
    byUnit.set(name, unit);
    for (const { minimum } of layouts[module]?.memories ?? []) {
      unit.memories.push(index++);
      unit.bytes += minimum * pageSize;
    }
  }
  const budgets: MemoryBudget[] = [];
  for (const [name, { memories, bytes }] of byUnit) {
    const { maxMemoryBytes } = limitsFor(name);
    if (bytes > maxMemoryBytes) {
      throw new HostError(
        'ERR_LIMIT_EXCEEDED',
        `Component ${JSON.stringify(name)} begins with ${bytes} bytes of memory, more than the ${maxMemoryBytes} it is allowed; raise its memory limit.`,
      );
    }
    if (memories.length > 1) budgets.push({ unit: name, maxBytes: maxMemoryBytes, memories });
  }
  return budgets;
}

/** Bytes of all memories of a graph when it is new, as far as its start functions do not ask for more. */
export function initialMemoryBytes({ coreInstances }: Plan, layouts: readonly (ModuleLayout | undefined)[]): number {
  let pages = 0;
  for (const { module } of coreInstances) for (const { minimum } of layouts[module]?.memories ?? []) pages += minimum;
  return pages * pageSize;
}

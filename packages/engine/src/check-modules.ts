import { unsupported } from './invalid.js';
import type { Plan } from './plan/plan.js';
import type { ModuleLayout } from './rewrite/module-layout.js';

/** Linear memories of one graph: all of a process have room for about 16,000. */
const maxMemories = 256;
/** Elements of all tables of a graph together. */
export const maxTableElements = 1_000_000;

/** Refuses what would block the process, or take from it what no limit counts. */
export function checkModules(
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

import { pageSize } from './page-size.js';
import type { Plan } from './plan/plan.js';
import { growsMemory } from './rewrite/code-editor.js';
import { type ModuleLayout, readLayout } from './rewrite/module-layout.js';
import { Slices } from './slices.js';

/**
 * What makes an instance unfit to be reset, although all of its state could be: `memory-grows`, that a memory has grown in the call that it served,
 * unless the engine keeps such memories; `start-calls-out`, that a start function has called the host or another component.
 */
export type ResetException = 'memory-grows' | 'start-calls-out';

/** Which of these the code of a component can come to. Only running it tells whether it does. */
export async function findResetExceptions(plan: Plan, maxMemoryBytes: number): Promise<readonly ResetException[]> {
  const used = new Set(plan.coreInstances.map(({ module }) => module));
  const layouts = [...used].flatMap((module) => {
    const planned = plan.modules[module];
    return planned === undefined ? [] : [readLayout(planned.bytes)];
  });
  const canCallOut = plan.trampolines.length > 0 && layouts.some(hasOpenStart);
  const canGrow = layouts.some((layout) => hasRoom(layout, maxMemoryBytes)) && (await someGrows(layouts));
  return [...(canGrow ? (['memory-grows'] as const) : []), ...(canCallOut ? (['start-calls-out'] as const) : [])];
}

/** Whether there is a start function that can reach more than its own module. */
function hasOpenStart({ start, importedFuncCount, tableCount, tables }: ModuleLayout): boolean {
  return start !== undefined && (importedFuncCount > 0 || tableCount > tables.length);
}

function hasRoom({ memories }: ModuleLayout, maxMemoryBytes: number): boolean {
  return memories.some(({ minimum, maximum = 65_536 }) => {
    return minimum < maximum && (minimum + 1) * pageSize <= maxMemoryBytes;
  });
}

async function someGrows(layouts: readonly ModuleLayout[]): Promise<boolean> {
  const slices = new Slices();
  for (const layout of layouts) {
    if (await growsMemory(layout, slices)) return true;
    if (slices.isOver) await slices.next();
  }
  return false;
}

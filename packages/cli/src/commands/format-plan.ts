import type { ComponentPlan, CoreInstancePlan, PlannedFunction } from '@lodge/engine';
import { formatBytes } from '../format-bytes.js';

/** How the engine runs a component, for a person. */
export function formatPlan(plan: ComponentPlan): string {
  const { coreInstances, bypassedInstances, innerCalls, limits } = plan;
  const { direct, copying, bridged, javascript } = innerCalls;
  const inner = direct + copying + bridged + javascript;
  return [
    'plan:',
    `  component instances: ${plan.componentInstances}`,
    `  core instances: ${coreInstances.length}${bypassedInstances > 0 ? `, ${bypassedInstances} more left out` : ''}`,
    ...coreInstances.map((instance) => `    ${describeInstance(instance)}`),
    ...(inner > 0
      ? [
          `  calls between its components: ${direct} direct, ${copying} copying, ${bridged} bridged, ${javascript} by JavaScript`,
        ]
      : []),
    `  limits: ${formatBytes(limits.maxMemoryBytes)} a memory, ${limits.maxHandles} handles, ${formatBytes(limits.maxLiftedBytes)} and ${limits.maxListLength} list elements a call`,
    `  imports that may suspend:${suspending(plan.imports)}`,
    `  exports that may suspend:${suspending(plan.exports)}`,
  ].join('\n');
}

function describeInstance(instance: CoreInstancePlan): string {
  const { moduleBytes, functions, memories, tables, hasStartFunction, debugInformation } = instance;
  return [
    `a module of ${formatBytes(moduleBytes)}`,
    `${functions} functions`,
    ...memories.map(
      ({ initialBytes, maximumBytes }) =>
        `a memory of ${formatBytes(initialBytes)}, at most ${formatBytes(maximumBytes)}`,
    ),
    ...tables.map(({ initial, maximum }) => `a table of ${initial}${maximum === null ? '' : `, at most ${maximum}`}`),
    ...(hasStartFunction ? ['a start function'] : []),
    debugTexts[debugInformation],
  ].join(', ');
}

const debugTexts = {
  dwarf: 'traps tell source lines (DWARF)',
  'source-map': 'traps tell source lines (source map)',
  names: 'traps tell function names',
  none: 'traps tell function numbers',
} as const;

function suspending(functions: readonly PlannedFunction[]): string {
  const names = functions.filter(({ maySuspend }) => maySuspend).map(({ name }) => `\n    ${name}`);
  return names.length === 0 ? ' none' : names.join('');
}

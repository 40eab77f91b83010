import type { ComponentPlan } from '@lodge/engine';

/** How each call of a component gets new state. */
export type NewState = Pick<ComponentPlan, 'newState' | 'resetExceptions'>;

/** The same for a person, in one line or more. */
export function formatNewState({ newState, resetExceptions }: NewState): readonly string[] {
  if (newState === 'plain') {
    return [
      'a new instance, because its code changes tables or has other state that a reset does not bring back, or because it begins with more than 64 MiB of memory',
    ];
  }
  return ['reset in place of an instance that was used before', ...resetExceptions.map((name) => exceptions[name])];
}

const exceptions = {
  'memory-grows':
    'a new instance after a call in which its memory has grown, which its code can do (lodge host --keep-grown-memories resets then, too, unless it has grown by much)',
  'start-calls-out':
    'a new instance each time if a start function calls out of the component, which one of its own can do: a reset does not call again',
} as const;

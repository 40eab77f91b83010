import type { CaseMaker, SubjectTask } from './case.ts';
import { firstCallCases } from './first-call.ts';
import { instantiateCases } from './instantiate.ts';
import { loadCases } from './load.ts';
import { warmCallCases } from './warm-call.ts';

/** What one subject can do in one scenario. */
export function caseMakers(task: SubjectTask): Promise<readonly CaseMaker[]> {
  switch (task.scenario) {
    case 'engine/load/cold':
    case 'engine/load/warm':
      return loadCases(task);
    case 'engine/instantiate':
      return instantiateCases(task);
    case 'engine/first-call':
      return firstCallCases(task);
    case 'engine/warm-call':
      return warmCallCases(task);
    default:
      throw new RangeError(`there is no scenario ${task.scenario}`);
  }
}

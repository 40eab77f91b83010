import type { CaseMaker, SubjectTask } from './case.ts';
import { firstCallCases } from './first-call.ts';
import { instantiateCases } from './instantiate.ts';
import { interruptionCases } from './interruption.ts';
import { lifeCases } from './life.ts';
import { loadCases } from './load.ts';
import { neighbourCases } from './neighbour.ts';
import { suspendedCases } from './suspended.ts';
import { warmCallCases } from './warm-call.ts';

/** What one subject can do in one scenario. */
export function caseMakers(task: SubjectTask): Promise<readonly CaseMaker[]> {
  switch (task.scenario) {
    case 'engine/load/cold':
    case 'engine/load/warm':
      return loadCases(task);
    case 'engine/instantiate':
      return instantiateCases(task);
    case 'engine/life':
      return lifeCases(task);
    case 'engine/first-call':
      return firstCallCases(task);
    case 'engine/warm-call':
      return warmCallCases(task);
    case 'engine/interruption':
      return interruptionCases(task);
    case 'engine/neighbour':
      return neighbourCases(task);
    case 'engine/suspended':
      return suspendedCases(task);
    default:
      throw new RangeError(`there is no scenario ${task.scenario}`);
  }
}

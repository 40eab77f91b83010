import type { Scenario } from '../scenario.ts';
import { measureHeartbeats } from './heartbeats.ts';
import { measureStarts, startedComponents } from './start.ts';

/** What a host is asked by schedulers, and tells them; how often it can be asked is one of the capabilities' scenarios. */
export const schedulerScenarios: readonly Scenario[] = [
  {
    names: ['scheduler/start'],
    components: startedComponents,
    run: async (run) => {
      for (const row of await measureStarts(run)) run.report(row);
    },
  },
  {
    names: ['scheduler/heartbeat-jitter', 'scheduler/heartbeat-size'],
    components: [],
    run: async (run) => {
      for (const row of await measureHeartbeats(run)) run.report(row);
    },
  },
];

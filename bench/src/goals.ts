import type { Row, Unit } from './row.ts';

/** What the project has set itself to reach. */
export interface Goal {
  readonly goal: string;
  readonly component: string;
  readonly unit: Unit | 'x';
  /** Met at or below it; with `isAtLeast`, at or above. */
  readonly limit: number;
  readonly isAtLeast?: boolean;
  /** The figure, from the rows of a run. */
  measured(find: FindRow): number | undefined;
}

/** A goal after a run. */
export interface GoalResult extends Pick<Goal, 'goal' | 'component' | 'unit'> {
  /** Unset: the run has no row for it. */
  readonly measured: number | undefined;
  readonly met: boolean;
}

/** Looks a row up. */
export type FindRow = (scenario: string, component: string, subject: string) => Row | undefined;

const call = (goal: string, component: string, limit: number): Goal => ({
  goal,
  component,
  unit: 'ns',
  limit,
  measured: (find) => find('engine/warm-call', component, 'lodge')?.value,
});

const instantiate = (component: string): Goal => ({
  goal: `instantiate, no state reused, ${component}: at most 1.3 x its bare instances`,
  component,
  unit: 'x',
  limit: 1.3,
  measured(find) {
    const plain = find('engine/instantiate', component, 'lodge plain')?.value;
    const bare = find('engine/instantiate', component, 'bare')?.value;
    return plain === undefined || bare === undefined ? undefined : plain / bare;
  },
});

const throughput = (goal: string, subject: string, limit: number): Goal => ({
  goal,
  component: 'lean',
  unit: 'x',
  limit,
  isAtLeast: true,
  measured: (find) => find('http/throughput', 'lean', subject)?.ratioToNodeHttp,
});

const heap = (goal: string, component: string): Goal => ({
  goal,
  component,
  unit: '%',
  limit: 5,
  measured: (find) => find('memory/heap-growth', component, 'lodge')?.value,
});

/** In the order in which they are printed. */
export const goals: readonly Goal[] = [
  call('nine-host-call handler, JSPI: at most 2 us', 'lean jspi', 2000),
  call('nine-host-call handler, all sync: at most 0.5 us', 'lean sync', 500),
  call('scalar call: at most 30 ns', 'u32', 30),
  call('10-byte string round trip: at most 200 ns', 'string 10 B', 200),
  call('call between two composed components: at most 20 ns', 'component to component u32', 20),
  instantiate('lean'),
  instantiate('values'),
  instantiate('composed'),
  throughput('HTTP, warm instance: at least 0.6 of raw node:http', 'lodge warm', 0.6),
  throughput('HTTP, fresh instance per request: at least 0.1 of raw node:http', 'lodge fresh', 0.1),
  {
    goal: 'StarlingMonkey (14 MB) loaded: at most 80 ms',
    component: 'starling',
    unit: 'ms',
    limit: 80,
    measured: (find) => find('engine/load/cold', 'starling', 'lodge')?.value,
  },
  {
    goal: 'StarlingMonkey, bytes to first response: at most 150 ms',
    component: 'starling',
    unit: 'ms',
    limit: 150,
    measured: (find) => find('http/cold/fresh-process', 'starling', 'lodge')?.value,
  },
  heap('100,000 fresh instances: heap growth under 5 %', 'fresh instances'),
  heap('1,000,000 warm calls: heap growth under 5 %', 'warm calls'),
];

/** Which goals the rows of a run meet. */
export function checkGoals(rows: readonly Row[]): readonly GoalResult[] {
  const find: FindRow = (scenario, component, subject) =>
    rows.find((row) => row.scenario === scenario && row.component === component && row.subject === subject);
  return goals.map(({ goal, component, unit, limit, isAtLeast, measured }) => {
    const value = measured(find);
    const met = value !== undefined && (isAtLeast ? value >= limit : value <= limit);
    return { goal, component, unit, measured: value, met };
  });
}

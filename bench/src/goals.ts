import type { Row, Unit } from './row.ts';

/** What the project has set itself to reach. */
export interface Goal {
  readonly goal: string;
  readonly component: string;
  readonly unit: Unit | 'x';
  /** Met at or below it, give or take {@link tolerance}; with `isAtLeast`, at or above. */
  readonly limit: number;
  readonly isAtLeast?: boolean;
  /** The figure, from the rows of a run. */
  measured(find: FindRow): number | undefined;
}

/** Figures of two runs differ by more than this part of them. */
const tolerance = 0.1;

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

/** A figure of one subject as a multiple of that of another. */
const multiple = (
  goal: string,
  scenario: string,
  component: string,
  [subject, other]: readonly [string, string],
  limit: number,
  isAtLeast = false,
): Goal => ({
  goal,
  component,
  unit: 'x',
  limit,
  isAtLeast,
  measured(find) {
    const value = find(scenario, component, subject)?.value;
    const base = find(scenario, component, other)?.value;
    return value === undefined || base === undefined ? undefined : value / base;
  },
});

const instantiate = (component: string): Goal => {
  const goal = `instantiate, no state reused, ${component}: at most 1.15 x its bare instances`;
  return multiple(goal, 'engine/instantiate', component, ['lodge plain', 'bare'], 1.15);
};

const throughput = (goal: string, subject: string, limit: number): Goal => ({
  goal,
  component: 'lean',
  unit: 'x',
  limit,
  isAtLeast: true,
  measured: (find) => find('http/throughput', 'lean', subject)?.ratio,
});

/** A share of what a yardstick does with the same NATS server. */
const share = (goal: string, scenario: string, limit: number): Goal => ({
  goal,
  component: 'NATS',
  unit: 'x',
  limit,
  isAtLeast: true,
  measured: (find) => find(scenario, 'NATS', 'lodge')?.ratio,
});

const heap = (goal: string, component: string): Goal => ({
  goal,
  component,
  unit: '%',
  limit: 5,
  measured: (find) => find('memory/heap-growth', component, 'lodge')?.value,
});

const besideWasmtime = (what: string, component: string, limit = 1): Goal => {
  const most = limit === 1 ? 'what wasmtime takes' : `${limit} x what wasmtime takes`;
  const goal = `${what} between two composed components: at most ${most}`;
  return multiple(goal, 'engine/warm-call', `component to component ${component}`, ['lodge', 'wasmtime'], limit);
};

const load = (goal: string, component: string, limit: number, subject = 'lodge', how = 'cold'): Goal => ({
  goal,
  component,
  unit: 'ms',
  limit,
  measured: (find) => find(`engine/load/${how}`, component, subject)?.value,
});

const interruption = (what: string, component: string): Goal => {
  const goal = `${what}, interruptible: at most 1.15 x its time`;
  return multiple(goal, 'engine/interruption', component, ['lodge interruptible', 'lodge'], 1.15);
};

/** In the order in which they are printed. */
export const goals: readonly Goal[] = [
  call('nine-host-call handler, JSPI: at most 1.5 us', 'lean jspi', 1500),
  call('nine-host-call handler, all sync: at most 0.3 us', 'lean sync', 300),
  call('scalar call: at most 15 ns', 'u32', 15),
  call('10-byte string round trip: at most 120 ns', 'string 10 B', 120),
  besideWasmtime('number', 'u32'),
  besideWasmtime('string of 10 bytes', 'string 10 B'),
  besideWasmtime('string of 100 bytes', 'string 100 B'),
  besideWasmtime('string of 1 KB', 'string 1 KB', 1.3),
  besideWasmtime('string of 10 bytes and back', 'string 10 B echo'),
  besideWasmtime('list of 100 numbers', 'list<u32> 100'),
  instantiate('lean'),
  instantiate('values'),
  instantiate('composed'),
  multiple(
    'new state and a call: at most 0.1 of those with a new instance',
    'engine/life',
    'lean jspi',
    ['lodge', 'lodge plain'],
    0.1,
  ),
  multiple(
    'new state and a call that grows the memory, growth undone: at most a third of those with a new instance',
    'engine/life',
    'growing',
    ['lodge, growth undone', 'lodge plain'],
    1 / 3,
  ),
  {
    goal: 'a short call beside a guest that spins, p99: at most 10 ms longer',
    component: 'short call in its turn, p99',
    unit: 'ms',
    limit: 10,
    measured(find) {
      const alone = find('engine/neighbour', 'short call in its turn, p99', 'lodge alone')?.value;
      const beside = find('engine/neighbour', 'short call in its turn, p99', 'lodge beside 1')?.value;
      return alone === undefined || beside === undefined ? undefined : beside - alone;
    },
  },
  interruption('StarlingMonkey handler', 'StarlingMonkey handler'),
  interruption('JSON on StarlingMonkey', 'JSON on StarlingMonkey'),
  interruption('JSON in WebAssembly', 'JSON in WebAssembly'),
  throughput('HTTP, warm instance: at least 0.75 of raw node:http', 'lodge warm', 0.75),
  throughput('HTTP, new state for each request: at least 0.6 of raw node:http', 'lodge fresh', 0.6),
  multiple(
    'HTTP on StarlingMonkey, new state for each request: at least half of what a warm instance answers',
    'http/throughput',
    'starling',
    ['lodge fresh', 'lodge warm'],
    0.5,
    true,
  ),
  multiple(
    'HTTP, new state for each request, limits: at most 1.1 x the processor time',
    'http/throughput/cpu',
    'lean',
    ['lodge fresh, limited', 'lodge fresh'],
    1.1,
  ),
  multiple(
    'HTTP on StarlingMonkey, new state for each request, interruptible: at most 1.15 x the processor time',
    'http/throughput/cpu',
    'starling',
    ['lodge fresh, interruptible', 'lodge fresh'],
    1.15,
  ),
  load('a small component loaded by a new process: at most 10 ms', 'lean', 10),
  load('a small component loaded by a process that has loaded some: at most 1 ms', 'lean', 1, 'lodge', 'warm'),
  load('StarlingMonkey (14 MB) loaded: at most 60 ms', 'starling', 60),
  load('StarlingMonkey loaded, interruptible: at most 160 ms', 'starling', 160, 'lodge interruptible'),
  {
    goal: 'StarlingMonkey, new state: at most 150 us',
    component: 'starling',
    unit: 'us',
    limit: 150,
    measured: (find) => find('engine/instantiate', 'starling', 'lodge')?.value,
  },
  {
    goal: 'StarlingMonkey, bytes to first response: at most 150 ms',
    component: 'starling',
    unit: 'ms',
    limit: 150,
    measured: (find) => find('http/cold/fresh-process', 'starling', 'lodge')?.value,
  },
  heap('1,000,000 calls with new state: heap growth under 5 %', 'fresh instances'),
  heap('1,000,000 warm calls: heap growth under 5 %', 'warm calls'),
  {
    goal: '1,000,000 calls with new state at full rate: no pause over 1 s',
    component: 'fresh instances',
    unit: 'ms',
    limit: 1000,
    measured: (find) => find('memory/longest-pause', 'fresh instances', 'lodge')?.value,
  },
  {
    goal: 'keyvalue in memory, get: at most 3 us over the call itself',
    component: 'in memory',
    unit: 'us',
    limit: 3,
    measured(find) {
      const lodge = find('keyvalue/get/cpu', 'in memory', 'lodge')?.value;
      const call = find('keyvalue/get/cpu', 'in memory', 'trivial host')?.value;
      return lodge === undefined || call === undefined ? undefined : lodge - call;
    },
  },
  share('keyvalue on NATS, get: at least 0.7 of the bare client', 'keyvalue/get', 0.7),
  share('blobstore on NATS, write: at least 0.6 of the bare client', 'blobstore/write', 0.6),
  share('blobstore on NATS, read: at least 0.6 of the bare client', 'blobstore/read', 0.6),
  {
    goal: 'heartbeat jitter while 20 slow pulls run: at most 250 ms',
    component: '20 slow pulls',
    unit: 'ms',
    limit: 250,
    measured: (find) => find('scheduler/heartbeat-jitter', '20 slow pulls', 'lodge')?.value,
  },
];

/** Which goals the rows of a run meet. */
export function checkGoals(rows: readonly Row[]): readonly GoalResult[] {
  const find: FindRow = (scenario, component, subject) =>
    rows.find((row) => row.scenario === scenario && row.component === component && row.subject === subject);
  return goals.map(({ goal, component, unit, limit, isAtLeast, measured }) => {
    const value = measured(find);
    const reached = isAtLeast ? (value ?? 0) * (1 + tolerance) >= limit : (value ?? 0) <= limit * (1 + tolerance);
    const met = value !== undefined && reached;
    return { goal, component, unit, measured: value, met };
  });
}

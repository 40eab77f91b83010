import { setTimeout as sleep } from 'node:timers/promises';
import type { Effort } from '../effort.ts';
import { messageOf } from '../message-of.ts';
import { type Figure, Rounds } from '../rounds.ts';
import type { Row } from '../row.ts';
import { type Run, reportByScenario, type Scenario } from '../scenario.ts';
import { coldScenario } from './cold.ts';
import { latencyOf, loadOf, warmUp } from './load.ts';
import { busySubject, type ServerProcess, serverSubjects, startServer } from './servers.ts';

/** Until a server has noticed that its clients are gone. Milliseconds. */
const pauseMs = 100;
const busyRounds = 2;
/** A server that could have done more was not measured: the load generator, or whoever else runs on the machine, was. */
const leastBusy = 0.8;

interface Measurement {
  readonly failures: number;
  readonly figures: readonly Figure[];
  /** What makes the figures doubtful. */
  readonly doubt?: string;
}

type Measure = (server: ServerProcess, effort: Effort) => Promise<Measurement>;

const measures: Readonly<Record<string, Measure>> = { 'http/throughput': throughput, 'http/hot': hot };

/** The scenarios over sockets. The servers take turns within each round of each measure. */
export const httpScenarios: readonly Scenario[] = [
  {
    names: Object.keys(measures),
    components: ['lean', 'starling'],
    async run(run) {
      const rows: Row[] = [];
      for (const [component, file] of run.components) {
        if (component !== 'lean' && component !== 'starling') continue;
        if (component === 'lean' || run.effort.loadsSlowStarters) rows.push(...(await serve(run, component, file)));
      }
      reportByScenario(run, rows);
    },
  },
  coldScenario,
];

async function throughput(server: ServerProcess, effort: Effort): Promise<Measurement> {
  const before = await server.cpuMs();
  const { perSecond, answers, failures } = await loadOf(server.port, effort.throughputSeconds);
  const after = await server.cpuMs();
  const figures: Figure[] = [{ scenario: 'http/throughput', unit: 'req/s', value: perSecond }];
  if (before !== undefined && after !== undefined && answers > 0) {
    figures.push({ scenario: 'http/throughput/cpu', unit: 'us', value: ((after - before) * 1000) / answers });
    const busy = (after - before) / (effort.throughputSeconds * 1000);
    if (busy < leastBusy) return { failures, figures, doubt: doubtOf(busy) };
  }
  return { failures, figures };
}

function doubtOf(busy: number): string {
  const percent = Math.round(busy * 100);
  return `was only ${percent} % busy, since others want the processors; ratios to node:http are not to be trusted, those of http/throughput/cpu more so`;
}

async function hot({ port }: ServerProcess, effort: Effort): Promise<Measurement> {
  const { answers, failures, p50, p99 } = await latencyOf(port, effort.hotSeconds);
  if (answers === 0) return { failures, figures: [] };
  const figures: readonly Figure[] = [
    { scenario: 'http/hot/p50', unit: 'us', value: p50 },
    { scenario: 'http/hot/p99', unit: 'us', value: p99 },
  ];
  return { failures, figures };
}

/** The rows of one component. */
async function serve(run: Run, component: string, file: string): Promise<readonly Row[]> {
  const rounds = new Rounds({ component, yardstick: serverSubjects[0] });
  const wanted = Object.entries(measures).filter(([name]) => run.wants(name));
  const take = async (server: ServerProcess, [name, measure]: readonly [string, Measure]): Promise<void> => {
    try {
      const { failures, figures, doubt } = await measure(server, run.effort);
      if (doubt !== undefined) run.note(`${name} ${component}: ${server.subject} ${doubt}`);
      if (failures > 0)
        run.note(`${name} ${component}: ${failures} requests to ${server.subject} failed ${server.stderr.slice(-300)}`);
      for (const figure of figures) rounds.add(server.subject, figure);
    } catch (error) {
      run.note(`${name} ${component} without ${server.subject}: ${messageOf(error)}`);
    }
    await sleep(pauseMs);
  };
  const servers = await startServers(run, component, file);
  try {
    for (const { port } of servers) await warmUp(port);
    for (let round = 0; round < run.effort.httpRounds; round++) {
      const inTurn = round % 2 === 0 ? servers : servers.toReversed();
      for (const measure of wanted) for (const server of inTurn) await take(server, measure);
    }
  } finally {
    await Promise.all(servers.map((server) => server.end()));
  }
  for (let round = 0; run.effort.loadsSlowStarters && round < busyRounds; round++) {
    for (const measure of wanted) {
      const server = await startOrNote(run, component, busySubject, file);
      if (server === undefined) return [...rounds.rows()];
      await take(server, measure);
      await server.end();
    }
  }
  return [...rounds.rows()];
}

async function startServers(run: Run, component: string, file: string): Promise<ServerProcess[]> {
  const servers: ServerProcess[] = [];
  for (const subject of serverSubjects) {
    const server = await startOrNote(run, component, subject, file);
    if (server !== undefined) servers.push(server);
  }
  return servers;
}

async function startOrNote(
  run: Run,
  component: string,
  subject: string,
  file: string,
): Promise<ServerProcess | undefined> {
  try {
    return await startServer(subject, file, run.folder);
  } catch (error) {
    run.note(`http ${component} without ${subject}: ${messageOf(error)}`);
    return undefined;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Effort } from '../effort.ts';
import { messageOf } from '../message-of.ts';
import type { Run, Scenario } from '../scenario.ts';
import { coldScenario } from './cold.ts';
import { latencyOf, loadOf, warmUp } from './load.ts';
import { type Figure, Rounds } from './rounds.ts';
import { busySubject, type ServerProcess, serverSubjects, startServer } from './servers.ts';

/** Until a server has noticed that its clients are gone. Milliseconds. */
const pauseMs = 100;

/** The scenarios over sockets. */
export const httpScenarios: readonly Scenario[] = [
  serverScenario('http/throughput', async (server, effort) => {
    const before = await server.cpuMs();
    const { perSecond, answers, failures } = await loadOf(server.port, effort.throughputSeconds);
    const after = await server.cpuMs();
    const figures: Figure[] = [{ scenario: 'http/throughput', unit: 'req/s', value: perSecond }];
    if (before !== undefined && after !== undefined && answers > 0) {
      figures.push({ scenario: 'http/throughput/cpu', unit: 'us', value: ((after - before) * 1000) / answers });
    }
    return { failures, figures };
  }),
  serverScenario('http/hot', async ({ port }, effort) => {
    const { failures, p50, p99 } = await latencyOf(port, effort.hotSeconds);
    const figures: readonly Figure[] = [
      { scenario: 'http/hot/p50', unit: 'us', value: p50 },
      { scenario: 'http/hot/p99', unit: 'us', value: p99 },
    ];
    return { failures, figures };
  }),
  coldScenario,
];

interface Round {
  readonly failures: number;
  readonly figures: readonly Figure[];
}

/** Measures all servers of one component in turn, round by round. */
function serverScenario(name: string, measure: (server: ServerProcess, effort: Effort) => Promise<Round>): Scenario {
  return {
    name,
    async run(run) {
      const { lean, starling } = run.components;
      await component(run, 'lean', lean);
      if (run.effort.loadsStarling) await component(run, 'starling', starling);
    },
  };

  async function component(run: Run, component: string, file: string): Promise<void> {
    const what = `${name} ${component}`;
    const rounds = new Rounds(component);
    const take = async (server: ServerProcess): Promise<void> => {
      const { failures, figures } = await measure(server, run.effort);
      if (failures > 0)
        run.note(`${what}: ${failures} requests to ${server.subject} failed ${server.stderr.slice(-300)}`);
      for (const figure of figures) rounds.add(server.subject, figure);
      await sleep(pauseMs);
    };
    const servers = await startServers(run, what, file);
    try {
      for (const { port } of servers) await warmUp(port);
      for (let round = 0; round < run.effort.httpRounds; round++) {
        for (const server of round % 2 === 0 ? servers : servers.toReversed()) await take(server);
      }
    } finally {
      await Promise.all(servers.map((server) => server.end()));
    }
    for (let round = 0; round < Math.min(run.effort.httpRounds, 3); round++) {
      const server = await startOrNote(run, what, busySubject, file);
      if (server === undefined) break;
      try {
        await take(server);
      } finally {
        await server.end();
      }
    }
    for (const row of rounds.rows()) run.report(row);
  }
}

async function startServers(run: Run, what: string, file: string): Promise<ServerProcess[]> {
  const servers: ServerProcess[] = [];
  for (const subject of serverSubjects) {
    const server = await startOrNote(run, what, subject, file);
    if (server !== undefined) servers.push(server);
  }
  return servers;
}

async function startOrNote(run: Run, what: string, subject: string, file: string): Promise<ServerProcess | undefined> {
  try {
    return await startServer(subject, file, run.folder);
  } catch (error) {
    run.note(`${what} without ${subject}: ${messageOf(error)}`);
    return undefined;
  }
}

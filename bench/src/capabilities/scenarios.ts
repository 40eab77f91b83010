import type { NatsServer } from '@lodge-internal/test-nats';
import { messageOf } from '../message-of.ts';
import { Rounds } from '../rounds.ts';
import type { Row } from '../row.ts';
import { type Run, reportByScenario, type Scenario } from '../scenario.ts';
import { type Capability, capabilities, type Group } from './capability.ts';
import { type Done, Subject } from './subject.ts';

/** The scenarios of what guests are given, beside the same with no guest in between. */
export const capabilityScenarios: readonly Scenario[] = capabilities.map((capability) => ({
  names: capability.operations.map((operation) => `${capability.name}/${operation}`),
  components: [capability.guest],
  async run(run) {
    await using server = await startServerOrNote(run, capability);
    const rows: Row[] = [];
    for (const group of capability.groups) {
      const natsUrl = group.component === 'NATS' ? server?.url : undefined;
      if (group.component === 'NATS' && natsUrl === undefined) continue;
      const contest = new Contest(run, capability, group);
      try {
        await contest.start(natsUrl);
        await contest.runRounds();
      } finally {
        await contest.end();
      }
      rows.push(...contest.rows());
    }
    reportByScenario(run, rows);
  },
}));

async function startServerOrNote(run: Run, { name }: Capability): Promise<NatsServer | undefined> {
  try {
    const { startNatsServer } = await import('@lodge-internal/test-nats');
    return await startNatsServer();
  } catch (error) {
    run.note(`${name} without NATS: ${messageOf(error)}`);
    return undefined;
  }
}

/** The subjects of a group, which take turns. */
class Contest {
  readonly #run: Run;
  readonly #capability: Capability;
  readonly #group: Group;
  readonly #rounds: Rounds;
  readonly #subjects = new Set<Subject>();

  constructor(run: Run, capability: Capability, group: Group) {
    this.#run = run;
    this.#capability = capability;
    this.#group = group;
    this.#rounds = new Rounds(group);
  }

  /** Starts all subjects, and has each do each operation once. */
  async start(natsUrl: string | undefined): Promise<void> {
    const { components, effort } = this.#run;
    const { name, guest, operations, warmUpCount } = this.#capability;
    const file = components.get(guest) ?? '';
    for (const subject of this.#group.subjects) {
      const task = { capability: name, subject, file, ...(natsUrl !== undefined && { natsUrl }) };
      try {
        this.#subjects.add(await Subject.start(task));
      } catch (error) {
        this.#note(subject, error);
      }
    }
    for (const operation of operations) {
      for (const subject of this.#subjects) {
        await this.#work(subject, operation, effort.capabilityMs / 4, warmUpCount(effort));
      }
    }
  }

  async runRounds(): Promise<void> {
    const { effort } = this.#run;
    const { name, operations, count, unit } = this.#capability;
    const wanted = operations.filter((operation) => this.#run.wants(`${name}/${operation}`));
    for (let round = 0; round < effort.capabilityRounds; round++) {
      for (const operation of wanted) {
        const inTurn = round % 2 === 0 ? [...this.#subjects] : [...this.#subjects].reverse();
        for (const subject of inTurn) {
          const work = await this.#work(subject, operation, effort.capabilityMs, count(effort));
          if (work === undefined) continue;
          const { done, ms, cpuMs } = work;
          const scenario = `${name}/${operation}`;
          this.#rounds.add(subject.name, { scenario, unit, value: (done * 1000) / ms });
          this.#rounds.add(subject.name, { scenario: `${scenario}/cpu`, unit: 'us', value: (cpuMs * 1000) / done });
        }
      }
    }
  }

  rows(): Iterable<Row> {
    return this.#rounds.rows();
  }

  async end(): Promise<void> {
    await Promise.all([...this.#subjects].map((subject) => subject.end()));
  }

  /** A subject that fails once is not asked again. */
  async #work(subject: Subject, operation: string, ms: number, count: number): Promise<Done | undefined> {
    try {
      return await subject.work({ operation, ms, count });
    } catch (error) {
      this.#note(`${subject.name}, ${operation}`, error);
      this.#subjects.delete(subject);
      await subject.end();
      return undefined;
    }
  }

  #note(what: string, error: unknown): void {
    this.#run.note(`${this.#capability.name} ${this.#group.component} without ${what}: ${messageOf(error)}`);
  }
}

import { fileURLToPath } from 'node:url';
import type { ComponentName } from '../components.ts';
import type { Effort } from '../effort.ts';
import { LineProcess } from '../line-process.ts';
import { messageOf } from '../message-of.ts';
import { perMillisecond } from '../row.ts';
import type { Run, Scenario } from '../scenario.ts';
import { median } from '../statistics.ts';
import { findPython } from '../wasmtime/find-python.ts';
import type { SampleReply, SampleRequest, SubjectHello, SubjectTask } from './case.ts';
import { stackFlags } from './suspended.ts';

/** Compiling StarlingMonkey may be part of a start, and of a sample. */
const answerTimeoutMs = 60_000;

const loaded: readonly ComponentName[] = ['lean', 'values', 'starling'];

/** The scenarios of the engine. */
export const engineScenarios: readonly Scenario[] = [
  scenario('engine/load/cold', ['lodge', 'lodge interruptible', 'jco'], loaded, true),
  scenario('engine/load/warm', ['lodge', 'lodge interruptible', 'jco'], loaded),
  scenario('engine/instantiate', ['lodge', 'lodge plain', 'bare', 'jco', 'wasmtime'], [...loaded, 'composed']),
  scenario('engine/life', ['lodge', 'lodge, growth undone', 'lodge plain', 'jco'], ['lean', 'values', 'growing']),
  scenario('engine/first-call', ['lodge', 'lodge plain', 'jco'], ['lean', 'values']),
  scenario('engine/warm-call', ['lodge', 'jco', 'wasmtime'], ['lean', 'values', 'resource', 'composed']),
  scenario('engine/interruption', ['lodge', 'lodge interruptible'], ['work', 'json', 'starling', 'lean']),
  scenario('engine/neighbour', ['lodge alone', 'lodge beside 1', 'lodge beside 20'], ['work']),
  scenario('engine/suspended', ['lodge', ...Object.keys(stackFlags)], ['lean']),
];

/**
 * @param isCold whether each sample is taken in a process of its own
 */
function scenario(
  name: string,
  subjects: readonly string[],
  components: readonly ComponentName[],
  isCold = false,
): Scenario {
  return {
    names: [name],
    components,
    async run(run) {
      const results = new Results();
      const started: Subject[] = [];
      try {
        for (const subject of subjects) {
          const one = await startOrNote(run, name, subject);
          if (one !== undefined) started.push(one);
        }
        for (const { component } of started[0]?.cases ?? []) {
          const able = started.filter((one) => one.has(component));
          for (let round = 0; round < roundsOf(run.effort, isCold); round++) {
            // Turn and turn about: who came last begins the next round.
            for (const subject of round % 2 === 0 ? able : able.toReversed()) {
              await sampleOrNote(run, subject, component, isCold, results);
            }
          }
        }
      } finally {
        await Promise.all(started.map((one) => one.end()));
      }
      for (const { component, subject, unit, values } of results.all) {
        run.report({ scenario: name, component, subject, value: median(values) * perMillisecond[unit], unit });
      }
    },
  };
}

function roundsOf(effort: Effort, isCold: boolean): number {
  return isCold ? effort.coldRounds : effort.engineRounds;
}

async function startOrNote(run: Run, scenario: string, subject: string): Promise<Subject | undefined> {
  try {
    const task: SubjectTask = { scenario, subject, files: Object.fromEntries(run.components) };
    const started = await Subject.start(task);
    for (const failure of started?.failures ?? []) run.note(`${scenario}, part of ${subject}: ${failure}`);
    return started;
  } catch (error) {
    run.note(`${scenario} without ${subject}: ${messageOf(error)}`);
    return undefined;
  }
}

async function sampleOrNote(
  run: Run,
  subject: Subject,
  component: string,
  isCold: boolean,
  results: Results,
): Promise<void> {
  if (subject.hasFailed(component)) return;
  try {
    if (isCold) await subject.restart();
    const ms = await subject.sample(component, isCold ? 0 : run.effort.sampleMs);
    results.add(component, subject.name, subject.unitOf(component), ms);
  } catch (error) {
    subject.fail(component);
    run.note(`${subject.scenario} ${component} without ${subject.name}: ${messageOf(error)}`);
  }
}

/** The process of one subject. */
class Subject {
  readonly #task: SubjectTask;
  #process: LineProcess;
  #hello: SubjectHello;
  readonly #failed = new Set<string>();

  private constructor(task: SubjectTask, process: LineProcess, hello: SubjectHello) {
    this.#task = task;
    this.#process = process;
    this.#hello = hello;
  }

  static async start(task: SubjectTask): Promise<Subject | undefined> {
    const opened = await open(task);
    return opened && new Subject(task, opened.process, opened.hello);
  }

  get name(): string {
    return this.#task.subject;
  }

  get scenario(): string {
    return this.#task.scenario;
  }

  get cases(): SubjectHello['cases'] {
    return this.#hello.cases;
  }

  get failures(): readonly string[] {
    return this.#hello.failures ?? [];
  }

  has(component: string): boolean {
    return this.cases.some((one) => one.component === component);
  }

  unitOf(component: string): 'ns' | 'us' | 'ms' {
    return this.cases.find((one) => one.component === component)?.unit ?? 'ms';
  }

  hasFailed(component: string): boolean {
    return this.#failed.has(component);
  }

  /** What failed once is not tried again. */
  fail(component: string): void {
    this.#failed.add(component);
  }

  /** Goes on in a new process. */
  async restart(): Promise<void> {
    await this.#process.end();
    const opened = await open(this.#task);
    if (opened !== undefined) this.#process = opened.process;
  }

  /** Milliseconds for one time. */
  async sample(component: string, ms: number): Promise<number> {
    const request: SampleRequest = { case: this.cases.findIndex((one) => one.component === component), ms };
    const { value, error } = await this.#process.ask<SampleReply>(request, answerTimeoutMs);
    if (value === undefined) throw new Error(error);
    return value;
  }

  end(): Promise<void> {
    return this.#process.end();
  }
}

/** Nothing where what the subject needs is not on this machine. */
async function open(task: SubjectTask): Promise<{ process: LineProcess; hello: SubjectHello } | undefined> {
  const process = await spawnSubject(task);
  if (process === undefined) return undefined;
  try {
    return { process, hello: await process.ask<SubjectHello>(undefined, answerTimeoutMs) };
  } catch (error) {
    await process.end(0);
    throw error;
  }
}

async function spawnSubject(task: SubjectTask): Promise<LineProcess | undefined> {
  const argument = JSON.stringify(task);
  if (task.subject !== 'wasmtime') {
    const flag = stackFlags[task.subject];
    const script = fileURLToPath(new URL('./subject-process.ts', import.meta.url));
    return new LineProcess({ args: [...(flag === undefined ? [] : [flag]), script, argument] });
  }
  const python = await findPython();
  if (python === undefined) return undefined;
  const script = fileURLToPath(new URL('../wasmtime/subject.py', import.meta.url));
  return new LineProcess({ command: python, args: [script, argument] });
}

/** Samples in the order in which the cases came. */
class Results {
  readonly #rows = new Map<string, ResultRow>();

  get all(): readonly ResultRow[] {
    return [...this.#rows.values()];
  }

  add(component: string, subject: string, unit: 'ns' | 'us' | 'ms', value: number): void {
    const key = JSON.stringify([component, subject]);
    const row = this.#rows.get(key) ?? { component, subject, unit, values: [] };
    row.values.push(value);
    this.#rows.set(key, row);
  }
}

interface ResultRow {
  readonly component: string;
  readonly subject: string;
  readonly unit: 'ns' | 'us' | 'ms';
  /** Milliseconds for one time, one of each round. */
  readonly values: number[];
}

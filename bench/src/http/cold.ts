import { fileURLToPath } from 'node:url';
import { LineProcess } from '../line-process.ts';
import { messageOf } from '../message-of.ts';
import { Rounds } from '../rounds.ts';
import type { Row } from '../row.ts';
import { type Run, reportByScenario, type Scenario } from '../scenario.ts';

const yardstick = 'node:http';
const subjects = [yardstick, 'lodge', 'jco engine'];
const timeoutMs = 60_000;

/** From the bytes of a component to the first response of a new host. */
export const coldScenario: Scenario = {
  names: ['http/cold'],
  components: ['lean', 'starling'],
  async run(run) {
    const rows: Row[] = [];
    for (const [name, file] of run.components) {
      if (name === 'lean' || name === 'starling') rows.push(...(await component(run, name, file)));
    }
    reportByScenario(run, rows);
  },
};

async function component(run: Run, component: string, file: string): Promise<readonly Row[]> {
  const rounds = new Rounds({ component, yardstick });
  const failed = new Set<string>();
  for (let round = 0; round < run.effort.coldRounds; round++) {
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      if (failed.has(subject)) continue;
      try {
        const { cold, warm } = await measure(subject, file, run.effort.warmStarts);
        rounds.add(subject, { scenario: 'http/cold/fresh-process', unit: 'ms', value: cold });
        rounds.add(subject, { scenario: 'http/cold/warm-process', unit: 'ms', value: warm });
      } catch (error) {
        failed.add(subject);
        run.note(`http/cold ${component} without ${subject}: ${messageOf(error)}`);
      }
    }
  }
  return [...rounds.rows()];
}

async function measure(subject: string, file: string, warmStarts: number): Promise<{ cold: number; warm: number }> {
  const script = fileURLToPath(new URL('./cold-process.ts', import.meta.url));
  const process = new LineProcess({ args: [script, subject, file, String(warmStarts)] });
  try {
    return await process.ask<{ cold: number; warm: number }>(undefined, timeoutMs);
  } finally {
    await process.end(0);
  }
}

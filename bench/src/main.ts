import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capabilityScenarios } from './capabilities/scenarios.ts';
import { type CommandLine, readCommandLine, usage } from './command-line.ts';
import { prepareComponents } from './components.ts';
import { fullEffort, quickEffort } from './effort.ts';
import { engineScenarios } from './engine/scenarios.ts';
import { checkGoals } from './goals.ts';
import { httpScenarios } from './http/scenarios.ts';
import { memoryScenarios } from './memory/scenarios.ts';
import { messageOf } from './message-of.ts';
import { jsonReporter, tableReporter } from './report.ts';
import type { Row } from './row.ts';
import type { Run, Scenario } from './scenario.ts';
import { schedulerScenarios } from './scheduler/scenarios.ts';

const scenarios: readonly Scenario[] = [
  ...engineScenarios,
  ...httpScenarios,
  ...memoryScenarios,
  ...capabilityScenarios,
  ...schedulerScenarios,
];

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let line: CommandLine;
  try {
    line = readCommandLine(args);
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}\n\n${usage}`);
    return 1;
  }
  if (line.help) {
    process.stdout.write(usage);
    return 0;
  }
  const chosen = scenarios.filter(({ names }) => names.some((name) => isWanted(name, line.only)));
  if (chosen.length === 0) {
    const names = scenarios.flatMap((one) => one.names.map((name) => `  ${name}\n`)).join('');
    process.stderr.write(`bench: no scenario begins with ${JSON.stringify(line.only)}. There are:\n${names}`);
    return 1;
  }
  return runAll(chosen, line);
}

/** Of a longer prefix, such as `memory/heap`, the scenario is run too; rows that do not have it are dropped. */
function isWanted(name: string, only: string): boolean {
  return name.startsWith(only) || only.startsWith(name);
}

async function runAll(chosen: readonly Scenario[], { json, quick, only }: CommandLine): Promise<number> {
  const write = (text: string): void => void process.stdout.write(text);
  const reporter = json ? jsonReporter(write) : tableReporter(write);
  const note = (text: string): void => void process.stderr.write(`bench: ${text}\n`);
  const rows: Row[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'lodge-bench-'));
  // The processes of the subjects end with this one; the folder does not by itself.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const run: Run = {
    components: await prepareComponents(folder, new Set(chosen.flatMap(({ components }) => components))),
    effort: quick ? quickEffort : fullEffort,
    folder,
    note,
    wants: (name) => isWanted(name, only),
    report(row) {
      if (!row.scenario.startsWith(only)) return;
      rows.push(row);
      reporter.row(row);
    },
  };
  for (const { names, run: runScenario } of chosen) {
    const name = names.join(', ');
    const start = performance.now();
    try {
      await runScenario(run);
    } catch (error) {
      note(`${name}: ${messageOf(error)}`);
    }
    if (process.stderr.isTTY) note(`${name} took ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
  const results = checkGoals(rows).filter(({ measured }) => only === '' || measured !== undefined);
  for (const result of results) reporter.goal(result);
  reporter.end();
  return rows.length === 0 ? 1 : 0;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const scenarios: readonly Scenario[] = [...engineScenarios, ...httpScenarios, ...memoryScenarios];

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
  // Of a longer prefix, such as `memory/heap`, the scenario is run and the other rows are dropped.
  const chosen = scenarios.filter(({ name }) => name.startsWith(line.only) || line.only.startsWith(name));
  if (chosen.length === 0) {
    const names = scenarios.map(({ name }) => `  ${name}\n`).join('');
    process.stderr.write(`bench: no scenario begins with ${JSON.stringify(line.only)}. There are:\n${names}`);
    return 1;
  }
  return runAll(chosen, line);
}

async function runAll(chosen: readonly Scenario[], { json, quick, only }: CommandLine): Promise<number> {
  const write = (text: string): void => void process.stdout.write(text);
  const reporter = json ? jsonReporter(write) : tableReporter(write);
  const note = (text: string): void => void process.stderr.write(`bench: ${text}\n`);
  const rows: Row[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'lodge-bench-'));
  try {
    const run: Run = {
      components: await prepareComponents(folder),
      effort: quick ? quickEffort : fullEffort,
      folder,
      note,
      report(row) {
        if (!row.scenario.startsWith(only)) return;
        rows.push(row);
        reporter.row(row);
      },
    };
    for (const { name, run: runScenario } of chosen) {
      const start = performance.now();
      try {
        await runScenario(run);
      } catch (error) {
        note(`${name}: ${messageOf(error)}`);
      }
      if (process.stderr.isTTY) note(`${name} took ${((performance.now() - start) / 1000).toFixed(1)} s`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const results = checkGoals(rows).filter(({ measured }) => only === '' || measured !== undefined);
  for (const result of results) reporter.goal(result);
  reporter.end();
  return rows.length === 0 ? 1 : 0;
}

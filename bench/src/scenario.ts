import type { ComponentFiles, ComponentName } from './components.ts';
import type { Effort } from './effort.ts';
import type { Row } from './row.ts';

/** What a scenario is run with. */
export interface Run {
  readonly components: ComponentFiles;
  readonly effort: Effort;
  /** Removed after the run. */
  readonly folder: string;
  /** Whether rows of a scenario are asked for. */
  wants(scenario: string): boolean;
  /** A figure of the result. */
  report(row: Row): void;
  /** Something that was left out or went wrong, and why. */
  note(text: string): void;
}

/** A part of the benchmark. */
export interface Scenario {
  /** Its rows have these names, or names that begin with them. */
  readonly names: readonly string[];
  /** What it runs. */
  readonly components: readonly ComponentName[];
  run(run: Run): Promise<void>;
}

/** Reports rows of several scenarios and components, those of a scenario together. */
export function reportByScenario(run: Run, rows: readonly Row[]): void {
  for (const scenario of new Set(rows.map((row) => row.scenario))) {
    for (const row of rows) if (row.scenario === scenario) run.report(row);
  }
}

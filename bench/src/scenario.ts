import type { Components } from './components.ts';
import type { Effort } from './effort.ts';
import type { Row } from './row.ts';

/** What a scenario is run with. */
export interface Run {
  readonly components: Components;
  readonly effort: Effort;
  /** Removed after the run. */
  readonly folder: string;
  /** A figure of the result. */
  report(row: Row): void;
  /** Something that was left out or went wrong, and why. */
  note(text: string): void;
}

/** A part of the benchmark. */
export interface Scenario {
  /** Its rows have this name, or names that begin with it. */
  readonly name: string;
  run(run: Run): Promise<void>;
}

import type { ComponentName } from '../src/components.ts';
import { prepareComponents } from '../src/components.ts';
import type { Effort } from '../src/effort.ts';
import { quickEffort } from '../src/effort.ts';
import type { Row } from '../src/row.ts';
import type { Scenario } from '../src/scenario.ts';

/** What a scenario gave. */
export interface Outcome {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

/** How a scenario is run. */
export interface OutcomeOptions {
  /** For the components. */
  readonly folder: string;
  readonly components: readonly ComponentName[];
}

/** So little that it is done in a second or two. */
const tinyEffort: Effort = {
  ...quickEffort,
  coldRounds: 1,
  capabilityRounds: 1,
  capabilityMs: 0,
  operationsPerCall: 10,
  objectPieces: 3,
  heartbeatsMs: 500,
};

/** Runs a scenario with the least effort. */
export async function outcomeOf(
  scenario: Scenario | undefined,
  { folder, components }: OutcomeOptions,
): Promise<Outcome> {
  const rows: Row[] = [];
  const notes: string[] = [];
  await scenario?.run({
    components: await prepareComponents(folder, components),
    effort: tinyEffort,
    folder,
    wants: () => true,
    report: (row) => rows.push(row),
    note: (text) => notes.push(text),
  });
  return { rows, notes };
}

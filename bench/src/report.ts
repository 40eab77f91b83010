import type { GoalResult } from './goals.ts';
import type { Row } from './row.ts';

/** Where the figures go. */
export interface Reporter {
  row(row: Row): void;
  goal(goal: GoalResult): void;
  /** The last word. */
  end(): void;
}

/** One JSON object a line, each as soon as it is known. A goal is a row too, of the scenario `goal`. */
export function jsonReporter(write: (text: string) => void): Reporter {
  return {
    row: (row) => write(`${JSON.stringify({ ...row, value: rounded(row.value), ...roundedRatio(row) })}\n`),
    goal({ goal, component, measured, unit, met }) {
      const value = measured === undefined ? null : rounded(measured);
      const row = { scenario: 'goal', component, subject: 'lodge', value, unit, goal, measured: value, met };
      write(`${JSON.stringify(row)}\n`);
    },
    end() {},
  };
}

/** An aligned table, a part for each scenario. */
export function tableReporter(write: (text: string) => void): Reporter {
  let pending: Row[] = [];
  const goals: GoalResult[] = [];
  const flush = (): void => {
    const [first] = pending;
    if (first === undefined) return;
    const yardsticks = new Set(pending.flatMap(({ yardstick }) => yardstick ?? []));
    const lines = pending.map((row) => [
      `  ${row.component}`,
      row.subject,
      readable(row.value),
      row.unit,
      ...(row.ratio === undefined ? [] : [`${readable(row.ratio)} x`]),
    ]);
    const [yardstick] = yardsticks;
    const ratioHead = yardstick === undefined ? [] : [yardsticks.size === 1 ? `to ${yardstick}` : 'ratio'];
    write(`\n${aligned([[first.scenario, 'subject', 'value', 'unit', ...ratioHead], ...lines], [2, 4])}`);
    pending = [];
  };
  return {
    row(row) {
      if (pending[0] !== undefined && pending[0].scenario !== row.scenario) flush();
      pending.push(row);
    },
    goal(goal) {
      goals.push(goal);
    },
    end() {
      flush();
      if (goals.length === 0) return;
      const lines = goals.map(({ goal, measured, unit, met }) => [
        goal,
        measured === undefined ? '-' : readable(measured),
        unit,
        measured === undefined ? 'not measured' : met ? 'yes' : 'NO',
      ]);
      write(`\n${aligned([['goal', 'measured', '', 'met'], ...lines], [1])}`);
    },
  };
}

/** Lines of cells, each column as wide as its widest cell; those in `right` are flush right. */
function aligned(lines: readonly (readonly string[])[], right: readonly number[]): string {
  const widths: number[] = [];
  for (const cells of lines)
    for (const [at, cell] of cells.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  const pad = (cell: string, at: number): string =>
    right.includes(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0);
  return lines.map((cells) => `${cells.map(pad).join('  ').trimEnd()}\n`).join('');
}

/** Three digits, or all before the point. */
function readable(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 4));
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function roundedRatio({ ratio }: Row): Partial<Row> {
  return ratio === undefined ? {} : { ratio: rounded(ratio) };
}

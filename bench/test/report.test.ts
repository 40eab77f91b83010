import { describe, expect, test } from 'vitest';
import { jsonReporter, tableReporter } from '../src/report.ts';
import type { Row } from '../src/row.ts';

const rows: readonly Row[] = [
  {
    scenario: 'http/throughput',
    component: 'lean',
    subject: 'node:http',
    value: 100_000,
    unit: 'req/s',
    ratio: 1,
    yardstick: 'node:http',
  },
  {
    scenario: 'http/throughput',
    component: 'lean',
    subject: 'lodge warm',
    value: 61_234.5,
    unit: 'req/s',
    ratio: 0.61234,
    yardstick: 'node:http',
  },
];
const goal = { goal: 'fast', component: 'lean', measured: 0.61234, unit: 'x', met: true } as const;

function textOf(make: typeof jsonReporter): string {
  let text = '';
  const reporter = make((more) => {
    text += more;
  });
  for (const one of rows) reporter.row(one);
  reporter.goal(goal);
  reporter.end();
  return text;
}

describe('reports', () => {
  test('every line of JSON is a row with scenario, component, subject, value and unit', () => {
    const lines = textOf(jsonReporter)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(3);
    for (const line of lines)
      expect(Object.keys(line)).toEqual(expect.arrayContaining(['scenario', 'component', 'subject', 'value', 'unit']));
  });

  test('a goal in JSON says what was measured and whether that is enough', () => {
    expect(JSON.parse(textOf(jsonReporter).trimEnd().split('\n')[2] ?? '')).toMatchObject({
      goal: 'fast',
      measured: 0.6123,
      met: true,
    });
  });

  test('the columns of the table stand below each other', () => {
    const [, head = '', ...lines] = textOf(tableReporter).split('\n');
    const at = head.indexOf('unit');
    expect(lines.slice(0, 2).map((line) => line.slice(at, at + 5))).toEqual(['req/s', 'req/s']);
  });

  test('the table says what ratios compare with, where that is one thing', () => {
    expect(textOf(tableReporter)).toMatch(/unit +to node:http\n/);
    let text = '';
    const reporter = tableReporter((more) => {
      text += more;
    });
    for (const one of rows) reporter.row(one);
    reporter.row({ ...(rows[1] as Row), ratio: 0.5, yardstick: 'another' });
    reporter.end();
    expect(text).toMatch(/unit +ratio\n/);
  });

  test('the table names a goal that was missed', () => {
    let text = '';
    const reporter = tableReporter((more) => {
      text += more;
    });
    reporter.goal({ ...goal, met: false });
    reporter.end();
    expect(text).toMatch(/fast .*NO/);
  });
});

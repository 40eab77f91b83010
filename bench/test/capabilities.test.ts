import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capabilities } from '../src/capabilities/capability.ts';
import { capabilityScenarios } from '../src/capabilities/scenarios.ts';
import { outcomeOf } from './outcome.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lodge-bench-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(capabilities)('the scenarios of $name', ({ name, guest, operations, groups }) => {
  test('give a figure of each operation for each subject, beside its yardstick', async () => {
    const scenario = capabilityScenarios.find(({ names }) => names.includes(`${name}/${operations[0]}`));
    const { rows, notes } = await outcomeOf(scenario, { folder, components: [guest] });
    expect(notes).toEqual([]);
    const found = rows.map((row) => [row.scenario, row.component, row.subject, row.yardstick].join(', '));
    const expected = operations.flatMap((operation) =>
      groups.flatMap(({ component, subjects, yardstick }) =>
        subjects.map((subject) => [`${name}/${operation}`, component, subject, yardstick].join(', ')),
      ),
    );
    expect(found).toEqual(expect.arrayContaining(expected));
    for (const { value } of rows) expect(value).toBeGreaterThan(0);
  });
});

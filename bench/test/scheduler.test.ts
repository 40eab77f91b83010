import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schedulerScenarios } from '../src/scheduler/scenarios.ts';
import { outcomeOf } from './outcome.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lodge-bench-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  ['scheduler/start', ['lean uncached', 'lean cached']],
  ['scheduler/heartbeat-jitter', ['idle', '20 slow pulls', 'idle']],
])('the scenario %s gives a figure for %j', async (name, components) => {
  const scenario = schedulerScenarios.find(({ names }) => names.includes(name));
  const { rows, notes } = await outcomeOf(scenario, { folder, components: ['lean'] });
  expect(notes).toEqual([]);
  expect(rows.map(({ component }) => component)).toEqual(components);
  for (const { value } of rows) expect(value).toBeGreaterThan(0);
});

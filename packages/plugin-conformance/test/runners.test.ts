import { runNodeTest } from '@lodge-internal/conformance';
import { describe, expect, test } from 'vitest';

const fixture = new URL('node-test-runner.fixture.mjs', import.meta.url);

describe('testHostPlugin under node:test', () => {
  test('passes a plugin that keeps the rules, and reports what it skips', async () => {
    const { exitCode, passed, failed, skipped } = await runNodeTest(fixture);
    expect({ exitCode, failed }).toEqual({ exitCode: 0, failed: 0 });
    expect(passed).toBeGreaterThanOrEqual(20);
    expect(skipped).toBeGreaterThanOrEqual(1);
  });

  test('fails one that does not', async () => {
    expect(await runNodeTest(fixture, { BROKEN: '1' })).toMatchObject({ exitCode: 1, failed: 1 });
  });
});

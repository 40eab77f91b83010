import assert from 'node:assert/strict';
import type { Engine } from '@lodge/core';
import { testBadInput } from './bad-input.js';
import { testErrors } from './errors.js';
import { testInspect } from './inspect.js';
import { testIsolation } from './isolation.js';
import { testLimits } from './limits.js';
import { testLinks } from './links.js';
import { testResources } from './resources.js';
import { type EngineSuiteOptions, Suite, type TestRunner } from './suite.js';
import { testSuspension } from './suspension.js';
import { testTraps } from './traps.js';
import { testValues } from './values.js';

/**
 * Tests that an engine behaves as the engine interface says. Skips only what the engine itself says it does not support, and what
 * `options.differences` lists.
 *
 * @param runner vitest's `{ describe, test }`, or anything that behaves like them
 * @param setup makes an engine; called once for each test
 */
export function testEngine(
  runner: TestRunner,
  setup: () => Engine | Promise<Engine>,
  options: EngineSuiteOptions = {},
): void {
  const suite = new Suite(runner, setup, options);
  testInspect(suite);
  testValues(suite);
  testResources(suite);
  testErrors(suite);
  testSuspension(suite);
  testTraps(suite);
  testLimits(suite);
  testLinks(suite);
  testBadInput(suite);
  testIsolation(suite, setup);
  // Inside the test: a runner may collect the tests of a `describe` later.
  runner.test('every listed difference names a test', async () => {
    const unknown = Object.keys(options.differences ?? {}).filter((name) => !suite.names.has(name));
    assert.deepEqual(unknown, []);
  });
}

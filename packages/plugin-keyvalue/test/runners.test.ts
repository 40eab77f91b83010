import { checkSuiteUnderNodeTest } from '@lodge-internal/conformance';
import { test } from 'vitest';

test('the suite runs under node:test, too: it passes what keeps the rules, and fails what does not', async () => {
  await checkSuiteUnderNodeTest(new URL('node-test-runner.fixture.mjs', import.meta.url));
});

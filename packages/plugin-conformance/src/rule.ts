import type { TestRunner } from './test-runner.js';

/** One rule of a conformance suite. */
export interface Rule<Setup> {
  /** A sentence whose subject is what is tested: `forgets a workload after unbind`. */
  readonly name: string;
  /** Why the rule does not apply to this setup; the test is then reported as skipped. Unset, or `undefined`: it applies. */
  skipReason?(setup: Setup): string | undefined;
  /** Settles when the rule holds. @throws AssertionError that says what was expected. */
  check(setup: Setup): Promise<void>;
}

/**
 * Registers a test per rule under `title`. For suites of your own: each rule is plain data, so it can be held against a
 * deliberately broken setup too.
 */
export function registerRules<Setup>(
  runner: TestRunner,
  title: string,
  rules: readonly Rule<Setup>[],
  setup: Setup,
): void {
  runner.describe(title, () => {
    for (const rule of rules) {
      const reason = rule.skipReason?.(setup);
      if (reason === undefined) runner.test(rule.name, () => rule.check(setup));
      else runner.test.skip(`${rule.name} (${reason})`, async () => {});
    }
  });
}

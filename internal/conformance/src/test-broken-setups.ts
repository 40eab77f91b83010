import assert from 'node:assert/strict';

/** One rule, as far as it is needed here. */
interface CheckedRule<Setup> {
  readonly name: string;
  check(setup: Setup): Promise<void>;
}

interface Runner {
  test(name: string, body: () => Promise<void>): unknown;
}

/** What {@link testBrokenSetups} holds against rules. */
export interface BrokenSetups<Setup, Rule, Fault> {
  /** By the name of a rule, what it must notice. */
  readonly faults: Readonly<Record<string, readonly Fault[]>>;
  /** A setup with that fault. */
  setupWith(fault: Fault, rule: Rule): Setup;
}

/**
 * Registers a test for each fault, which its rule must notice, and one that no rule is without. A rule that nothing breaks would prove nothing.
 */
export function testBrokenSetups<Setup, Rule extends CheckedRule<Setup>, Fault>(
  { test }: Runner,
  rules: readonly Rule[],
  { faults, setupWith }: BrokenSetups<Setup, Rule, Fault>,
): void {
  test('every rule has a backend that breaks it, and no other has', async () => {
    assert.deepEqual(Object.keys(faults).sort(), rules.map(({ name }) => name).sort());
  });
  for (const rule of rules) {
    for (const [index, fault] of (faults[rule.name] ?? []).entries()) {
      test(`fault ${index + 1} breaks the rule that a backend ${rule.name}`, async () => {
        await assert.rejects(rule.check(setupWith(fault, rule)), isVerdict);
      });
    }
  }
}

/** An assertion, or the backend's own error; a TypeError would rather be a defect of the rule. */
function isVerdict(error: unknown): boolean {
  return error instanceof Error && !(error instanceof TypeError) && !(error instanceof ReferenceError);
}

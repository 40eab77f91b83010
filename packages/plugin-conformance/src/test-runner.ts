/** Registers one test of a runner. */
export interface TestFunction {
  (name: string, body: () => Promise<void>): unknown;
  /** Registers a test that is reported and not run. */
  skip(name: string, body: () => Promise<void>): unknown;
}

/**
 * What a conformance suite needs of a test runner. The modules `vitest`, `node:test` and `bun:test` fit as they are:
 *
 * ```ts
 * import { describe, test } from 'vitest';
 * testHostPlugin({ describe, test }, setup);
 * ```
 */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  readonly test: TestFunction;
}

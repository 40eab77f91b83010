import { type Rule, registerRules, type TestRunner } from '@lodge/plugin-conformance';
import { containerRules } from './container-rules.js';
import { listingRules } from './listing-rules.js';
import { objectRules } from './object-rules.js';
import { resourceRules } from './resource-rules.js';
import type { BlobstoreBackendSetup } from './setup.js';

export type { BlobstoreBackendSetup } from './setup.js';

/** Every rule that a blob store backend must keep. */
export const blobstoreBackendRules: readonly Rule<BlobstoreBackendSetup>[] = Object.freeze([
  ...containerRules,
  ...objectRules,
  ...listingRules,
  ...resourceRules,
]);

/** Registers a test for every rule that `BlobstoreBackend` states. The modules `vitest`, `node:test` and `bun:test` fit as runners. */
export function testBlobstoreBackend(runner: TestRunner, setup: BlobstoreBackendSetup): void {
  registerRules(runner, 'BlobstoreBackend', blobstoreBackendRules, setup);
}

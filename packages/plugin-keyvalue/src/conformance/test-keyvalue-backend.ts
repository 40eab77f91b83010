import { registerRules, type TestRunner } from '@lodge/plugin-conformance';
import type { KeyValueBackend } from '../backend.js';
import { keyValueBackendRules } from './rules.js';
import type { KeyValueBackendSetup } from './setup.js';

/** Registers a test for every rule that `keyValuePlugin` relies on: keys and values, listings, versions, watches, the end. */
export function testKeyValueBackend<Backend extends KeyValueBackend>(
  runner: TestRunner,
  setup: KeyValueBackendSetup<Backend>,
): void {
  // The rules hand the setup only backends that it has made.
  registerRules(runner, 'KeyValueBackend', keyValueBackendRules, setup as unknown as KeyValueBackendSetup);
}

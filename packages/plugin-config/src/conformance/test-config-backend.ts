import { registerRules, type TestRunner } from '@lodge/plugin-conformance';
import type { ConfigBackend } from '../backend.js';
import { configBackendRules } from './rules.js';
import type { ConfigBackendSetup } from './setup.js';

/** Registers a test for every rule that `configPlugin` relies on: keys and values, places, changes, the end. */
export function testConfigBackend<Backend extends ConfigBackend>(
  runner: TestRunner,
  setup: ConfigBackendSetup<Backend>,
): void {
  // The rules hand the setup only backends that it has made.
  registerRules(runner, 'ConfigBackend', configBackendRules, setup as unknown as ConfigBackendSetup);
}

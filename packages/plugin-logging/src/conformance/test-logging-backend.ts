import { registerRules, type TestRunner } from '@lodge/plugin-conformance';
import type { LoggingBackend } from '../backend.js';
import { loggingBackendRules } from './rules.js';
import type { LoggingBackendSetup } from './setup.js';

/** Registers a test for every rule that `loggingPlugin` relies on: what arrives, in which order, what is lost, the end. */
export function testLoggingBackend<Backend extends LoggingBackend>(
  runner: TestRunner,
  setup: LoggingBackendSetup<Backend>,
): void {
  // The rules hand the setup only backends that it has made.
  registerRules(runner, 'LoggingBackend', loggingBackendRules, setup as unknown as LoggingBackendSetup);
}

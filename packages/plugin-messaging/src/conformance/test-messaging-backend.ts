import { registerRules, type TestRunner } from '@lodge/plugin-conformance';
import type { MessagingBackend } from '../backend.js';
import { messagingBackendRules } from './messaging-backend-rules.js';
import type { MessagingBackendSetup } from './setup.js';

/** Registers a test for every rule that `messagingPlugin` relies on: messages, subjects, groups, requests, the end. */
export function testMessagingBackend<Backend extends MessagingBackend>(
  runner: TestRunner,
  setup: MessagingBackendSetup<Backend>,
): void {
  // The rules hand the setup only backends that it has made.
  registerRules(runner, 'MessagingBackend', messagingBackendRules, setup as unknown as MessagingBackendSetup);
}

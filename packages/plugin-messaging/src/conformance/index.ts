export type { TestRunner } from '@lodge/plugin-conformance';
export { messagingBackendRules } from './messaging-backend-rules.js';
export type { MessagingBackendSetup } from './setup.js';
export { testMessagingBackend } from './test-messaging-backend.js';

export type { TestRunner } from '@lodge/plugin-conformance';
export { loggingBackendRules } from './rules.js';
export type { Arrived, LoggingBackendSetup } from './setup.js';
export { testLoggingBackend } from './test-logging-backend.js';

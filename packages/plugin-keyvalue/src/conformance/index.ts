export type { TestRunner } from '@lodge/plugin-conformance';
export { keyValueBackendRules } from './rules.js';
export type { KeyValueBackendSetup } from './setup.js';
export { testKeyValueBackend } from './test-keyvalue-backend.js';

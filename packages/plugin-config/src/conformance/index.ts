export type { TestRunner } from '@lodge/plugin-conformance';
export { configBackendRules } from './rules.js';
export type { ConfigBackendSetup } from './setup.js';
export { testConfigBackend } from './test-config-backend.js';

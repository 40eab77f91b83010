export type { EngineSuiteOptions, TestContext, TestRunner } from './suite.js';
export { testEngine } from './test-engine.js';

export { memberName, Random, RandomTypes, type RandomTypesOptions } from './random-types.js';
export type { EngineSuiteOptions, TestContext, TestRunner } from './suite.js';
export { normalize, testScope } from './suite.js';
export { testEngine } from './test-engine.js';

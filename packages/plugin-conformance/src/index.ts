export { hostPluginRules } from './host-plugin-rules.js';
export { type Rule, registerRules } from './rule.js';
export type { Guest, HostPluginSetup, InterfaceSample, WorkloadSample } from './setup.js';
export { testHostPlugin } from './test-host-plugin.js';
export type { TestFunction, TestRunner } from './test-runner.js';

export { type HostContext, type HostContextOptions, hostContext } from './host-context.js';
export { neverAborted } from './never-aborted.js';
export { atMost, type EventuallyOptions, eventually, promptly } from './patience.js';
export { checkSuiteUnderNodeTest, type NodeTestRun, runNodeTest } from './run-node-test.js';
export { SharedThings } from './shared-things.js';
export { type BrokenSetups, testBrokenSetups } from './test-broken-setups.js';

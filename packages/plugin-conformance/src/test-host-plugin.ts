import type { HostPlugin } from '@lodge/core';
import { hostPluginRules } from './host-plugin-rules.js';
import { registerRules } from './rule.js';
import type { HostPluginSetup } from './setup.js';
import type { TestRunner } from './test-runner.js';

/**
 * Registers a test for every rule that a host relies on and that TypeScript cannot check: names, imports, workloads that do not
 * know of each other, hooks that fail, are given up, come twice or half-way.
 */
export function testHostPlugin<Plugin extends HostPlugin>(runner: TestRunner, setup: HostPluginSetup<Plugin>): void {
  // The rules hand the setup only plugins that it has made.
  registerRules(runner, 'HostPlugin', hostPluginRules, setup as unknown as HostPluginSetup);
}

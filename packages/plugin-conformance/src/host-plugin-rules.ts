import type { Rule } from './rule.js';
import { identityRules } from './rules/identity.js';
import { importRules } from './rules/imports.js';
import { lifecycleRules } from './rules/lifecycle.js';
import { workloadRules } from './rules/workloads.js';
import type { HostPluginSetup } from './setup.js';

/** Every rule of the plugin interface that any plugin must keep. */
export const hostPluginRules: readonly Rule<HostPluginSetup>[] = Object.freeze([
  ...identityRules,
  ...importRules,
  ...workloadRules,
  ...lifecycleRules,
]);

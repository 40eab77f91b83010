import type { Rule } from '@lodge/plugin-conformance';
import { lifecycleRules } from './lifecycle-rules.js';
import { listRules } from './list-rules.js';
import type { KeyValueBackendSetup } from './setup.js';
import { type StageRule, withBackend } from './stage.js';
import { storeRules } from './store-rules.js';
import { swapRules } from './swap-rules.js';
import { watchRules } from './watch-rules.js';

/** Every rule that a keyvalue backend must keep, in the order in which they help to write one. */
export const keyValueBackendRules: readonly Rule<KeyValueBackendSetup>[] = [
  ...storeRules,
  ...listRules,
  ...swapRules,
  ...watchRules,
  ...lifecycleRules,
].map(toRule);

function toRule({ name, needs, run }: StageRule): Rule<KeyValueBackendSetup> {
  return {
    name,
    skipReason: ({ supports }) => (needs === undefined || supports[needs] ? undefined : `supports.${needs} is false`),
    check: (setup) => withBackend(setup, run),
  };
}

// Written from the WIT of this package. To change it, change the WIT and run
// `pnpm --filter @lodge-internal/wit-signatures generate`. A test compares the two.
import type { FunctionSignatures } from '@lodge/core';

const errorType = 'variant { upstream(string), io(string) }';

/** What the functions of this package's interfaces take and return. */
export const signatures: {
  readonly 'wasi:config/runtime@0.2.0-draft': FunctionSignatures;
  readonly 'wasi:config/store@0.2.0-rc.1': FunctionSignatures;
} = {
  'wasi:config/runtime@0.2.0-draft': {
    get: `func(key: string) -> result<option<string>, ${errorType}>`,
    'get-all': `func() -> result<list<tuple<string, string>>, ${errorType}>`,
  },
  'wasi:config/store@0.2.0-rc.1': {
    get: `func(key: string) -> result<option<string>, ${errorType}>`,
    'get-all': `func() -> result<list<tuple<string, string>>, ${errorType}>`,
  },
};

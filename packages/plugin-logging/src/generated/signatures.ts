// Written from the WIT of this package. To change it, change the WIT and run
// `pnpm --filter @lodge-internal/wit-signatures generate`. A test compares the two.
import type { FunctionSignatures } from '@lodge/core';

const levelType = 'enum { trace, debug, info, warn, error, critical }';

/** What the functions of this package's interfaces take and return. */
export const signatures: {
  readonly 'wasi:logging/logging@0.1.0-draft': FunctionSignatures;
} = {
  'wasi:logging/logging@0.1.0-draft': {
    log: `func(level: ${levelType}, context: string, message: string)`,
  },
};

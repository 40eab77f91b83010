// Written from the WIT of this package. To change it, change the WIT and run
// `pnpm --filter @lodge-internal/wit-signatures generate`. A test compares the two.
import type { FunctionSignatures } from '@lodge/core';

const brokerMessageType = 'record { subject: string, body: list<u8>, reply-to: option<string> }';

/** What the functions of this package's interfaces take and return. */
export const signatures: {
  readonly 'wasmcloud:messaging/types@0.2.0': FunctionSignatures;
  readonly 'wasmcloud:messaging/handler@0.2.0': FunctionSignatures;
  readonly 'wasmcloud:messaging/consumer@0.2.0': FunctionSignatures;
} = {
  'wasmcloud:messaging/types@0.2.0': {},
  'wasmcloud:messaging/handler@0.2.0': {
    'handle-message': `func(msg: ${brokerMessageType}) -> result<_, string>`,
  },
  'wasmcloud:messaging/consumer@0.2.0': {
    request: `func(subject: string, body: list<u8>, timeout-ms: u32) -> result<${brokerMessageType}, string>`,
    publish: `func(msg: ${brokerMessageType}) -> result<_, string>`,
  },
};

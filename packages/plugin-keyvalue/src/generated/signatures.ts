// Written from the WIT of this package. To change it, change the WIT and run
// `pnpm --filter @lodge-internal/wit-signatures generate`. A test compares the two.
import type { FunctionSignatures } from '@lodge/core';

const keyResponseType = 'record { keys: list<string>, cursor: option<u64> }';
const keyResponseType2 = 'record { keys: list<string>, cursor: option<string> }';
const errorType = 'variant { no-such-store, access-denied, other(string) }';
const casErrorType = `variant { store-error(${errorType}), cas-failed(own<wasi:keyvalue/atomics.cas@0.2.0-draft2>) }`;

/** What the functions of this package's interfaces take and return. */
export const signatures: {
  readonly 'wasi:keyvalue/store@0.2.0-draft': FunctionSignatures;
  readonly 'wasi:keyvalue/atomics@0.2.0-draft': FunctionSignatures;
  readonly 'wasi:keyvalue/batch@0.2.0-draft': FunctionSignatures;
  readonly 'wasi:keyvalue/watcher@0.2.0-draft': FunctionSignatures;
  readonly 'wasi:keyvalue/store@0.2.0-draft2': FunctionSignatures;
  readonly 'wasi:keyvalue/atomics@0.2.0-draft2': FunctionSignatures;
  readonly 'wasi:keyvalue/batch@0.2.0-draft2': FunctionSignatures;
  readonly 'wasi:keyvalue/watcher@0.2.0-draft2': FunctionSignatures;
} = {
  'wasi:keyvalue/store@0.2.0-draft': {
    '[method]bucket.get': `func(self: borrow<wasi:keyvalue/store.bucket@0.2.0-draft>, key: string) -> result<option<list<u8>>, ${errorType}>`,
    '[method]bucket.set': `func(self: borrow<wasi:keyvalue/store.bucket@0.2.0-draft>, key: string, value: list<u8>) -> result<_, ${errorType}>`,
    '[method]bucket.delete': `func(self: borrow<wasi:keyvalue/store.bucket@0.2.0-draft>, key: string) -> result<_, ${errorType}>`,
    '[method]bucket.exists': `func(self: borrow<wasi:keyvalue/store.bucket@0.2.0-draft>, key: string) -> result<bool, ${errorType}>`,
    '[method]bucket.list-keys': `func(self: borrow<wasi:keyvalue/store.bucket@0.2.0-draft>, cursor: option<u64>) -> result<${keyResponseType}, ${errorType}>`,
    open: `func(identifier: string) -> result<own<wasi:keyvalue/store.bucket@0.2.0-draft>, ${errorType}>`,
  },
  'wasi:keyvalue/atomics@0.2.0-draft': {
    increment: `func(bucket: borrow<wasi:keyvalue/store.bucket@0.2.0-draft>, key: string, delta: u64) -> result<u64, ${errorType}>`,
  },
  'wasi:keyvalue/batch@0.2.0-draft': {
    'get-many': `func(bucket: borrow<wasi:keyvalue/store.bucket@0.2.0-draft>, keys: list<string>) -> result<list<option<tuple<string, list<u8>>>>, ${errorType}>`,
    'set-many': `func(bucket: borrow<wasi:keyvalue/store.bucket@0.2.0-draft>, key-values: list<tuple<string, list<u8>>>) -> result<_, ${errorType}>`,
    'delete-many': `func(bucket: borrow<wasi:keyvalue/store.bucket@0.2.0-draft>, keys: list<string>) -> result<_, ${errorType}>`,
  },
  'wasi:keyvalue/watcher@0.2.0-draft': {
    'on-set': 'func(bucket: own<wasi:keyvalue/store.bucket@0.2.0-draft>, key: string, value: list<u8>)',
    'on-delete': 'func(bucket: own<wasi:keyvalue/store.bucket@0.2.0-draft>, key: string)',
  },
  'wasi:keyvalue/store@0.2.0-draft2': {
    '[method]bucket.get': `func(self: borrow<wasi:keyvalue/store.bucket@0.2.0-draft2>, key: string) -> result<option<list<u8>>, ${errorType}>`,
    '[method]bucket.set': `func(self: borrow<wasi:keyvalue/store.bucket@0.2.0-draft2>, key: string, value: list<u8>) -> result<_, ${errorType}>`,
    '[method]bucket.delete': `func(self: borrow<wasi:keyvalue/store.bucket@0.2.0-draft2>, key: string) -> result<_, ${errorType}>`,
    '[method]bucket.exists': `func(self: borrow<wasi:keyvalue/store.bucket@0.2.0-draft2>, key: string) -> result<bool, ${errorType}>`,
    '[method]bucket.list-keys': `func(self: borrow<wasi:keyvalue/store.bucket@0.2.0-draft2>, cursor: option<string>) -> result<${keyResponseType2}, ${errorType}>`,
    open: `func(identifier: string) -> result<own<wasi:keyvalue/store.bucket@0.2.0-draft2>, ${errorType}>`,
  },
  'wasi:keyvalue/atomics@0.2.0-draft2': {
    '[static]cas.new': `func(bucket: borrow<wasi:keyvalue/store.bucket@0.2.0-draft2>, key: string) -> result<own<wasi:keyvalue/atomics.cas@0.2.0-draft2>, ${errorType}>`,
    '[method]cas.current': `func(self: borrow<wasi:keyvalue/atomics.cas@0.2.0-draft2>) -> result<option<list<u8>>, ${errorType}>`,
    increment: `func(bucket: borrow<wasi:keyvalue/store.bucket@0.2.0-draft2>, key: string, delta: s64) -> result<s64, ${errorType}>`,
    swap: `func(cas: own<wasi:keyvalue/atomics.cas@0.2.0-draft2>, value: list<u8>) -> result<_, ${casErrorType}>`,
  },
  'wasi:keyvalue/batch@0.2.0-draft2': {
    'get-many': `func(bucket: borrow<wasi:keyvalue/store.bucket@0.2.0-draft2>, keys: list<string>) -> result<list<option<tuple<string, list<u8>>>>, ${errorType}>`,
    'set-many': `func(bucket: borrow<wasi:keyvalue/store.bucket@0.2.0-draft2>, key-values: list<tuple<string, list<u8>>>) -> result<_, ${errorType}>`,
    'delete-many': `func(bucket: borrow<wasi:keyvalue/store.bucket@0.2.0-draft2>, keys: list<string>) -> result<_, ${errorType}>`,
  },
  'wasi:keyvalue/watcher@0.2.0-draft2': {
    'on-set': 'func(bucket: own<wasi:keyvalue/store.bucket@0.2.0-draft2>, key: string, value: list<u8>)',
    'on-delete': 'func(bucket: own<wasi:keyvalue/store.bucket@0.2.0-draft2>, key: string)',
  },
};

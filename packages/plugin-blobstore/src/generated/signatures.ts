// Written from the WIT of this package. To change it, change the WIT and run
// `pnpm --filter @lodge-internal/wit-signatures generate`. A test compares the two.
import type { FunctionSignatures } from '@lodge/core';

const containerMetadataType = 'record { name: string, created-at: u64 }';
const objectIdType = 'record { container: string, object: string }';
const objectMetadataType = 'record { name: string, container: string, created-at: u64, size: u64 }';

/** What the functions of this package's interfaces take and return. */
export const signatures: {
  readonly 'wasi:blobstore/types@0.2.0-draft': FunctionSignatures;
  readonly 'wasi:blobstore/container@0.2.0-draft': FunctionSignatures;
  readonly 'wasi:blobstore/blobstore@0.2.0-draft': FunctionSignatures;
} = {
  'wasi:blobstore/types@0.2.0-draft': {
    '[static]outgoing-value.new-outgoing-value': 'func() -> own<wasi:blobstore/types.outgoing-value@0.2.0-draft>',
    '[method]outgoing-value.outgoing-value-write-body': 'func(self: borrow<wasi:blobstore/types.outgoing-value@0.2.0-draft>) -> result<own<wasi:io/streams.output-stream@0.2>>',
    '[static]outgoing-value.finish': 'func(this: own<wasi:blobstore/types.outgoing-value@0.2.0-draft>) -> result<_, string>',
    '[static]incoming-value.incoming-value-consume-sync': 'func(this: own<wasi:blobstore/types.incoming-value@0.2.0-draft>) -> result<list<u8>, string>',
    '[static]incoming-value.incoming-value-consume-async': 'func(this: own<wasi:blobstore/types.incoming-value@0.2.0-draft>) -> result<own<wasi:io/streams.input-stream@0.2>, string>',
    '[method]incoming-value.size': 'func(self: borrow<wasi:blobstore/types.incoming-value@0.2.0-draft>) -> u64',
  },
  'wasi:blobstore/container@0.2.0-draft': {
    '[method]container.name': 'func(self: borrow<wasi:blobstore/container.container@0.2.0-draft>) -> result<string, string>',
    '[method]container.info': `func(self: borrow<wasi:blobstore/container.container@0.2.0-draft>) -> result<${containerMetadataType}, string>`,
    '[method]container.get-data': 'func(self: borrow<wasi:blobstore/container.container@0.2.0-draft>, name: string, start: u64, end: u64) -> result<own<wasi:blobstore/types.incoming-value@0.2.0-draft>, string>',
    '[method]container.write-data': 'func(self: borrow<wasi:blobstore/container.container@0.2.0-draft>, name: string, data: borrow<wasi:blobstore/types.outgoing-value@0.2.0-draft>) -> result<_, string>',
    '[method]container.list-objects': 'func(self: borrow<wasi:blobstore/container.container@0.2.0-draft>) -> result<own<wasi:blobstore/container.stream-object-names@0.2.0-draft>, string>',
    '[method]container.delete-object': 'func(self: borrow<wasi:blobstore/container.container@0.2.0-draft>, name: string) -> result<_, string>',
    '[method]container.delete-objects': 'func(self: borrow<wasi:blobstore/container.container@0.2.0-draft>, names: list<string>) -> result<_, string>',
    '[method]container.has-object': 'func(self: borrow<wasi:blobstore/container.container@0.2.0-draft>, name: string) -> result<bool, string>',
    '[method]container.object-info': `func(self: borrow<wasi:blobstore/container.container@0.2.0-draft>, name: string) -> result<${objectMetadataType}, string>`,
    '[method]container.clear': 'func(self: borrow<wasi:blobstore/container.container@0.2.0-draft>) -> result<_, string>',
    '[method]stream-object-names.read-stream-object-names': 'func(self: borrow<wasi:blobstore/container.stream-object-names@0.2.0-draft>, len: u64) -> result<tuple<list<string>, bool>, string>',
    '[method]stream-object-names.skip-stream-object-names': 'func(self: borrow<wasi:blobstore/container.stream-object-names@0.2.0-draft>, num: u64) -> result<tuple<u64, bool>, string>',
  },
  'wasi:blobstore/blobstore@0.2.0-draft': {
    'create-container': 'func(name: string) -> result<own<wasi:blobstore/container.container@0.2.0-draft>, string>',
    'get-container': 'func(name: string) -> result<own<wasi:blobstore/container.container@0.2.0-draft>, string>',
    'delete-container': 'func(name: string) -> result<_, string>',
    'container-exists': 'func(name: string) -> result<bool, string>',
    'copy-object': `func(src: ${objectIdType}, dest: ${objectIdType}) -> result<_, string>`,
    'move-object': `func(src: ${objectIdType}, dest: ${objectIdType}) -> result<_, string>`,
  },
};

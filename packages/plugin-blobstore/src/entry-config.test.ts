import type { InterfaceRequest } from '@lodge/core';
import { expect, test } from 'vitest';
import { parseEntryConfig } from './entry-config.js';

function parse(config: Record<string, string>, name?: string): ReturnType<typeof parseEntryConfig> {
  return parseEntryConfig({ config, name } as InterfaceRequest);
}

test('an empty config grants the containers of the namespace, for reading and writing', () => {
  expect(parse({})).toEqual({
    own: {},
    store: undefined,
    buckets: undefined,
    isShared: false,
    isReadOnly: false,
    maxObjectBytes: undefined,
  });
});

test('every key is read', () => {
  const config = {
    backend: 'nats',
    store: 's',
    buckets: 'a, b',
    shared: 'true',
    read_only: 'true',
    max_object_bytes: '10',
  };
  expect(parse(config)).toEqual({
    own: {},
    store: 's',
    buckets: new Set(['a', 'b']),
    isShared: true,
    isReadOnly: true,
    maxObjectBytes: 10,
  });
});

test('keys of the backend are for it alone', () => {
  const request = { config: { backend: 'nats', url: 'nats://a' } } as unknown as InterfaceRequest;
  expect(parseEntryConfig(request, ['url']).own).toEqual({ url: 'nats://a' });
  expect(() => parseEntryConfig(request)).toThrow('config.url is not known');
});

test('an empty list of buckets allows none', () => {
  expect(parse({ buckets: '' }).buckets).toEqual(new Set());
});

const wrong: readonly (readonly [key: string, config: Record<string, string>, message: string])[] = [
  [
    'bucket',
    { bucket: 'a' },
    'hostInterfaces[wasi:blobstore].config.bucket is not known; known are backend, store, buckets,',
  ],
  ['__proto__', JSON.parse('{"__proto__":"a"}'), 'hostInterfaces[wasi:blobstore].config.__proto__ is not known'],
  ['shared', { shared: 'yes' }, "hostInterfaces[wasi:blobstore].config.shared must be 'true' or 'false'."],
  ['read_only', { read_only: '1' }, "hostInterfaces[wasi:blobstore].config.read_only must be 'true' or 'false'."],
  ['buckets', { buckets: 'a,,b' }, 'config.buckets must be names with commas between them.'],
];

test.each(wrong)('a wrong %s is an error that names the key', (key, config, message) => {
  expect(() => parse(config)).toThrow(
    expect.objectContaining({
      code: 'ERR_CONFIG_INVALID',
      message: expect.stringContaining(message),
      details: { path: `hostInterfaces[wasi:blobstore].config.${key}` },
    }),
  );
});

test.each(['', '0', '-1', '1.5', '1e3', '9'.repeat(17), '9007199254740993'])("'%s' is no number of bytes", (bytes) => {
  expect(() => parse({ max_object_bytes: bytes })).toThrow(
    'hostInterfaces[wasi:blobstore].config.max_object_bytes must be a number of bytes, 1 or more.',
  );
});

test('the error for a named entry names it', () => {
  expect(() => parse({ x: '' }, 'archive')).toThrow('hostInterfaces[wasi:blobstore, archive].config.x is not known');
});

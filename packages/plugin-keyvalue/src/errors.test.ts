import { WitError } from '@lodge/core';
import { NatsFailure, type NatsFailureKind } from '@lodge-internal/nats';
import { expect, test } from 'vitest';
import { KeyValueError, natsErrors, type StoreError, toWitError } from './errors.js';
import { toKeyValueError } from './nats/errors.js';

const expected: Readonly<Record<NatsFailureKind, StoreError>> = {
  unavailable: { tag: 'other', val: 'the store cannot be reached' },
  timeout: { tag: 'other', val: 'the store did not answer in time' },
  'permission-denied': { tag: 'access-denied' },
  'no-responders': { tag: 'other', val: 'the store does not answer' },
  'not-found': { tag: 'no-such-store' },
  conflict: { tag: 'other', val: 'the key was written by someone else at the same time' },
  'too-large': { tag: 'other', val: 'the value is larger than the store takes' },
  full: { tag: 'other', val: 'the store is full' },
  invalid: { tag: 'other', val: 'the store does not take such a key' },
  unknown: { tag: 'other', val: 'the store failed' },
};

test.each(Object.keys(natsErrors) as NatsFailureKind[])(
  'a guest is told of %s, and nothing of the client’s words',
  (kind) => {
    const failure = new NatsFailure(kind, 'nats://ann:secret@10.0.0.1 said no');
    const error = toWitError(toKeyValueError(failure));
    expect(WitError.is(error) && error.payload).toEqual(expected[kind]);
  },
);

test('an error that is none of the store is left as it is', () => {
  const defect = new TypeError('defect');
  expect(toWitError(defect)).toBe(defect);
});

test('an error of another copy of the package is known by its structure', () => {
  const error = Object.assign(new Error('full'), { name: 'KeyValueError', kind: 'other' });
  expect(KeyValueError.is(error)).toBe(true);
});

import { type Logger, type LogLevel, silentLogger, WitError } from '@lodge/core';
import { StreamFailure } from '@lodge/wasi/io';
import { NatsFailure } from '@lodge-internal/nats';
import { describe, expect, test } from 'vitest';
import { BlobstoreError, type BlobstoreErrorKind, guestTexts, toStreamFailure, toWitError } from './errors.js';
import { natsErrors, toBlobstoreError } from './nats/errors.js';

const kinds = Object.keys(guestTexts) as BlobstoreErrorKind[];

describe.each(kinds)('an error of the kind %s', (kind) => {
  const secret = new Error('nats://ann:secret@10.0.0.7 says no');
  const error = new BlobstoreError(kind, { cause: secret });

  test('is told to the guest in our own words', () => {
    expect(toWitError(error, silentLogger)).toMatchObject({ name: 'WitError', payload: guestTexts[kind] });
    expect(toStreamFailure(error, silentLogger)).toMatchObject({ name: 'StreamFailure', message: guestTexts[kind] });
  });

  test('is known by its structure, as that of another copy of the package', () => {
    const foreign = Object.assign(new Error('other copy'), { name: 'BlobstoreError', kind });
    expect(BlobstoreError.is(foreign, kind)).toBe(true);
    expect(toWitError(foreign, silentLogger)).toBeInstanceOf(WitError);
  });
});

test.each(Object.entries(natsErrors))('a failure of NATS of the kind %s is told as %s', (kind, expected) => {
  const failure = new NatsFailure(kind as keyof typeof natsErrors, 'foreign text');
  expect(toBlobstoreError(failure)).toMatchObject({ kind: expected, cause: failure, message: guestTexts[expected] });
});

test('a limit is told with its bytes', () => {
  const error = toWitError(new BlobstoreError('too-large', { limit: 10 }), silentLogger);
  expect(error).toMatchObject({ payload: 'the object is too large: at most 10 bytes' });
});

test('anything else is a defect and goes on as it is', () => {
  const defect = new TypeError('x');
  expect(toWitError(defect, silentLogger)).toBe(defect);
  expect(toStreamFailure(defect, silentLogger)).toBe(defect);
  expect(toBlobstoreError(defect)).toBe(defect);
  expect(toStreamFailure(new StreamFailure('as it is'), silentLogger)).toMatchObject({ message: 'as it is' });
  expect(BlobstoreError.is(Object.assign(new Error(''), { name: 'BlobstoreError', kind: 'toString' }))).toBe(false);
});

test('the log has what an operator must know of, and not what guests do wrong', () => {
  const logged: [LogLevel, string][] = [];
  const logger: Logger = { log: (level, message) => logged.push([level, message]) };
  for (const kind of kinds) toWitError(new BlobstoreError(kind), logger);
  expect(logged).toEqual(Array(4).fill(['warn', 'a blob store operation failed']));
});

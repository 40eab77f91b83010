import { WitError } from '@lodge/core';
import { expect, test } from 'vitest';
import { guestTexts, toWitError } from './errors.js';
import { MessagingFailure, messagingFailureKinds } from './messaging-failure.js';

test.each([...messagingFailureKinds])('a failure of kind %s has a text of its own', (kind) => {
  const error = toWitError(new MessagingFailure(kind, 'nats://secret@10.0.0.1'));
  expect(WitError.is(error)).toBe(true);
  expect(error.payload).toBe(guestTexts[kind]);
  expect(Object.values(guestTexts).filter((text) => text === error.payload)).toHaveLength(1);
});

test('no word of a foreign error reaches a guest', () => {
  for (const error of [new Error('secret'), 'secret', { name: 'MessagingFailure', kind: 'timeout' }]) {
    expect(toWitError(error).payload).toBe(guestTexts.unknown);
  }
});

test('a failure of another copy of the package is known', () => {
  const foreign = Object.assign(new Error('x'), { name: 'MessagingFailure', kind: 'timeout' });
  expect(toWitError(foreign).payload).toBe(guestTexts.timeout);
  const wrong = Object.assign(new Error('x'), { name: 'MessagingFailure', kind: 'toString' });
  expect(toWitError(wrong).payload).toBe(guestTexts.unknown);
});

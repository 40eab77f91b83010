import { NatsFailure, type NatsFailureKind } from '@lodge-internal/nats';
import { expect, test } from 'vitest';
import { MessagingFailure } from '../messaging-failure.js';
import { sendKinds, toMessagingFailure } from './errors.js';

const expected: Readonly<Record<NatsFailureKind, string>> = {
  unavailable: 'unavailable',
  timeout: 'timeout',
  'permission-denied': 'access-denied',
  'no-responders': 'no-responders',
  'not-found': 'not-stored',
  conflict: 'not-stored',
  'too-large': 'too-large',
  full: 'not-stored',
  invalid: 'unknown',
  unknown: 'unknown',
};

test.each(Object.keys(sendKinds) as NatsFailureKind[])('a failure %s of NATS is told apart', (kind) => {
  expect(toMessagingFailure(new NatsFailure(kind, 'text'), 'send').kind).toBe(expected[kind]);
});

test('what no stream takes is not stored', () => {
  expect(toMessagingFailure(new NatsFailure('no-responders', 'text'), 'store').kind).toBe('not-stored');
});

test('what is a failure already stays as it is', () => {
  const failure = new MessagingFailure('timeout', 'text');
  expect(toMessagingFailure(failure, 'send')).toBe(failure);
});

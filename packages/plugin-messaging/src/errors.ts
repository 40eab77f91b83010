import { WitError } from '@lodge/core';
import { MessagingFailure, type MessagingFailureKind } from './messaging-failure.js';

/** What a guest is told of a failed operation. A backend's own words stay with the host. */
export const guestTexts: Readonly<Record<MessagingFailureKind, string>> = {
  unavailable: 'the message broker is not available',
  timeout: 'the message broker did not answer in time',
  'access-denied': 'the message broker denies access to the subject',
  'no-responders': 'nobody listens to the subject',
  'too-large': 'the message is too large',
  'not-stored': 'the message was not stored',
  unknown: 'the message broker failed',
};

/** What a guest gets for `error`, whatever a backend threw. */
export function toWitError(error: unknown): WitError<string> {
  return new WitError(guestTexts[MessagingFailure.is(error) ? error.kind : 'unknown']);
}

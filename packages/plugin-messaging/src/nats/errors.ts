import { NatsFailure, type NatsFailureKind } from '@lodge-internal/nats';
import { MessagingFailure, type MessagingFailureKind } from '../messaging-failure.js';

/** What each failure of NATS is to a guest that sends. */
export const sendKinds: Readonly<Record<NatsFailureKind, MessagingFailureKind>> = {
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

/** `error` as the plugin knows it; where nobody answers a stream's publish, nothing stores the message. */
export function toMessagingFailure(error: unknown, operation: 'send' | 'store'): MessagingFailure {
  if (MessagingFailure.is(error)) return error;
  const { kind, message } = NatsFailure.from(error);
  const ofStore = operation === 'store' && kind === 'no-responders';
  return new MessagingFailure(ofStore ? 'not-stored' : sendKinds[kind], message, { cause: error });
}

import { NatsFailure, type NatsFailureKind } from '@lodge-internal/nats';
import { BlobstoreError, type BlobstoreErrorKind } from '../errors.js';

/** What failures of NATS are to a guest. */
export const natsErrors: Readonly<Record<NatsFailureKind, BlobstoreErrorKind>> = {
  unavailable: 'unavailable',
  timeout: 'timeout',
  'permission-denied': 'access-denied',
  // A server that is starting serves no subject yet; a stream that is gone is told apart before this.
  'no-responders': 'unavailable',
  'not-found': 'no-such-container',
  conflict: 'other',
  'too-large': 'other',
  full: 'quota-exceeded',
  invalid: 'other',
  unknown: 'other',
};

/** A failure of NATS as the plugin understands it; anything else comes back as it is. */
export function toBlobstoreError(error: unknown): unknown {
  if (!(error instanceof NatsFailure)) return error;
  return new BlobstoreError(natsErrors[error.kind], { cause: error });
}

/** Whether `error` is a failure of that kind. */
export function isFailure(error: unknown, kind: NatsFailureKind): boolean {
  return error instanceof NatsFailure && error.kind === kind;
}

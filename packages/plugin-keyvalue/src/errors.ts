import { WitError } from '@lodge/core';
import type { NatsFailureKind } from '@lodge-internal/nats';

/** `variant error` of `wasi:keyvalue/store`. */
export type StoreError =
  | { readonly tag: 'no-such-store'; readonly val?: undefined }
  | { readonly tag: 'access-denied'; readonly val?: undefined }
  | { readonly tag: 'other'; readonly val: string };

/**
 * An error that a guest shall see, thrown by a backend. With `other`, the message is what the guest is told: one sentence
 * without names of servers, users or files.
 */
export class KeyValueError extends Error {
  override readonly name: string = 'KeyValueError';
  readonly kind: StoreError['tag'];

  constructor(kind: StoreError['tag'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }

  /** Whether `value` is a {@link KeyValueError}, of this or of another copy of the package. */
  static is(value: unknown): value is KeyValueError {
    return value instanceof Error && value.name === 'KeyValueError' && 'kind' in value;
  }
}

/** What guests are told of failures of NATS. Nothing else of a foreign error reaches them. */
export const natsErrors: Readonly<Record<NatsFailureKind, readonly [StoreError['tag'], string]>> = {
  unavailable: ['other', 'the store cannot be reached'],
  timeout: ['other', 'the store did not answer in time'],
  'permission-denied': ['access-denied', 'the account of the host may not do this'],
  'no-responders': ['other', 'the store does not answer'],
  'not-found': ['no-such-store', 'the bucket does not exist'],
  conflict: ['other', 'the key was written by someone else at the same time'],
  'too-large': ['other', 'the value is larger than the store takes'],
  full: ['other', 'the store is full'],
  invalid: ['other', 'the store does not take such a key'],
  unknown: ['other', 'the store failed'],
};

/** What a backend's error is to a guest. Anything but a {@link KeyValueError} goes on as it is: a defect, which ends the instance. */
export function toWitError(error: unknown): unknown {
  if (!KeyValueError.is(error)) return error;
  return new WitError<StoreError>(toStoreError(error), error.message);
}

/** The payload for a guest. */
export function toStoreError({ kind, message }: KeyValueError): StoreError {
  return kind === 'other' ? { tag: kind, val: message } : { tag: kind };
}

/** For `catch`: rejects with what a guest may see. */
export function throwWitError(error: unknown): never {
  throw toWitError(error);
}

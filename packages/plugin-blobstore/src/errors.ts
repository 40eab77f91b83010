import { type Logger, WitError } from '@lodge/core';
import { StreamFailure } from '@lodge/wasi/io';

/** What a guest is told, by kind. `wasi:blobstore` has text for errors; nothing of a foreign message is in it. */
export const guestTexts = {
  'no-such-container': 'no such container',
  'container-exists': 'the container already exists',
  'no-such-object': 'no such object',
  /** The word of the reference for a container that `buckets` does not list. */
  'access-denied': 'unauthorized',
  'read-only': 'the container is read-only',
  'name-too-long': 'the name is too long: at most 1024 bytes',
  'range-invalid': 'the range is not valid: start is after end',
  'too-large': 'the object is too large',
  'quota-exceeded': 'the blob store is full',
  'object-changed': 'the object was replaced or deleted while it was read',
  'value-written': 'the value was already written to an object',
  'value-unwritten': 'the value was not written to an object: call write-data before finish',
  'too-many-streams': 'too many streams are open',
  'too-many-containers': 'too many containers were created',
  unavailable: 'the blob store is not available',
  timeout: 'the blob store did not answer in time',
  /** Something that a backend cannot tell: the log has it. */
  other: 'the blob store failed',
} as const;

/** What went wrong. */
export type BlobstoreErrorKind = keyof typeof guestTexts;

/** Kinds that an operator wants to know of. */
const loggedKinds: ReadonlySet<BlobstoreErrorKind> = new Set<BlobstoreErrorKind>([
  'quota-exceeded',
  'unavailable',
  'timeout',
  'other',
]);

/** Facts beside the kind of a {@link BlobstoreError}. */
export interface BlobstoreErrorOptions {
  /** For operators; never shown to a guest. */
  readonly cause?: unknown;
  /** The bytes that were allowed, for `too-large`: the guest is told. */
  readonly limit?: number;
}

/** Thrown by backends. A guest is told what {@link guestTexts} has for the kind. */
export class BlobstoreError extends Error {
  override readonly name: string = 'BlobstoreError';
  readonly kind: BlobstoreErrorKind;
  readonly limit: number | undefined;

  constructor(kind: BlobstoreErrorKind, options: BlobstoreErrorOptions = {}) {
    super(guestText(kind, options.limit), 'cause' in options ? { cause: options.cause } : undefined);
    this.kind = kind;
    this.limit = options.limit;
  }

  /** Whether `value` is a {@link BlobstoreError}, of this or of another copy of the package. */
  static is(value: unknown, kind?: BlobstoreErrorKind): value is BlobstoreError {
    if (!(value instanceof Error) || value.name !== 'BlobstoreError' || !('kind' in value)) return false;
    return kind === undefined ? Object.hasOwn(guestTexts, String(value.kind)) : value.kind === kind;
  }
}

/** `error` for a function that returns `result<_, error>`; one that is not a {@link BlobstoreError} comes back as it is, and traps. */
export function toWitError(error: unknown, logger: Logger): unknown {
  if (!BlobstoreError.is(error)) return error;
  return new WitError<string>(told(error, logger));
}

/** `error` for a stream: the guest sees `last-operation-failed`. */
export function toStreamFailure(error: unknown, logger: Logger): unknown {
  if (!BlobstoreError.is(error)) return error;
  return new StreamFailure(told(error, logger), error);
}

function told(error: BlobstoreError, logger: Logger): string {
  if (loggedKinds.has(error.kind)) logger.log('warn', 'a blob store operation failed', { error, cause: error.cause });
  return guestText(error.kind, error.limit);
}

function guestText(kind: BlobstoreErrorKind, limit: number | undefined): string {
  const text = guestTexts[kind];
  return limit === undefined ? text : `${text}: at most ${limit} bytes`;
}

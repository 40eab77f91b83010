import { WitError } from '@lodge/core';

/**
 * Thrown by a {@link ByteSource} or {@link ByteSink} whose stream broke. The guest gets `last-operation-failed` with an
 * {@link IoError} that has this message and reason.
 */
export class StreamFailure extends Error {
  override readonly name: string = 'StreamFailure';
  /** What the host knows of it, for `http-error-code` and its like. Never shown to a guest as it is. */
  readonly reason: unknown;

  /** @param message What the guest may read through `to-debug-string`: no host paths, no foreign messages, no secrets. */
  constructor(message: string, reason?: unknown) {
    super(message);
    this.reason = reason;
  }

  /** Whether `value` is a {@link StreamFailure}, of this or of another copy of the package. */
  static is(value: unknown): value is StreamFailure {
    return value instanceof Error && value.name === 'StreamFailure' && Object.hasOwn(value, 'reason');
  }
}

/** `wasi:io/error`, `resource error`. */
export class IoError {
  readonly #message: string;
  /** What the host knows of it: an interface such as `wasi:http/types.http-error-code` looks here. */
  readonly reason: unknown;

  /** @param message What the guest may read. */
  constructor(message: string, reason?: unknown) {
    this.#message = message;
    this.reason = reason;
  }

  /** `to-debug-string: func() -> string` */
  toDebugString(): string {
    return this.#message;
  }

  [Symbol.dispose](): void {}
}

/** `variant stream-error` */
export type StreamError = { readonly tag: 'last-operation-failed'; readonly val: IoError } | { readonly tag: 'closed' };

/** The error of an operation on a stream that has ended. */
export function closedError(): WitError<StreamError> {
  return new WitError<StreamError>({ tag: 'closed' });
}

/** `error` as the guest gets it when it is a {@link StreamFailure}; any other one comes back as it is, and traps. */
export function streamError(error: unknown): unknown {
  if (!StreamFailure.is(error)) return error;
  return new WitError<StreamError>({ tag: 'last-operation-failed', val: new IoError(error.message, error.reason) });
}

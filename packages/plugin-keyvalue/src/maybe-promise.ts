import type { MaybePromise } from './backend.js';
import { throwWitError, toWitError } from './errors.js';

/** Goes on with `value`: at once where the backend had no need to wait, so that a guest is not suspended for nothing. */
export function andThen<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Runs an operation of a backend for a guest: its errors become those of the WIT interface. */
export function forGuest<T>(operation: () => MaybePromise<T>): MaybePromise<T> {
  try {
    const value = operation();
    return value instanceof Promise ? value.catch(throwWitError) : value;
  } catch (error) {
    throw toWitError(error);
  }
}

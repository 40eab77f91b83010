import { WitError } from '@lodge/core';
import { refusePromise, wrongType } from './faults.js';

/** A record or flags value. */
export function objectOf(value: unknown): object {
  if (typeof value !== 'object' || value === null) wrongType('an object', value);
  refusePromise(value);
  return value;
}

/** The tag of a variant or nested result. */
export function tagOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('tag' in value)) wrongType('an object with a tag', value);
  return value.tag;
}

/** A tuple value. */
export function tupleOf(value: unknown, length: number): ArrayLike<unknown> {
  if (!Array.isArray(value) || value.length !== length) wrongType(`an array of ${length} elements`, value);
  return value;
}

/** A resource of the host: any object of its own. */
export function resourceOf(value: unknown): object {
  if (typeof value !== 'object' || value === null) wrongType('a resource object', value);
  refusePromise(value);
  return value;
}

/** What a failed host function has to say to the guest; any other error goes on its way. */
export function witPayload(error: unknown): unknown {
  if (WitError.is(error)) return error.payload;
  throw error;
}

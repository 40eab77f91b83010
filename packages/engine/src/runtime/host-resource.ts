import { HostError } from '@lodge/core';
import type { HeldResource } from './component-state.js';
import { isThenable } from './faults.js';

/** Disposes of a host object whose last owner is gone. */
export function disposeHost(rep: unknown): void {
  if (typeof rep !== 'object' || rep === null || !(Symbol.dispose in rep)) return;
  const dispose = rep[Symbol.dispose];
  if (typeof dispose === 'function') dispose.call(rep);
}

/** What a host function answers after its caller has ended belongs to nobody. */
export function disposeLate(value: unknown): void {
  for (const resource of resourcesIn(value)) {
    try {
      disposeHost(resource);
    } catch {
      // The life has ended and its failure is reported; there is no caller left to tell.
    }
  }
}

/** As {@link disposeLate}, for an answer that may be a promise of one. */
export function discard(answer: unknown): void {
  if (isThenable(answer)) answer.then(disposeLate, () => undefined);
  else disposeLate(answer);
}

/** The resources in a value of any WIT type: records, variants and lists are plain objects and arrays around them. */
export function resourcesIn(value: unknown, found: Set<object> = new Set()): ReadonlySet<object> {
  if (typeof value !== 'object' || value === null || isThenable(value) || ArrayBuffer.isView(value)) return found;
  if (Symbol.dispose in value) return found.add(value);
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (isPlain) for (const part of Object.values(value)) resourcesIn(part, found);
  return found;
}

/**
 * Disposes of what an instance held when it ended, newest first, all of it even where some fail.
 *
 * @throws HostError `ERR_HOST_CALL_FAILED` with what failed as its cause
 */
export function disposeAll(held: readonly HeldResource[], owner: string): void {
  const errors: unknown[] = [];
  for (const { rep } of [...held].sort((a, b) => b.birth - a.birth)) {
    try {
      disposeHost(rep);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 0) return;
  throw new HostError(
    'ERR_HOST_CALL_FAILED',
    `${errors.length} host resources of ${owner} failed to be disposed of; see the cause.`,
    { cause: errors.length === 1 ? errors[0] : new AggregateError(errors) },
  );
}

import { quoted } from '../printable.js';

/** The guest broke a rule of the canonical ABI, or a call into it trapped: ends the instance. */
export class Trap extends Error {
  override readonly name: string = 'Trap';
}

/** The guest asked for more than its limits allow: ends the instance. */
export class LimitExceeded extends Error {
  override readonly name: string = 'LimitExceeded';
}

/** A JavaScript value does not have the WIT type it is lowered to. To callers of the engine it is a plain `TypeError`. */
export class ArgumentError extends TypeError {}

/** Throws the error for `value` where `expected` was asked for. */
export function wrongType(expected: string, value: unknown): never {
  if (isThenable(value)) leaveUnhandled(value);
  throw new ArgumentError(`expected ${expected}, found ${describeValue(value)}`);
}

export function trap(reason: string): never {
  throw new Trap(reason);
}

/** Whether `value` would make a host function asynchronous. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** A function that can only answer at once answered with a promise. */
export function refusePromise(value: unknown): void {
  if (!isThenable(value)) return;
  leaveUnhandled(value);
  throw new ArgumentError(
    'a host function that was not declared as suspending returned a promise; list it in suspendingImports',
  );
}

/** Nobody waits for this promise: its rejection must not end the process. */
function leaveUnhandled(promise: PromiseLike<unknown>): void {
  promise.then(undefined, () => undefined);
}

function describeValue(value: unknown): string {
  if (value === null) return 'null';
  if (isThenable(value)) return 'a promise (is the function missing from suspendingImports?)';
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'bigint':
      return `${value}n`;
    case 'string':
      return quoted(value.slice(0, 40));
    default:
      return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
  }
}

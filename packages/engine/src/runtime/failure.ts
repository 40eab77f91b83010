import { GuestExit, GuestFault, HostError } from '@lodge/core';
import type { SourceLocator } from '../debug/source-locator.js';
import { ArgumentError, LimitExceeded, Trap } from './faults.js';
import { describeTrap, guestStack } from './guest-stack.js';

/** A function as errors name it. */
export interface FunctionName {
  /** The component of the graph. */
  readonly unit: string;
  readonly name: string;
}

/** What a call is told that ended because of `error` in `at`: a function of the host that the guest called, or one of the guest. */
export function classifyFailure(
  error: unknown,
  at: FunctionName,
  isHostCall: boolean,
  locate?: SourceLocator | undefined,
): Error {
  const { unit, name } = at;
  const details = { component: unit, function: name, stack: guestStack(error, locate) };
  const where = `component ${JSON.stringify(unit)} in ${name}`;
  if (error instanceof Trap || GuestFault.is(error)) {
    return new HostError('ERR_GUEST_TRAPPED', `Trap of ${where}: ${error.message}.`, {
      cause: error.cause ?? error,
      details,
    });
  }
  if (error instanceof LimitExceeded) {
    return new HostError('ERR_LIMIT_EXCEEDED', `Limit exceeded by ${where}: ${error.message}.`, {
      cause: error,
      details,
    });
  }
  if (!isHostCall) {
    return new HostError('ERR_GUEST_TRAPPED', `Trap of ${where}: ${describeTrap(error)}.`, { cause: error, details });
  }
  if (GuestExit.is(error)) return error;
  const reason = error instanceof ArgumentError ? ` with a wrong result (${error.message})` : '';
  return new HostError(
    'ERR_HOST_CALL_FAILED',
    `The host function ${name}, called by component ${JSON.stringify(unit)}, failed${reason}; see the cause.`,
    { cause: error, details },
  );
}

/** V8's way to say that the address space for one more linear memory, or memory itself, is used up. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof RangeError && /memory/i.test(error.message);
}

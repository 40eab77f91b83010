import type { ComponentInfo } from './workload.js';

/** Something to be done when a scope ends. */
export type Cleanup = () => void | PromiseLike<void>;

/** One life of a component, as its host functions see it. */
export interface InstanceScope {
  /** Unique in this host: for logs and traces. */
  readonly id: string;
  readonly component: ComponentInfo;
  /** Aborts when the instance is retired or its workload stops: stop what was begun for the guest. */
  readonly signal: AbortSignal;
  /** Runs `cleanup` when the instance ends, newest first, once; asynchronous ones are awaited by the workload's stop. */
  defer(cleanup: Cleanup): void;
}

/** One call into a component, from the choice of its instance to the last thing done for it. */
export interface CallScope {
  readonly instance: InstanceScope;
  /** Aborts at the deadline, when the caller gives up, and when the workload stops. */
  readonly signal: AbortSignal;
  /**
   * Ends the call with `ERR_CALL_ABORTED`: whoever it is for has gone. For a caller that learns of that itself; it costs nothing until then, unlike a signal. Later
   * calls, and calls after the end, do nothing.
   */
  abort(reason?: unknown): void;
  /** Runs `cleanup` when the call is over, newest first, once. */
  defer(cleanup: Cleanup): void;
  /**
   * Keeps the call open until `work` has settled, although the guest has returned: a response body outlives the return of
   * the handler. The deadline covers it. A rejection ends the call with that error.
   */
  waitUntil(work: PromiseLike<unknown>): void;
}

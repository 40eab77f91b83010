import type { ComponentInstance } from '../engine.js';
import { GuestExit, HostError, WitError } from '../errors.js';
import type { InvokeOptions } from '../plugin.js';
import type { CallScope, Cleanup, InstanceScope } from '../scope.js';
import type { InvokeSpan } from '../telemetry.js';
import type { CallRegistry } from './call-registry.js';
import type { Expiring } from './deadlines.js';
import { isMemoryRefusal } from './guest-memory.js';
import type { InstanceSource } from './instance-source.js';
import { Life } from './life.js';

/** Milliseconds that a call may take when its caller says nothing. */
export const defaultDeadlineMs = 600_000;

/** What a call does with the instance it is given. Made once per export, not per call. */
export interface CallBody<Options extends InvokeOptions> {
  /** For spans and logs. */
  readonly operation: string;
  /** Its result, or a promise of it where the guest can suspend. */
  run(instance: ComponentInstance, call: CallScope, options: Options): unknown;
}

/**
 * Runs `body` on an instance of `source` and settles when the call is over.
 *
 * Not an `async` function: a call that never waits allocates one object and one promise.
 */
export function invoke<Options extends InvokeOptions>(
  source: InstanceSource,
  body: CallBody<Options>,
  options: Options,
): Promise<unknown> {
  if (Number.isNaN(options.deadlineMs)) return Promise.reject(new TypeError('deadlineMs must be a number'));
  if (!source.registry.isOpen) return Promise.reject(source.registry.stoppedError());
  if (options.signal?.aborted) return Promise.reject(abortedError(body, options.signal.reason));
  return new Call(source, body as CallBody<InvokeOptions>, options).start();
}

/** One call, from the choice of its instance to the last thing done for it. */
export class Call implements CallScope, Expiring {
  readonly dueAt: number;
  heapIndex = -1;
  /** Its place in the registry. */
  registryIndex = -1;
  readonly #source: InstanceSource;
  readonly #registry: CallRegistry;
  readonly #body: CallBody<InvokeOptions>;
  readonly #options: InvokeOptions;
  readonly #startedAt: number;
  #life: Life | undefined;
  #controller: AbortController | undefined;
  #cleanups: Cleanup[] | undefined;
  #span: InvokeSpan | undefined;
  #pendingWork = 0;
  #hasReturned = false;
  /** Why it has to end, from the moment that is known. */
  #failure: Error | undefined;
  #isOver = false;
  #isFulfilled = false;
  #outcome: unknown;
  #resolve: ((value: unknown) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  constructor(source: InstanceSource, body: CallBody<InvokeOptions>, options: InvokeOptions) {
    this.#source = source;
    this.#registry = source.registry;
    this.#body = body;
    this.#options = options;
    this.#startedAt = performance.now();
    this.dueAt = this.#startedAt + (options.deadlineMs ?? defaultDeadlineMs);
  }

  get instance(): InstanceScope {
    if (this.#life === undefined) throw new HostError('ERR_INSTANCE_CLOSED', 'the call has no instance yet');
    return this.#life;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#failure !== undefined) this.#controller.abort(this.#failure);
    }
    return this.#controller.signal;
  }

  defer(cleanup: Cleanup): void {
    if (this.#isOver) this.#registry.releases.run(cleanup);
    else if (this.#cleanups === undefined) this.#cleanups = [cleanup];
    else this.#cleanups.push(cleanup);
  }

  waitUntil(work: PromiseLike<unknown>): void {
    if (!isThenable(work)) throw new TypeError('waitUntil takes a promise');
    this.#pendingWork += 1;
    // A guest that returns without having waited is not measured, and may be called again by this work.
    this.#source.memory.watch();
    work.then(
      () => {
        this.#pendingWork -= 1;
        if (this.#hasReturned && this.#pendingWork === 0) this.#end(true);
      },
      (error: unknown) => {
        this.fail(
          error instanceof Error ? error : HostError.from(error, 'ERR_HOST_CALL_FAILED', 'work for a call failed'),
        );
      },
    );
  }

  start(): Promise<unknown> {
    this.#registry.add(this);
    this.#registry.deadlines.add(this);
    this.#options.signal?.addEventListener('abort', this);
    try {
      const acquired = this.#source.acquire();
      if (acquired instanceof Life) this.#enter(acquired);
      else
        acquired.then(
          (life) => this.#enter(life),
          (error: unknown) => this.#threw(error),
        );
    } catch (error) {
      this.#threw(error);
    }
    if (this.#isOver) return this.#isFulfilled ? Promise.resolve(this.#outcome) : Promise.reject(this.#outcome);
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Ends the call with `reason`, wherever it stands: the guest is unwound, the instance retired. */
  fail(reason: Error): void {
    if (this.#isOver || this.#failure !== undefined) return;
    this.#failure = reason;
    this.#controller?.abort(reason);
    this.#life?.abort(reason);
    this.#life?.instance?.interrupt(reason);
    // Not at once: the guest may be further down on this very stack, and its resources must not go while it runs.
    queueMicrotask(() => this.#end(false));
  }

  /** The deadline has passed. */
  expire(): void {
    const ms = this.#options.deadlineMs ?? defaultDeadlineMs;
    this.fail(new HostError('ERR_CALL_TIMEOUT', `${this.#body.operation} was ended after its deadline of ${ms} ms`));
  }

  abort(reason?: unknown): void {
    this.fail(abortedError(this.#body, reason));
  }

  /** The caller has given up. An event listener without a closure. */
  handleEvent(): void {
    this.abort(this.#options.signal?.reason);
  }

  #enter(life: Life): void {
    const { instance } = life;
    if (this.#isOver || instance === undefined) {
      this.#source.releaseUnused(life);
      return;
    }
    this.#life = life;
    life.user = this;
    try {
      const result = this.#registry.telemetry.isTracing
        ? this.#runTraced(life, instance)
        : this.#body.run(instance, this, this.#options);
      if (isThenable(result)) {
        result.then(
          (value) => this.#returned(value),
          (error: unknown) => this.#threw(error),
        );
        this.#source.memory.measure(life);
      } else this.#returned(result);
    } catch (error) {
      this.#threw(error);
    }
  }

  #runTraced(life: Life, instance: ComponentInstance): unknown {
    const span = this.#registry.telemetry.startInvoke(life, this.#body.operation);
    this.#span = span;
    return span.run(() => this.#body.run(instance, this, this.#options));
  }

  #returned(value: unknown): void {
    this.#hasReturned = true;
    this.#isFulfilled = true;
    this.#outcome = value;
    if (this.#pendingWork === 0) this.#end(true);
  }

  #threw(error: unknown): void {
    this.#outcome = error;
    // An `err` result is a return like any other: the instance is sound, and what was begun goes on.
    const isResult = WitError.is(error);
    this.#hasReturned = isResult;
    if (!isResult || this.#pendingWork === 0) this.#end(isResult);
  }

  #end(isReusable: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const registry = this.#registry;
    registry.deadlines.remove(this);
    this.#options.signal?.removeEventListener('abort', this);
    if (this.#failure !== undefined) {
      this.#isFulfilled = false;
      this.#outcome = this.#failure;
    } else if (!this.#isFulfilled && !isReusable) {
      this.#controller?.abort(this.#outcome);
    }
    const failure = this.#isFulfilled ? undefined : this.#outcome;
    if (this.#cleanups !== undefined) registry.releases.runAll(this.#cleanups);
    this.#cleanups = undefined;
    const life = this.#life;
    if (life !== undefined) {
      life.user = undefined;
      const isSound = isReusable && this.#failure === undefined && life.instance?.isPoisoned === false;
      this.#source.release(life, isSound);
    }
    if (failure !== undefined) this.#log(failure);
    const { telemetry } = registry;
    if (telemetry.isMetering) {
      telemetry.recordInvocation(this.#source.component, performance.now() - this.#startedAt, failure);
    }
    this.#span?.end(failure);
    registry.remove(this);
    if (this.#isFulfilled) this.#resolve?.(this.#outcome);
    else this.#reject?.(this.#outcome);
  }

  #log(failure: unknown): void {
    // An `err` result and an exit are the guest's own business; whoever gave up knows that he did.
    if (WitError.is(failure) || GuestExit.is(failure)) return;
    const isExpected =
      HostError.is(failure, 'ERR_CALL_ABORTED') ||
      HostError.is(failure, 'ERR_WORKLOAD_STOPPED') ||
      // Told once for many.
      isMemoryRefusal(failure);
    this.#registry.logger.log(isExpected ? 'debug' : 'error', 'a call failed', {
      component: this.#source.component.name,
      operation: this.#body.operation,
      error: failure,
    });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function abortedError(body: CallBody<never>, cause: unknown): HostError {
  return new HostError('ERR_CALL_ABORTED', `${body.operation} was ended because its caller gave up`, {
    cause,
  });
}

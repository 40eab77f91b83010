import { type ExportHandle, HostError, type Logger } from '@lodge/core';
import type { Exchange } from './exchange.js';
import type { HttpLimits } from './limits.js';
import type { HttpRouter } from './routers/router.js';

/** Gives each exchange to the workload that its router chooses, and sees it to its end. */
export class Ingress {
  readonly #router: HttpRouter;
  readonly #limits: HttpLimits;
  #logger: Logger | undefined;
  #running = 0;
  #isStopping = false;
  readonly #idle: (() => void)[] = [];

  constructor(router: HttpRouter, limits: HttpLimits) {
    this.#router = router;
    this.#limits = limits;
  }

  /** Takes exchanges, after a {@link stop} too: a plugin may go on to serve another host. Failures are told to `logger`. */
  start(logger: Logger): void {
    this.#logger = logger;
    this.#isStopping = false;
  }

  /** Takes no more exchanges: what still comes is told to come again. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Exchanges that are not over. */
  get running(): number {
    return this.#running;
  }

  /** Resolves when no exchange is running. */
  idle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Answers the exchange, by a guest or itself. */
  accept(exchange: Exchange): void {
    if (this.#isStopping || this.#running >= this.#limits.maxExchanges) {
      exchange.refuse(503);
      exchange.release();
      return;
    }
    const route = this.#router.route(exchange.authority);
    if (typeof route === 'number') {
      exchange.refuse(route);
      exchange.release();
      return;
    }
    void this.#run(exchange, route);
  }

  async #run(exchange: Exchange, handler: ExportHandle): Promise<void> {
    this.#running++;
    try {
      await handler.call({
        args: (scope) => exchange.begin(scope),
        deadlineMs: this.#limits.deadlineMs,
      });
      if (!exchange.settle()) this.#logUnanswered(handler);
    } catch (error) {
      // The host has logged it.
      exchange.fail(statusOf(error, exchange.hasBegun));
    } finally {
      exchange.release();
      this.#running--;
      if (this.#running === 0 && this.#idle.length > 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  #logUnanswered({ component }: ExportHandle): void {
    this.#logger?.log('warn', 'a guest returned without a complete answer', {
      workloadId: component.workload.id,
      component: component.name,
    });
  }
}

/** The status that a client gets for a failed call. */
function statusOf(error: unknown, hasBegun: boolean): number {
  if (HostError.is(error, 'ERR_CALL_TIMEOUT')) return 504;
  if (HostError.is(error, 'ERR_WORKLOAD_STOPPED')) return 503;
  // No room for an instance, or for what it asked for, is the state of the host; any other limit is the guest's own.
  const isFull = HostError.is(error, 'ERR_LIMIT_EXCEEDED') && (!hasBegun || 'maxGuestMemoryBytes' in error.details);
  return isFull ? 503 : 500;
}

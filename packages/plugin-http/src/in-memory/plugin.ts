import type { HostPlugin, PluginContext } from '@lodge/core';
import type { HttpEgress } from '../egress/egress.js';
import { FlushQueue } from '../flush-queue.js';
import { Ingress } from '../ingress.js';
import { type HttpLimits, resolveHttpLimits } from '../limits.js';
import { devRouter } from '../routers/dev.js';
import type { HttpRouter } from '../routers/router.js';
import { type HttpWorkload, wasiHttp } from '../wasi-http.js';
import { InMemoryExchange, type ResponseWithTrailers } from './exchange.js';
import { noEgress } from './fetch-egress.js';

/** Options of {@link inMemoryHttp}. */
export interface InMemoryHttpOptions {
  /** @default `devRouter()` */
  readonly router?: HttpRouter;
  /** How outgoing requests leave; see `fetchEgress`. @default nothing leaves: each fails with `configuration-error` */
  readonly egress?: HttpEgress;
  /** Bounds for clients. Unset ones have their defaults. */
  readonly limits?: Partial<HttpLimits>;
}

/** A `RequestInit` with trailers. */
export interface InMemoryFetchInit extends RequestInit {
  /** What follows the body. The guest's `future-trailers` waits for it. */
  readonly trailers?: Headers | Promise<Headers>;
}

/** The plugin that {@link inMemoryHttp} makes. */
export interface InMemoryHttp extends HostPlugin<HttpWorkload> {
  /**
   * Answers a request by the workload that the router chooses, as a server would over a socket: bodies stream both ways with
   * back-pressure; aborting the request, or cancelling the answer's body, ends the guest's call. Failures of the host or a guest are
   * answers (404, 500, 503, 504) or, after the head, an error of the body.
   *
   * @throws the request's abort reason.
   */
  fetch(request: Request | URL | string, init?: InMemoryFetchInit): Promise<ResponseWithTrailers>;
  /** Requests that are being answered. */
  readonly exchanges: number;
}

/** `wasi:http` 0.2 without a socket, for tests and for embedding. The same plugin otherwise. */
export function inMemoryHttp(options: InMemoryHttpOptions = {}): InMemoryHttp {
  const { router = devRouter(), egress = noEgress() } = options;
  const limits = resolveHttpLimits(options.limits);
  const flushes = new FlushQueue();
  const ingress = new Ingress(router, limits);
  return {
    ...wasiHttp({ router, limits, egress }),
    get exchanges() {
      return ingress.running;
    },
    async start({ logger, stopping }: PluginContext): Promise<void> {
      ingress.start(logger);
      if (stopping.aborted) ingress.stop();
      stopping.addEventListener('abort', () => ingress.stop(), { once: true });
    },
    async fetch(input, init): Promise<ResponseWithTrailers> {
      const trailers = init?.trailers;
      const request = input instanceof Request && init === undefined ? input : new Request(input, init);
      const exchange = new InMemoryExchange({
        request,
        limits,
        flushes,
        requestTrailers: trailers === undefined ? undefined : Promise.resolve(trailers),
      });
      if (exchange.rawHeaders.length / 2 > limits.maxHeaderCount || exchange.headerBytes > limits.maxHeaderBytes) {
        exchange.refuse(431);
        exchange.release();
      } else if (!exchange.isGone) {
        ingress.accept(exchange);
      }
      return exchange.response;
    },
  };
}

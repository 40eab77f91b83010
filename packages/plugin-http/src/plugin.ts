import type { HookOptions, HostPlugin, PluginContext } from '@lodge/core';
import { undiciEgress } from './egress/undici-egress.js';
import { Ingress } from './ingress.js';
import { type HttpLimits, resolveHttpLimits } from './limits.js';
import { type ListenAddress, type ListenOptions, NodeServer } from './node/server.js';
import type { HttpRouter } from './routers/router.js';
import { type HttpWorkload, wasiHttp } from './wasi-http.js';

/** Options of {@link httpPlugin}. */
export interface HttpPluginOptions {
  /** Unset: the plugin serves outgoing requests only. */
  readonly listen?: ListenOptions;
  /** Chooses the workload for each request: `devRouter()` or `dynamicRouter()`. A router belongs to one plugin. */
  readonly router: HttpRouter;
  readonly egress?: EgressOptions;
  /** Bounds for clients. Unset ones have their defaults. */
  readonly limits?: Partial<HttpLimits>;
}

/** How outgoing requests are sent. Where they may go is up to each component's `allowedHosts`. */
export interface EgressOptions {
  /** Connections of one workload to one origin. @default 128 */
  readonly maxConnections?: number;
  /** Whether `*` and patterns in `allowedHosts` include loopback addresses: for development. @default false */
  readonly allowsLoopback?: boolean;
  /** Certificates (PEM) that are trusted instead of those that come with Node. */
  readonly ca?: string;
}

/** The plugin that {@link httpPlugin} makes. */
export interface HttpPlugin extends HostPlugin<HttpWorkload> {
  /** Where it listens; unset before the start, after the stop, and without `listen`. */
  readonly address: ListenAddress | undefined;
  /** Requests that are being answered. */
  readonly exchanges: number;
}

/**
 * `wasi:http` 0.2 over HTTP/1.1: serves workloads that export `incoming-handler` and sends their outgoing requests.
 *
 * @throws HostError `ERR_CONFIG_INVALID` for limits that are none. Its start throws `ERR_ADDRESS_IN_USE` or `ERR_ADDRESS_DENIED`.
 */
export function httpPlugin(options: HttpPluginOptions): HttpPlugin {
  const { listen, router, egress = {} } = options;
  const limits = resolveHttpLimits(options.limits);
  const ingress = new Ingress(router, limits);
  let server: NodeServer | undefined;
  let address: ListenAddress | undefined;
  return {
    ...wasiHttp({ router, limits, egress: undiciEgress({ ...egress, limits }) }),
    get address() {
      return address;
    },
    get exchanges() {
      return ingress.running;
    },
    describe: () => (address === undefined ? {} : { httpPort: address.port }),
    async start({ logger, stopping }: PluginContext): Promise<void> {
      ingress.start(logger);
      if (listen === undefined) return;
      const starting = new NodeServer({ ingress, limits });
      address = await starting.listen(listen);
      server = starting;
      if (stopping.aborted) starting.close();
      stopping.addEventListener('abort', () => starting.close(), { once: true });
      logger.log('info', 'HTTP server listens', { ...address, router: router.name });
    },
    async stop({ signal }: HookOptions): Promise<void> {
      address = undefined;
      await server?.stop(signal);
    },
  };
}

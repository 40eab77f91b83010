import {
  type ComponentShape,
  createHost,
  type Engine,
  type Host,
  HostError,
  type HostPlugin,
  type InterruptionMode,
  type Logger,
  type WorkloadSpec,
  type WorkloadStatus,
} from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import type { EgressOptions, HttpPlugin } from '@lodge/plugin-http';
import { type WasiOptions, wasi } from '@lodge/wasi';
import { formatUrl } from '../format-url.js';
import type { ListenAddress } from '../settings.js';
import { type CapabilityOptions, capabilities, capabilitiesOf } from './capabilities.js';
import { wantedInterfaces } from './granted-interfaces.js';
import { lazyPlugin } from './lazy-plugin.js';
import type { KnownPlugin } from './plugins.js';

/** What a {@link ComponentHost} is made from. */
export interface ComponentHostOptions extends CapabilityOptions {
  /** Where to serve HTTP. Unset: nowhere. */
  readonly http?: ListenAddress | undefined;
  /** Whether components may speak `wasi:http`. Its plugin takes long to load, and most commands do without. */
  readonly hasHttp: boolean;
  readonly egress?: EgressOptions;
  readonly wasi?: WasiOptions;
  readonly interruption: InterruptionMode;
  /** Components that are known before the start: what they need starts with the host, before it listens. @default none */
  readonly shapes?: readonly ComponentShape[];
  readonly logger: Logger;
}

/** A host with the plugins that this command carries, and the one workload it is there for. */
export interface ComponentHost {
  readonly host: Host;
  readonly engine: Engine;
  readonly plugins: readonly HostPlugin[];
  /** Where HTTP is served, such as `http://127.0.0.1:8000`. Unset without HTTP. */
  readonly url: string | undefined;
  /**
   * Starts what components of these shapes need and has not been started yet.
   *
   * @throws HostError such as `ERR_CONFIG_INVALID` when the NATS server cannot be reached.
   */
  prepare(shapes: readonly ComponentShape[], signal: AbortSignal): Promise<void>;
}

/** Makes and starts a host. */
export async function startComponentHost(options: ComponentHostOptions): Promise<ComponentHost> {
  const engine = lodgeEngine();
  const web = options.hasHttp ? await loadHttpPlugin(options) : undefined;
  const { shapes } = options;
  const wanted = shapes === undefined ? capabilities : [...new Set(shapes.flatMap(capabilitiesOf))];
  const lazy = await Promise.all(
    wanted.map(async (capability) => {
      const described = await capability.describe();
      return lazyPlugin(capability, { ...options, described, isNeeded: isNeededBy(described, shapes ?? []) });
    }),
  );
  const plugins = [wasi(options.wasi), ...lazy, ...(web === undefined ? [] : [web])];
  const host = createHost({ engine, plugins, logger: options.logger, interruption: options.interruption });
  await host.start();
  return {
    host,
    engine,
    plugins,
    url: web?.address && formatUrl(web.address),
    async prepare(shapes, signal) {
      for (const plugin of lazy) if (isNeededBy(plugin, shapes)) await plugin.prepare({ signal });
    },
  };
}

/** Whether a component has to do with `wasi:http`. */
export function usesHttp({ imports, exports }: ComponentShape): boolean {
  return [...imports, ...exports].some(({ id }) => id?.startsWith('wasi:http/'));
}

/** The plugins that `shape` may need, for a look at a component that is not run. */
export async function describePlugins(shape: ComponentShape): Promise<readonly KnownPlugin[]> {
  const described = await Promise.all(capabilitiesOf(shape).map((capability) => capability.describe()));
  return [wasi(), ...(usesHttp(shape) ? [await loadHttpPlugin({})] : []), ...described];
}

function isNeededBy(plugin: KnownPlugin, shapes: readonly ComponentShape[]): boolean {
  return wantedInterfaces(shapes, [plugin]).length > 0;
}

async function loadHttpPlugin({
  http: listen,
  egress,
}: Pick<ComponentHostOptions, 'http' | 'egress'>): Promise<HttpPlugin> {
  const { devRouter, httpPlugin } = await import('@lodge/plugin-http');
  return httpPlugin({ router: devRouter(), ...(listen && { listen }), ...(egress && { egress }) });
}

/**
 * Starts a workload and answers once it runs.
 *
 * @throws HostError what the workload failed with.
 */
export async function startWorkload(host: Host, workloadId: string, workload: WorkloadSpec): Promise<WorkloadStatus> {
  const status = await host.workloadStart({ workloadId, workload });
  if (status.state !== 'error') return status;
  await host.workloadStop(workloadId);
  throw new HostError(status.error?.code ?? 'ERR_HOST_STATE', status.message, { details: status.error?.details ?? {} });
}

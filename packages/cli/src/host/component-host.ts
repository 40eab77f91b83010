import {
  type ComponentShape,
  createHost,
  type Engine,
  type Host,
  HostError,
  type HostPlugin,
  type Logger,
  type WorkloadSpec,
  type WorkloadStatus,
} from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import type { HttpPlugin } from '@lodge/plugin-http';
import { type WasiOptions, wasi } from '@lodge/wasi';
import type { ListenAddress } from '../settings.js';

/** What a {@link ComponentHost} is made from. */
export interface ComponentHostOptions {
  /** Where to serve HTTP. Unset: nowhere. */
  readonly http?: ListenAddress;
  /** Whether components may speak `wasi:http`. Its plugin takes long to load, and most commands do without. */
  readonly hasHttp: boolean;
  readonly wasi?: WasiOptions;
  readonly logger: Logger;
}

/** A host with the plugins that this command carries, and the one component it is there for. */
export interface ComponentHost {
  readonly host: Host;
  readonly engine: Engine;
  readonly plugins: readonly HostPlugin[];
  /** Where HTTP is served, such as `http://127.0.0.1:8000`. Unset without HTTP. */
  readonly url: string | undefined;
}

/** Makes and starts a host. */
export async function startComponentHost(options: ComponentHostOptions): Promise<ComponentHost> {
  const engine = lodgeEngine();
  const web = options.hasHttp ? await loadHttpPlugin(options.http) : undefined;
  const plugins = [wasi(options.wasi), ...(web === undefined ? [] : [web])];
  const host = createHost({ engine, plugins, logger: options.logger });
  await host.start();
  return { host, engine, plugins, url: web?.address && formatUrl(web.address) };
}

/** Whether a component has to do with `wasi:http`. */
export function usesHttp({ imports, exports }: ComponentShape): boolean {
  return [...imports, ...exports].some(({ id }) => id?.startsWith('wasi:http/'));
}

/** The plugins that `shape` may need, for a look at a component that is not run. */
export async function describePlugins(shape: ComponentShape): Promise<readonly HostPlugin[]> {
  return [wasi(), ...(usesHttp(shape) ? [await loadHttpPlugin(undefined)] : [])];
}

async function loadHttpPlugin(listen: ListenAddress | undefined): Promise<HttpPlugin> {
  const { devRouter, httpPlugin } = await import('@lodge/plugin-http');
  return httpPlugin({ router: devRouter(), ...(listen && { listen }) });
}

function formatUrl({ host, port }: ListenAddress): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
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

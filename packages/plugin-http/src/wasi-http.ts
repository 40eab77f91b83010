import type {
  ComponentBinding,
  ComponentInfo,
  HostPlugin,
  InterfaceRequest,
  PluginWorld,
  ResolvedWorkload,
  WorkloadInfo,
} from '@lodge/core';
import { parseAllowedHosts } from './egress/allowed-hosts.js';
import type { EgressClient, HttpEgress } from './egress/egress.js';
import { FlushQueue } from './flush-queue.js';
import { signatures } from './generated/signatures.js';
import type { HttpLimits } from './limits.js';
import type { HttpRouter } from './routers/router.js';
import { outgoingHandler } from './wit/outgoing-handler.js';
import { httpTypes } from './wit/types.js';

const typesId = 'wasi:http/types@0.2.12';
const outgoingHandlerId = 'wasi:http/outgoing-handler@0.2.12';
const handlerId = 'wasi:http/incoming-handler@0.2.12';

const world: PluginWorld = {
  provides: [
    // Neither grants anything by itself: a component's `allowedHosts` does.
    { id: typesId, suspends: [], functions: signatures[typesId], isAmbient: true },
    { id: outgoingHandlerId, suspends: [], functions: signatures[outgoingHandlerId], isAmbient: true },
  ],
  calls: [{ id: handlerId, functions: signatures[handlerId] }],
};

/** What the plugin knows of one workload. */
export interface HttpWorkload {
  /** Names under which it is reached; unset: it answers no requests. */
  readonly hosts: readonly string[] | undefined;
  readonly client: EgressClient;
}

/** What {@link wasiHttp} works with. */
export interface WasiHttpOptions {
  readonly router: HttpRouter;
  readonly egress: HttpEgress;
  readonly limits: HttpLimits;
}

/** The part of the plugin that does not depend on how requests arrive. */
export function wasiHttp({ router, egress, limits }: WasiHttpOptions): HostPlugin<HttpWorkload> {
  const flushes = new FlushQueue();
  return {
    specVersion: 1,
    id: 'wasi-http',
    world,
    async onWorkloadBind(workload: WorkloadInfo, requests: readonly InterfaceRequest[]): Promise<HttpWorkload> {
      const served = requests.find((request) => request.direction === 'export');
      const hosts = served && router.hostsOf({ workload, component: served.component, config: served.config });
      return { hosts, client: egress.connect(workload) };
    },
    async bindComponent(
      component: ComponentInfo,
      requests: readonly InterfaceRequest[],
      { client }: HttpWorkload,
    ): Promise<ComponentBinding> {
      const allowedHosts = parseAllowedHosts(
        component.localResources.allowedHosts,
        `components[${component.name}].localResources.allowedHosts`,
      );
      const handler = outgoingHandler({ allowedHosts, client, limits, flushes });
      const imports: Record<string, unknown> = {};
      for (const request of requests) {
        if (request.direction === 'export') continue;
        imports[request.externName] = request.id === typesId ? httpTypes : handler;
      }
      Object.freeze(imports);
      return { importsFor: () => imports };
    },
    async onWorkloadResolved(workload: ResolvedWorkload, { hosts }: HttpWorkload): Promise<void> {
      const [handler] = workload.exports(handlerId, 'handle');
      if (hosts !== undefined && handler !== undefined) router.add(workload, hosts, handler);
    },
    async onWorkloadUnbind(workload: WorkloadInfo, { client }: HttpWorkload): Promise<void> {
      router.remove(workload);
      await client.close();
    },
  };
}

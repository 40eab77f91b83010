import { type ExportHandle, HostError } from '@lodge/core';
import { isHostname, parseAuthority } from '../hostname.js';
import type { HttpRouter, RouteRequest } from './router.js';

interface Route {
  readonly workloadId: string;
  readonly handler: ExportHandle;
}

/**
 * A router for many workloads: by the host that a request names, without regard to case and port. A workload's names are
 * `host` (required for components) and `host-aliases` (comma separated) of its `wasi:http` entry. Several workloads may share a
 * host: each request goes to one of them, chosen at random.
 */
export function dynamicRouter(): HttpRouter {
  const routes: Map<string, Route[]> = new Map();
  return {
    name: 'dynamic',
    hostsOf,
    add(workload, hosts, handler) {
      for (const host of hosts) {
        const route: Route = { workloadId: workload.id, handler };
        routes.set(host, [...(routes.get(host) ?? []), route]);
      }
    },
    remove(workload) {
      for (const [host, present] of routes) {
        const kept = present.filter((route) => route.workloadId !== workload.id);
        if (kept.length === 0) routes.delete(host);
        else if (kept.length < present.length) routes.set(host, kept);
      }
    },
    route(authority) {
      if (authority === undefined || authority === '') return 400;
      let candidates = routes.get(authority);
      if (candidates === undefined) {
        const parsed = parseAuthority(authority);
        if (parsed === undefined) return 400;
        candidates = routes.get(parsed.host);
      }
      if (candidates === undefined) return 404;
      const index = candidates.length === 1 ? 0 : Math.floor(Math.random() * candidates.length);
      return candidates[index]?.handler ?? 404;
    },
  };
}

function hostsOf({ config, component, workload }: RouteRequest): readonly string[] {
  const primary = config['host'];
  const hosts: Set<string> = new Set();
  // A service may do without a name: it is then not reached over HTTP.
  if (primary === undefined || primary === '') {
    if (component.kind === 'component') throw invalid(workload.name, 'no host header found');
  } else if (isHostname(primary)) {
    hosts.add(primary.toLowerCase());
  } else if (component.kind === 'component') {
    throw invalid(workload.name, `primary host ${JSON.stringify(primary)} is not a valid RFC 1123 hostname`);
  }
  for (const alias of (config['host-aliases'] ?? '').split(',')) {
    const name = alias.trim();
    if (isHostname(name)) hosts.add(name.toLowerCase());
  }
  return [...hosts];
}

function invalid(workloadName: string, reason: string): HostError {
  return new HostError(
    'ERR_CONFIG_INVALID',
    `${reason}: give the wasi:http entry of workload ${JSON.stringify(workloadName)} a config key "host" such as "shop.example.com".`,
    { details: { path: 'hostInterfaces[wasi:http].config.host' } },
  );
}

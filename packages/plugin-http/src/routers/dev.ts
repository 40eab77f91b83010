import type { ExportHandle } from '@lodge/core';
import type { HttpRouter } from './router.js';

/**
 * A router for development: every request goes to the workload that became ready last, whatever host it names. Before the first one is there, and when that one
 * goes, requests get 503; an older one does not take over.
 */
export function devRouter(): HttpRouter {
  let current: { readonly workloadId: string; readonly handler: ExportHandle } | undefined;
  return {
    name: 'dev',
    hostsOf: () => [],
    add(workload, _hosts, handler) {
      current = { workloadId: workload.id, handler };
    },
    remove(workload) {
      if (current?.workloadId === workload.id) current = undefined;
    },
    route: () => current?.handler ?? 503,
  };
}

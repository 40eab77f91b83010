import { HostError } from '@lodge/core';
import type { WorkloadStatus } from '@lodge/scheduler-protocol';
import { type FoundHost, findHost } from './find-host.js';
import type { Scheduler } from './scheduler.js';

/** A workload where it runs. */
export interface FoundWorkload {
  readonly host: FoundHost;
  readonly status: WorkloadStatus;
}

/** Where to look for a workload. */
export interface FindWorkloadOptions {
  /** Name or id of the host. Unset: every host that is heard of is asked. */
  readonly host: string | undefined;
  /** Milliseconds. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Finds the host that has a workload.
 *
 * @throws HostError `ERR_WORKLOAD_NOT_FOUND` when none of them has it; what the client throws when the named host does not answer.
 */
export async function findWorkload(
  scheduler: Scheduler,
  workloadId: string,
  options: FindWorkloadOptions,
): Promise<FoundWorkload> {
  const { client } = scheduler;
  const { signal, waitMs } = options;
  if (options.host !== undefined) {
    const host = await findHost(scheduler, options.host, options);
    const status = await client.status(host.hostId, workloadId, { signal });
    if (isThere(status)) return { host, status };
    throw notFound(workloadId, `host ${options.host} has none`);
  }
  const waiting = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  const asked = new Set<string>();
  for await (const { type, host } of client.changes({ signal: waiting })) {
    const { hostId, heartbeat } = host;
    if (type === 'left' || asked.has(hostId)) continue;
    asked.add(hostId);
    // A host that does not answer is no reason not to ask the others.
    const status = await client.status(hostId, workloadId, { signal }).catch(() => undefined);
    if (isThere(status)) return { host: { hostId, friendlyName: heartbeat.friendlyName }, status };
  }
  signal.throwIfAborted();
  throw notFound(workloadId, `none of the ${asked.size} hosts that were heard of in ${waitMs} ms has one`);
}

function isThere(status: WorkloadStatus | undefined): status is WorkloadStatus {
  return status !== undefined && status.workloadState !== 'WORKLOAD_STATE_NOT_FOUND';
}

function notFound(workloadId: string, reason: string): HostError {
  return new HostError('ERR_WORKLOAD_NOT_FOUND', `There is no workload ${workloadId}: ${reason}.`, {
    details: { workloadId },
  });
}

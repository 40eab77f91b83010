import type { WorkloadStatus } from '@lodge/scheduler-protocol';
import { printable } from '../printable.js';
import type { FoundHost } from './find-host.js';

/** What `-o json` has of a workload on a host. */
export interface WorkloadReport {
  readonly workloadId: string;
  readonly hostId: string;
  /** Null where the host was named by its id. */
  readonly hostName: string | null;
  /** `running`, `error` and so on, as the host says it. */
  readonly state: string;
  readonly message: string;
}

/** A status with the host that it is from. */
export function reportWorkload({ hostId, friendlyName }: FoundHost, status: WorkloadStatus): WorkloadReport {
  return {
    workloadId: status.workloadId,
    hostId,
    hostName: friendlyName ?? null,
    state: stateOf(status),
    message: status.message,
  };
}

/** One line for people. */
export function describeWorkload({ workloadId, hostId, hostName, state, message }: WorkloadReport): string {
  return `${printable(workloadId)}  ${state}  on ${printable(hostName ?? hostId)}  ${printable(message, 2_000)}`;
}

/** `not-found` of `WORKLOAD_STATE_NOT_FOUND`, the spelling of everything else here. */
export function stateOf({ workloadState }: WorkloadStatus): string {
  return workloadState
    .replace(/^WORKLOAD_STATE_/, '')
    .replaceAll('_', '-')
    .toLowerCase();
}

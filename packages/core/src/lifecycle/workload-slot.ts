import type { FailureInfo, StopOptions } from '../host.js';
import type { WorkloadInfo, WorkloadState, WorkloadStatus } from '../workload.js';
import type { ActiveWorkload } from './active-workload.js';

/**
 * The place of one workload under its id. The object is the reservation: whoever wants to free the id must hold the very slot
 * that stands there, so a late start or a second stop cannot free somebody else's.
 */
export interface WorkloadSlot {
  readonly info: WorkloadInfo;
  readonly componentCount: number;
  /** Aborts the start. */
  readonly startAbort: AbortController;
  state: Exclude<WorkloadState, 'not-found'>;
  /** How patient the stop is that came during the start. */
  stopOptions: StopOptions;
  error: FailureInfo | undefined;
  /** Set once it runs. */
  active: ActiveWorkload | undefined;
  /** Settles when a start is through, whatever became of it. */
  starting: Promise<WorkloadStatus> | undefined;
}

/** The reply to a question for the state. */
export function describeSlot(slot: WorkloadSlot): WorkloadStatus {
  const { state, error } = slot;
  const word = `${state.charAt(0).toUpperCase()}${state.slice(1)}`;
  const message = error === undefined ? `Workload is ${word}` : `Workload is ${word}: ${error.message}`;
  return reply(slot.info.id, state, message, error);
}

/** A reply in the form of the host API. */
export function reply(workloadId: string, state: WorkloadState, message: string, error?: FailureInfo): WorkloadStatus {
  return error === undefined ? { workloadId, state, message } : { workloadId, state, message, error };
}

import { type MessageType, message } from '../protojson/message-type.js';
import { enumOf, string } from '../protojson/scalars.js';
import { type Workload, workload } from './workload.js';

/** Where a workload stands. */
export type WorkloadState =
  | 'WORKLOAD_STATE_UNSPECIFIED'
  | 'WORKLOAD_STATE_STARTING'
  | 'WORKLOAD_STATE_RUNNING'
  | 'WORKLOAD_STATE_COMPLETED'
  | 'WORKLOAD_STATE_STOPPING'
  | 'WORKLOAD_STATE_ERROR'
  | 'WORKLOAD_STATE_NOT_FOUND';

/** What a host says of a workload. */
export interface WorkloadStatus {
  readonly workloadId: string;
  readonly workloadState: WorkloadState;
  readonly message: string;
}

/** Asks a host to start a workload under an id that the scheduler chooses. */
export interface WorkloadStartRequest {
  readonly workload?: Workload;
  /** In use from here until a stop. 1 to 512 characters. */
  readonly workloadId: string;
}

/** Answers a {@link WorkloadStartRequest}, once the workload runs, has failed or was stopped. */
export interface WorkloadStartResponse {
  readonly workloadStatus?: WorkloadStatus;
}

/** Asks a host where a workload stands. */
export interface WorkloadStatusRequest {
  readonly workloadId: string;
}

/** Answers a {@link WorkloadStatusRequest}, and whatever cannot be answered otherwise. */
export interface WorkloadStatusResponse {
  readonly workloadStatus?: WorkloadStatus;
}

/** Asks a host to stop a workload. */
export interface WorkloadStopRequest {
  readonly workloadId: string;
}

/** Answers a {@link WorkloadStopRequest}, once the id is free or the stop is under way. */
export interface WorkloadStopResponse {
  readonly workloadStatus?: WorkloadStatus;
}

/** {@link WorkloadStatus} on the wire. */
export const workloadStatus: MessageType<WorkloadStatus> = message<WorkloadStatus>('WorkloadStatus', {
  workloadId: string,
  workloadState: enumOf([
    'WORKLOAD_STATE_UNSPECIFIED',
    'WORKLOAD_STATE_STARTING',
    'WORKLOAD_STATE_RUNNING',
    'WORKLOAD_STATE_COMPLETED',
    'WORKLOAD_STATE_STOPPING',
    'WORKLOAD_STATE_ERROR',
    'WORKLOAD_STATE_NOT_FOUND',
  ]),
  message: string,
});

/** {@link WorkloadStartRequest} on the wire. */
export const workloadStartRequest: MessageType<WorkloadStartRequest> = message<WorkloadStartRequest>(
  'WorkloadStartRequest',
  { workload, workloadId: string },
);

/** {@link WorkloadStartResponse} on the wire. */
export const workloadStartResponse: MessageType<WorkloadStartResponse> = message<WorkloadStartResponse>(
  'WorkloadStartResponse',
  { workloadStatus },
);

/** {@link WorkloadStatusRequest} on the wire. */
export const workloadStatusRequest: MessageType<WorkloadStatusRequest> = message<WorkloadStatusRequest>(
  'WorkloadStatusRequest',
  { workloadId: string },
);

/** {@link WorkloadStatusResponse} on the wire. */
export const workloadStatusResponse: MessageType<WorkloadStatusResponse> = message<WorkloadStatusResponse>(
  'WorkloadStatusResponse',
  { workloadStatus },
);

/** {@link WorkloadStopRequest} on the wire. */
export const workloadStopRequest: MessageType<WorkloadStopRequest> = message<WorkloadStopRequest>(
  'WorkloadStopRequest',
  { workloadId: string },
);

/** {@link WorkloadStopResponse} on the wire. */
export const workloadStopResponse: MessageType<WorkloadStopResponse> = message<WorkloadStopResponse>(
  'WorkloadStopResponse',
  { workloadStatus },
);

import type { WorkloadState as HostState, WorkloadStatus as HostStatus } from '@lodge/core';
import { type WorkloadState, workloadStatusResponse } from '../messages/workload-service.js';
import { encodeMessage } from '../protojson/codec.js';

/** Characters of a workload's id, as the host takes them. */
export const maxIdLength = 512;

/** Characters; a failure's whole story fits, and a reply stays far below what a NATS server takes. */
const maxMessageLength = 8_192;

/** The part of a status that travels. */
export type StatusFacts = Pick<HostStatus, 'workloadId' | 'state' | 'message'>;

/** A status as the answer to a start, a status or a stop: all three look the same. At most `maxBytes`, at the cost of its message. */
export function encodeStatus({ workloadId, state, message }: StatusFacts, maxBytes: number): Uint8Array {
  const encode = (length: number): Uint8Array =>
    encodeMessage(workloadStatusResponse, {
      workloadStatus: {
        workloadId: shorten(workloadId, maxIdLength),
        workloadState: wireStates[state],
        message: shorten(message, length),
      },
    });
  const encoded = encode(maxMessageLength);
  return encoded.length <= maxBytes ? encoded : encode(80);
}

function shorten(text: string, length: number): string {
  return (text.length > length ? `${text.slice(0, length - 1)}…` : text).toWellFormed();
}

const wireStates: Readonly<Record<HostState, WorkloadState>> = {
  starting: 'WORKLOAD_STATE_STARTING',
  running: 'WORKLOAD_STATE_RUNNING',
  completed: 'WORKLOAD_STATE_COMPLETED',
  stopping: 'WORKLOAD_STATE_STOPPING',
  error: 'WORKLOAD_STATE_ERROR',
  'not-found': 'WORKLOAD_STATE_NOT_FOUND',
};

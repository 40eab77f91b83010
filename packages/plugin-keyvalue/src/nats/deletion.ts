import type { MsgHdrs } from '@nats-io/transport-node';

/** Whether a message of a bucket's stream says that its key is gone: deleted, purged, or expired. */
export function isDeletion(headers: MsgHdrs | undefined): boolean {
  return headers !== undefined && (headers.has('KV-Operation') || headers.has('Nats-Marker-Reason'));
}

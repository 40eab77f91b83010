import { headers, type MsgHdrs } from '@nats-io/transport-node';
import type { NatsBucketParts } from './bucket.js';

/** Whether a message of a bucket's stream says that its key is gone: deleted, purged, or expired. */
export function isDeletion(headers: MsgHdrs | undefined): boolean {
  return headers !== undefined && (headers.has('KV-Operation') || headers.has('Nats-Marker-Reason'));
}

/** What is deleted by {@link deleteFirst}. */
export interface StoredKey {
  readonly encodedKey: string;
  readonly version: bigint;
}

/**
 * Deletes a key of a store that is full: there is no room for the note of the deletion, so the value goes first. The note follows, for those who watch,
 * unless somebody was faster to write the key.
 */
export async function deleteFirst(
  { js, manager, stream }: NatsBucketParts,
  { encodedKey, version }: StoredKey,
): Promise<void> {
  const subject = `$KV.${stream.name.slice('KV_'.length)}.${encodedKey}`;
  // Of a bucket with a history all has to go, or the value before would be back. Servers before 2.10 do not notice the room that this makes.
  if (stream.max_msgs_per_subject === 1) await manager.streams.deleteMessage(stream.name, Number(version), false);
  else await manager.streams.purge(stream.name, { filter: subject });
  const note = headers();
  note.set('KV-Operation', 'DEL');
  note.set('Nats-Expected-Last-Subject-Sequence', '0');
  await js.publish(subject, new Uint8Array(), { headers: note }).catch(() => {});
}

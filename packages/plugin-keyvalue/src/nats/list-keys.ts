import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import type { KeyPage, ListKeysOptions } from '../backend.js';
import type { NatsBucketParts } from './bucket.js';
import { isDeletion } from './deletion.js';
import { decodeKey } from './names.js';

/**
 * Reads the stream in the order of its writes, from the one after `cursor`. A key that is written meanwhile moves on to a later place, so it is
 * met there, if not before. The reader that the server keeps for it is removed at the end, and by the server itself if that fails.
 */
export async function listKeys(parts: NatsBucketParts, { cursor, limit }: ListKeysOptions): Promise<KeyPage> {
  const { nats, js, manager, stream } = parts;
  // No stream has as many messages; the server would not even read the number.
  if (cursor >= BigInt(Number.MAX_SAFE_INTEGER)) return { keys: [] };
  const prefix = `$KV.${stream.name.slice('KV_'.length)}.`;
  const hasHistory = stream.max_msgs_per_subject !== 1;
  const consumer = await manager.consumers.add(stream.name, {
    ack_policy: AckPolicy.None,
    filter_subject: `${prefix}>`,
    headers_only: true,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: 30_000 * 1_000_000,
    // Of a bucket with a history only the last state of each key counts; such a reader has to begin at the beginning.
    ...(hasHistory
      ? { deliver_policy: DeliverPolicy.LastPerSubject }
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: Number(cursor) + 1 }),
  });
  try {
    const keys: string[] = [];
    let last = cursor;
    let pending = consumer.num_pending;
    const reader = await js.consumers.get(stream.name, consumer.name);
    while (pending > 0) {
      const before = pending;
      const messages = await reader.fetch({ max_messages: Math.min(limit, pending), expires: nats.timeoutMs });
      for await (const message of messages) {
        pending = message.info.pending;
        const sequence = BigInt(message.seq);
        if (sequence <= last) continue;
        const key = decodeKey(message.subject.slice(prefix.length));
        if (key !== undefined && !isDeletion(message.headers)) keys.push(key);
        last = sequence;
        if (keys.length === limit) return pending > 0 ? { keys, cursor: last } : { keys };
      }
      if (pending === before) throw new TypeError('the server announced messages and sent none');
    }
    return { keys };
  } finally {
    manager.consumers.delete(stream.name, consumer.name).catch(() => {});
  }
}

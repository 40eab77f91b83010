import { NatsFailure } from '@lodge-internal/nats';
import { AckPolicy, type ConsumerMessages, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import type { KeyValueChange } from '../backend.js';
import type { NatsBucketParts } from './bucket.js';
import { isDeletion } from './deletion.js';
import { decodeKey } from './names.js';

/** Milliseconds between attempts while the bucket cannot be read. */
const retryMs = 500;

/**
 * Follows the stream of a bucket from its present end. When the connection was lost, or the server has lost its place, it goes on after the last
 * change that it handed out. Changes wait on the server, not here.
 */
export async function watchBucket(parts: NatsBucketParts, signal: AbortSignal): Promise<AsyncIterable<KeyValueChange>> {
  const { nats, manager, stream } = parts;
  const info = await nats.call(() => manager.streams.info(stream.name));
  return follow(parts, { created: info.created, last: info.state.last_seq }, signal);
}

/** Milliseconds that the server keeps a question for changes. */
const fetchMs = 10_000;

/** Where a watch stands in a stream. One that was removed and made anew begins at 1 again. */
interface Place {
  created: string | Date;
  last: number;
}

async function* follow(parts: NatsBucketParts, place: Place, signal: AbortSignal): AsyncGenerator<KeyValueChange> {
  const prefix = `$KV.${parts.stream.name.slice('KV_'.length)}.`;
  while (!signal.aborted) {
    const reading = new Reading(parts, place, signal);
    try {
      for await (const message of reading.messages()) {
        place.last = message.seq;
        const key = decodeKey(message.subject.slice(prefix.length));
        if (key === undefined) continue;
        const isDeleted = isDeletion(message.headers);
        yield { key, value: isDeleted ? undefined : message.data };
      }
    } catch (error) {
      // Whatever it is, it may be over soon; only permissions do not come back by themselves.
      if (NatsFailure.from(error).kind === 'permission-denied') throw error;
      await sleep(retryMs, signal);
    } finally {
      reading.end();
    }
  }
}

/** One reader on the server, until the connection breaks or the watch ends. */
class Reading {
  readonly #parts: NatsBucketParts;
  readonly #place: Place;
  readonly #undo: (() => void)[] = [];
  #current: ConsumerMessages | undefined;
  #consumer: string | undefined;
  #isOver = false;

  constructor(parts: NatsBucketParts, place: Place, signal: AbortSignal) {
    this.#parts = parts;
    this.#place = place;
    const interrupt = (): void => {
      this.#isOver = true;
      this.#current?.stop();
    };
    signal.addEventListener('abort', interrupt);
    this.#undo.push(() => signal.removeEventListener('abort', interrupt), parts.nats.onReconnect(interrupt));
  }

  async *messages(): AsyncGenerator<JsMsg> {
    const { nats, js, stream } = this.#parts;
    const { name, place } = await nats.call(() => this.#open());
    this.#consumer = name;
    Object.assign(this.#place, place);
    const reader = await nats.call(() => js.consumers.get(stream.name, name));
    while (!this.#isOver) {
      const started = performance.now();
      let isEmpty = true;
      const messages = await reader.fetch({ max_messages: 256, expires: fetchMs });
      this.#current = messages;
      if (this.#isOver) return;
      for await (const message of messages) {
        isEmpty = false;
        yield message;
      }
      // Nothing for a while is quiet. Nothing at once means that the server no longer knows the reader, and so does a failing question.
      if (!isEmpty || this.#isOver) continue;
      await nats.call(() => reader.info());
      if (performance.now() - started < fetchMs / 10)
        throw new NatsFailure('not-found', 'the reader of a watch is gone');
    }
  }

  /** Removes what the server keeps for this reader. */
  end(): void {
    const { manager, stream } = this.#parts;
    for (const undo of this.#undo) undo();
    this.#current?.stop();
    if (this.#consumer !== undefined) manager.consumers.delete(stream.name, this.#consumer).catch(() => {});
  }

  async #open(): Promise<{ name: string; place: Place }> {
    const { manager, stream } = this.#parts;
    const { created } = await manager.streams.info(stream.name);
    const isSame = String(created) === String(this.#place.created);
    const last = isSame ? this.#place.last : 0;
    const { name } = await manager.consumers.add(stream.name, {
      ack_policy: AckPolicy.None,
      filter_subject: `$KV.${stream.name.slice('KV_'.length)}.>`,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: 60_000 * 1_000_000,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: last + 1,
    });
    return { name, place: { created, last } };
  }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}

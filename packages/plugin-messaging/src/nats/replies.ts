import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Message } from '../backend.js';
import { MessagingFailure } from '../messaging-failure.js';

/** Waits for one reply. */
export interface PendingReply {
  /** Where the reply goes. */
  readonly inbox: string;
  /** Rejects with `no-responders` when the server knows that nobody listens. */
  readonly reply: Promise<Message>;
  fail(reason: Error): void;
  close(): void;
}

/** The inboxes of one session: one subscription for all, made with the first request. Nothing else in the host knows its prefix. */
export class Replies {
  readonly #connection: NatsConnection;
  readonly #prefix = `_INBOX.${crypto.randomUUID()}`;
  readonly #pending = new Map<string, PromiseWithResolvers<Message>>();
  #subscription: Subscription | undefined;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  /** Requests that wait. */
  get size(): number {
    return this.#pending.size;
  }

  open(): PendingReply {
    this.#subscribe();
    const inbox = `${this.#prefix}.${crypto.randomUUID()}`;
    const waiting = Promise.withResolvers<Message>();
    this.#pending.set(inbox, waiting);
    // Whoever gave up hears nothing.
    waiting.promise.catch(() => undefined);
    return {
      inbox,
      reply: waiting.promise,
      fail: (reason) => waiting.reject(reason),
      close: () => this.#pending.delete(inbox),
    };
  }

  close(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
    this.#failAll(new MessagingFailure('unavailable', 'the session is closed'));
  }

  #subscribe(): void {
    if (this.#subscription !== undefined && !this.#subscription.isClosed()) return;
    this.#subscription = this.#connection.subscribe(`${this.#prefix}.*`, {
      callback: (error, message) => {
        if (error !== null) {
          this.#failAll(new MessagingFailure('access-denied', 'NATS refuses the inbox', { cause: error }));
          return;
        }
        const waiting = this.#pending.get(message.subject);
        if (waiting === undefined) return;
        if (message.data.length === 0 && message.headers?.code === 503) {
          waiting.reject(new MessagingFailure('no-responders', 'nobody listens to the subject'));
          return;
        }
        // The client library hands out a view of what it received.
        const body = message.data.slice();
        waiting.resolve({ subject: message.subject, body, replyTo: message.reply || undefined });
      },
    });
  }

  #failAll(failure: MessagingFailure): void {
    for (const waiting of this.#pending.values()) waiting.reject(failure);
  }
}

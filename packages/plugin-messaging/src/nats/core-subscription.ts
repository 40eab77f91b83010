import { HostError, type Logger } from '@lodge/core';
import { type NatsClient, NatsFailure } from '@lodge-internal/nats';
import type { Subscription as Interest, NatsConnection } from '@nats-io/transport-node';
import type { SubscribeOptions } from '../backend.js';
import { matchesPattern } from '../subjects.js';
import { toMessagingFailure } from './errors.js';
import { flushed } from './flush.js';
import type { NatsSubscription } from './session.js';

/** What subscriptions of both kinds need. */
export interface SubscriptionSurroundings {
  readonly client: NatsClient;
  readonly logger: Logger;
  /** Of the entry, for errors. */
  readonly path: string;
}

/** Subscribes to all subjects; settles when the server knows of them. */
export async function subscribeCore(
  options: SubscribeOptions,
  { client }: SubscriptionSurroundings,
): Promise<NatsSubscription> {
  const { connection } = client;
  const subscription = new CoreSubscription(options, connection);
  try {
    // The server answers in order: by then it has taken the subscriptions, or refused them.
    await client.call(() => flushed(client));
  } catch (error) {
    subscription.stop();
    throw toMessagingFailure(error, 'send');
  }
  subscription.establish();
  return subscription;
}

class CoreSubscription implements NatsSubscription {
  readonly #options: SubscribeOptions;
  readonly #interests: Interest[] = [];
  #lost: Error | undefined;
  #isEstablished = false;
  #isStopped = false;

  constructor(options: SubscribeOptions, connection: NatsConnection) {
    this.#options = options;
    for (const [index, subject] of options.subjects.entries())
      this.#interests.push(this.#add(connection, subject, index));
  }

  /** @throws HostError `ERR_CONFIG_INVALID` when the server has refused a subject */
  establish(): void {
    if (this.#lost !== undefined) {
      this.stop();
      throw new HostError('ERR_CONFIG_INVALID', `${this.#lost.message}; grant it to the host's user`, {
        cause: this.#lost,
      });
    }
    this.#isEstablished = true;
  }

  stop(): void {
    this.#isStopped = true;
    for (const interest of this.#interests) interest.unsubscribe();
  }

  async closed(): Promise<void> {}

  #add(connection: NatsConnection, subject: string, index: number): Interest {
    const { group, subjects, receive } = this.#options;
    const earlier = subjects.slice(0, index);
    const interest = connection.subscribe(subject, {
      ...(group === undefined ? {} : { queue: group }),
      callback: (error, message) => {
        if (error !== null) {
          this.#lose(`NATS denies the subscription to ${subject}`, error);
          return;
        }
        // Of a group the server picks one subscription; without one each gets the message.
        if (group === undefined && earlier.some((pattern) => matchesPattern(pattern, message.subject))) return;
        // The client library hands out a view of what it received.
        const body = message.data.slice();
        void receive({ subject: message.subject, body, replyTo: message.reply || undefined });
      },
    });
    void interest.closed.then((error) => this.#lose('the connection to NATS is closed', error ?? undefined));
    return interest;
  }

  #lose(message: string, cause: Error | undefined): void {
    if (this.#isStopped || this.#lost !== undefined) return;
    this.#lost = new NatsFailure('unavailable', message, cause);
    if (this.#isEstablished) this.#options.onLost(this.#lost);
  }
}

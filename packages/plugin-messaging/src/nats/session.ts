import type { HookOptions, Logger } from '@lodge/core';
import { type NatsClient, Violations } from '@lodge-internal/nats';
import { headers } from '@nats-io/transport-node';
import { orAborted } from '../abort.js';
import type {
  Message,
  MessagingSession,
  MessagingSupport,
  RequestOptions,
  SendOptions,
  SubscribeOptions,
  Subscription,
} from '../backend.js';
import { MessagingFailure } from '../messaging-failure.js';
import { isInbox } from '../subjects.js';
import { subscribeCore } from './core-subscription.js';
import { toMessagingFailure } from './errors.js';
import { flushed, SharedFlush } from './flush.js';
import { type JetStream, openJetStream, replyToHeader } from './jetstream.js';
import { subscribeJetStream } from './jetstream-subscription.js';
import { Replies } from './replies.js';
import type { JetStreamSettings } from './settings.js';

/** What a {@link NatsSession} works with. */
export interface NatsSessionOptions {
  readonly client: NatsClient;
  /** Unset: core NATS. */
  readonly jetStream: JetStreamSettings | undefined;
  readonly workloadId: string;
  /** Of the entry, for errors. */
  readonly path: string;
  readonly logger: Logger;
  onClosed(): void;
}

/** A subscription that the session has to end. */
export interface NatsSubscription extends Subscription {
  /** Settles when nothing is left to be told to the server. */
  closed(): Promise<void>;
}

/** One workload's use of the connection that all share. */
export class NatsSession implements MessagingSession {
  readonly supports: MessagingSupport;
  readonly #options: NatsSessionOptions;
  readonly #subscriptions = new Set<NatsSubscription>();
  readonly #violations: Violations;
  readonly #replies: Replies;
  readonly #flush: SharedFlush;
  #jetStream: JetStream | undefined;
  #isClosed = false;

  constructor(options: NatsSessionOptions) {
    this.#options = options;
    const isStored = options.jetStream !== undefined;
    this.supports = Object.freeze({ redelivery: isStored, requests: !isStored });
    this.#violations = new Violations(options.client.connection);
    this.#replies = new Replies(options.client.connection);
    this.#flush = new SharedFlush(options.client);
  }

  /** The session, its subscriptions and its requests. */
  get held(): number {
    return 1 + this.#subscriptions.size + this.#replies.size;
  }

  async publish(message: Message, { signal }: SendOptions): Promise<void> {
    this.#check(signal);
    // Whoever waits for a reply does so without a stream.
    if (this.#options.jetStream === undefined || isInbox(message.subject)) await this.#send(message, signal);
    else await this.#store(message, signal);
  }

  async request({ subject, body, timeoutMs, signal }: RequestOptions): Promise<Message> {
    this.#check(signal);
    const waiting = this.#replies.open();
    const timer = setTimeout(() => {
      waiting.fail(new MessagingFailure('timeout', `no reply in ${timeoutMs} ms`));
    }, timeoutMs);
    try {
      const sent = this.#send({ subject, body, replyTo: waiting.inbox }, signal);
      sent.catch((error) => waiting.fail(error));
      // A reply that cannot come any more is not waited for; nor is a connection, beyond the time that the guest gives.
      const whileConnected = this.#options.client.call(() => waiting.reply);
      return await orAborted(Promise.race([waiting.reply, whileConnected]), signal);
    } catch (error) {
      throw signal.aborted ? signal.reason : toMessagingFailure(error, 'send');
    } finally {
      clearTimeout(timer);
      waiting.close();
    }
  }

  async subscribe(options: SubscribeOptions, { signal }: HookOptions): Promise<Subscription> {
    this.#check(signal);
    const { client, jetStream, logger, path } = this.#options;
    const around = { client, logger, path };
    const making =
      jetStream === undefined
        ? subscribeCore(options, around)
        : subscribeJetStream(options, { ...around, jetStream: await this.#openJetStream(), settings: jetStream });
    const made = await orAborted(making, signal).catch((error: unknown) => {
      // What comes too late has nobody to stop it.
      making.then((late) => late.stop()).catch(() => undefined);
      throw error;
    });
    if (this.#isClosed) {
      made.stop();
      throw new MessagingFailure('unavailable', 'the session was closed meanwhile');
    }
    const subscription = {
      stop: () => {
        made.stop();
        // Until all is told to the server, a close waits for it.
        void made.closed().then(() => this.#subscriptions.delete(made));
      },
    };
    this.#subscriptions.add(made);
    return subscription;
  }

  async close({ signal }: HookOptions): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { client, onClosed } = this.#options;
    const subscriptions = [...this.#subscriptions];
    for (const subscription of subscriptions) subscription.stop();
    this.#subscriptions.clear();
    this.#replies.close();
    this.#violations.close();
    onClosed();
    const closed = async (): Promise<void> => {
      await Promise.all(subscriptions.map((subscription) => subscription.closed()));
      if (client.isConnected) await client.call(() => flushed(client));
    };
    // Without a connection the server hears of it when it finds the connection gone.
    await orAborted(closed(), signal).catch(() => undefined);
  }

  /** Settles when the server has taken the message, or refused it. */
  async #send({ subject, body, replyTo }: Message, signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    const { connection } = client;
    const sending = client.call(async () => {
      const watch = this.#violations.watch(subject);
      try {
        connection.publish(subject, body, replyTo === undefined ? {} : { reply: replyTo });
        await this.#flush.flushed();
        watch.check();
      } finally {
        watch.end();
      }
    });
    await orAborted(sending, signal).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : toMessagingFailure(error, 'send');
    });
  }

  /** Settles when a stream has the message. */
  async #store({ subject, body, replyTo }: Message, signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    const { context } = await this.#openJetStream();
    const extra = headers();
    if (replyTo !== undefined) extra.set(replyToHeader, replyTo);
    const storing = client.call(() => context.publish(subject, body, replyTo === undefined ? {} : { headers: extra }));
    await orAborted(storing, signal).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : toMessagingFailure(error, 'store');
    });
  }

  async #openJetStream(): Promise<JetStream> {
    const { client } = this.#options;
    this.#jetStream ??= await openJetStream(client).catch((error: unknown) => {
      throw toMessagingFailure(error, 'store');
    });
    return this.#jetStream;
  }

  #check(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.#isClosed) throw new MessagingFailure('unavailable', 'the session is closed');
  }
}

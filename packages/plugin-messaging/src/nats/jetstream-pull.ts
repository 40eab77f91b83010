import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@lodge/core';
import { type NatsClient, NatsFailure } from '@lodge-internal/nats';
import type { Consumer, ConsumerMessages } from '@nats-io/jetstream';
import type { JetStreamDelivery } from './jetstream-delivery.js';

/** What a {@link JetStreamPull} works with. */
export interface JetStreamPullOptions {
  readonly client: NatsClient;
  readonly logger: Logger;
  readonly consumer: Consumer;
  /** Makes the consumer again. */
  make(): Promise<Consumer>;
  /** Whether other hosts use the consumer too. */
  readonly isShared: boolean;
  readonly delivery: JetStreamDelivery;
  /** Messages that it holds at a time. */
  readonly share: number;
  onLost(reason: Error): void;
}

/** Milliseconds that one request for messages lasts. */
const expiresMs = 10_000;
/** Milliseconds between the server's signs of life during a request; without two of them it is dead. */
const heartbeatMs = 2_000;
const minPauseMs = 100;
const maxPauseMs = 5_000;

/** Asks a consumer for as many messages as there is room for, again and again, whatever happens to the server. */
export class JetStreamPull {
  readonly #options: JetStreamPullOptions;
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;
  readonly #deliveries = new Set<Promise<void>>();
  #consumer: Consumer;
  #messages: ConsumerMessages | undefined;
  #pauseMs = minPauseMs;

  constructor(options: JetStreamPullOptions) {
    this.#options = options;
    this.#consumer = options.consumer;
    this.#running = this.#run();
  }

  stop(): void {
    this.#stopped.abort();
    this.#messages?.stop();
  }

  /** Settles when every message is answered for. */
  async closed(): Promise<void> {
    await this.#running;
    await Promise.all(this.#deliveries);
    const { isShared, client } = this.#options;
    if (isShared || !client.isConnected) return;
    await client.call(() => this.#consumer.delete()).catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.#batch();
        this.#pauseMs = minPauseMs;
      } catch (error) {
        if (signal.aborted || !(await this.#recover(NatsFailure.from(error)))) return;
      }
    }
  }

  /** One request, until it is over, and then until there is room. */
  async #batch(): Promise<void> {
    const { client, share } = this.#options;
    const { signal } = this.#stopped;
    const room = share - this.#deliveries.size;
    const messages = await client.call(() =>
      this.#consumer.fetch({ max_messages: room, expires: expiresMs, idle_heartbeat: heartbeatMs }),
    );
    this.#messages = messages;
    if (signal.aborted) messages.stop();
    for await (const message of messages) {
      // What comes too late is for somebody else, at once.
      if (signal.aborted) message.nak();
      else this.#deliver(this.#options.delivery.deliver(message));
    }
    if (this.#deliveries.size >= share) await Promise.race(this.#deliveries);
  }

  /**
   * Whether the server knows the consumer no more. It says so only to those whose request waits at that moment; others hear nothing, as from a server that is
   * about to start.
   */
  async #isGone({ kind, message }: NatsFailure): Promise<boolean> {
    if (kind === 'not-found' || /consumer deleted/i.test(message)) return true;
    if (kind === 'unavailable') return false;
    return this.#options.client
      .call(() => this.#consumer.info())
      .then(
        () => false,
        (error: unknown) => NatsFailure.from(error).kind === 'not-found',
      );
  }

  #deliver(delivery: Promise<void>): void {
    this.#deliveries.add(delivery);
    void delivery.then(() => this.#deliveries.delete(delivery));
  }

  /** Whether to go on. */
  async #recover(failure: NatsFailure): Promise<boolean> {
    const { client, isShared, make, logger } = this.#options;
    const { signal } = this.#stopped;
    if (client.connection.isClosed()) return this.#lose('the connection to NATS is closed', failure);
    if (failure.kind === 'permission-denied') return this.#lose('NATS denies its consumer', failure);
    const isGone = await this.#isGone(failure);
    if (isGone && isShared) return this.#lose('its stream or consumer was deleted', failure);
    logger.log('debug', 'messages could not be fetched; trying again', { error: failure });
    await delay(this.#pauseMs, undefined, { signal }).catch(() => undefined);
    this.#pauseMs = Math.min(this.#pauseMs * 2, maxPauseMs);
    if (isGone && !signal.aborted) {
      try {
        this.#consumer = await make();
      } catch (error) {
        if (NatsFailure.from(error).kind === 'not-found') return this.#lose('its stream was deleted', failure);
      }
    }
    return true;
  }

  #lose(message: string, cause: NatsFailure): false {
    this.#options.onLost(new NatsFailure('unavailable', message, cause));
    return false;
  }
}

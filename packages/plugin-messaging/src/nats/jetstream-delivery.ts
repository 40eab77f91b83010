import type { Logger } from '@lodge/core';
import type { NatsClient } from '@lodge-internal/nats';
import type { JsMsg } from '@nats-io/jetstream';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import type { DeliveryOutcome, Message } from '../backend.js';
import { type JetStream, replyToHeader } from './jetstream.js';
import type { JetStreamSettings } from './settings.js';

/** What a {@link JetStreamDelivery} works with. */
export interface JetStreamDeliveryOptions {
  readonly client: NatsClient;
  readonly jetStream: JetStream;
  readonly settings: JetStreamSettings;
  readonly logger: Logger;
  receive(message: Message): Promise<DeliveryOutcome>;
  /** Whether another subject of the subscription gets the message too, and goes first. */
  isDuplicate(subject: string): boolean;
}

/** Milliseconds until a message for which there was no room comes again. */
const shedDelayMs = 1_000;
const maxRetryDelayMs = 600_000;

/** Hands one message over and tells its stream what came of it. */
export class JetStreamDelivery {
  readonly #options: JetStreamDeliveryOptions;

  constructor(options: JetStreamDeliveryOptions) {
    this.#options = options;
  }

  /** Never rejects: what could not be told to the stream comes again. */
  async deliver(message: JsMsg): Promise<void> {
    const { settings, isDuplicate, receive, logger } = this.#options;
    const { subject } = message;
    // As long as the handler works, nobody else gets the message.
    const alive = setInterval(() => keepAlive(message), settings.ackWaitMs / 3);
    try {
      const replyTo = message.headers?.get(replyToHeader) || undefined;
      const isForOther = isDuplicate(subject);
      const outcome = isForOther ? 'handled' : await receive({ subject, body: message.data.slice(), replyTo });
      await this.#settle(message, outcome);
    } catch (error) {
      logger.log('error', 'a message was handled and its stream not told', { subject, error });
    } finally {
      clearInterval(alive);
    }
  }

  async #settle(message: JsMsg, outcome: DeliveryOutcome): Promise<void> {
    switch (outcome) {
      case 'handled':
        message.ack();
        return;
      case 'refused':
        message.term();
        return;
      case 'stopped':
        message.nak();
        return;
      case 'shed':
        message.nak(shedDelayMs);
        return;
      case 'failed':
        await this.#retry(message);
    }
  }

  async #retry(message: JsMsg): Promise<void> {
    const { settings, logger } = this.#options;
    const tries = message.info.deliveryCount;
    if (tries < settings.maxDeliver) {
      message.nak(Math.min(settings.retryDelayMs * 2 ** (tries - 1), maxRetryDelayMs));
      return;
    }
    const facts = { subject: message.subject, stream: message.info.stream, sequence: message.seq, tries };
    if (settings.deadLetter === undefined) {
      message.term();
      logger.log('error', 'a message was given up: its handler failed each time', facts);
      return;
    }
    try {
      await this.#bury(message, settings.deadLetter);
      message.ack();
      logger.log('warn', 'a message became a dead letter', { ...facts, deadLetter: settings.deadLetter });
    } catch (error) {
      message.nak(maxRetryDelayMs);
      logger.log('error', 'a message could not become a dead letter; it is tried again', { ...facts, error });
    }
  }

  async #bury(message: JsMsg, subject: string): Promise<void> {
    const { client, jetStream } = this.#options;
    const { stream, consumer, deliveryCount } = message.info;
    const kept = copyHeaders(message.headers);
    kept.set('Lodge-Dead-Letter-Subject', message.subject);
    kept.set('Lodge-Dead-Letter-Stream', stream);
    kept.set('Lodge-Dead-Letter-Sequence', String(message.seq));
    kept.set('Lodge-Dead-Letter-Tries', String(deliveryCount));
    // The same letter twice, after a crash in between, is one letter.
    const msgID = `${stream}.${consumer}.${message.seq}`;
    await client.call(() => jetStream.context.publish(subject, message.data, { headers: kept, msgID }));
  }
}

function keepAlive(message: JsMsg): void {
  try {
    message.working();
  } catch {
    // The connection is closed; whoever handles the message will find out.
  }
}

/** All of a message's headers but those that speak to its own stream. */
function copyHeaders(given: MsgHdrs | undefined): MsgHdrs {
  const copy = headers();
  for (const [name, values] of given ?? []) {
    if (name.toLowerCase().startsWith('nats-')) continue;
    for (const value of values) copy.append(name, value);
  }
  return copy;
}

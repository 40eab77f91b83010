import { AckPolicy, type Consumer, type ConsumerConfig, DeliverPolicy } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { SubscribeOptions } from '../backend.js';
import { settingError } from '../config/settings.js';
import { fnv1a64 } from '../consumer-group.js';
import { matchesPattern } from '../subjects.js';
import type { SubscriptionSurroundings } from './core-subscription.js';
import { findStream, type JetStream, streamError } from './jetstream.js';
import { JetStreamDelivery } from './jetstream-delivery.js';
import { JetStreamPull } from './jetstream-pull.js';
import type { NatsSubscription } from './session.js';
import type { JetStreamSettings } from './settings.js';

/** What a subscription to streams needs besides. */
export interface JetStreamSurroundings extends SubscriptionSurroundings {
  readonly jetStream: JetStream;
  readonly settings: JetStreamSettings;
}

/** Milliseconds that a broadcast's consumer outlives its host. */
const inactiveMs = 300_000;

/**
 * One consumer for each subject: durable and shared for a group, the host's own for a broadcast. Settles when the server has them all.
 *
 * @throws HostError `ERR_CONFIG_INVALID` for subjects without a stream; NatsFailure
 */
export async function subscribeJetStream(
  options: SubscribeOptions,
  around: JetStreamSurroundings,
): Promise<NatsSubscription> {
  const { subjects, maxInFlight } = options;
  const { path, settings, client, jetStream } = around;
  const { deadLetter } = settings;
  if (deadLetter !== undefined) {
    if (subjects.some((pattern) => matchesPattern(pattern, deadLetter))) {
      throw settingError(`${path}.dead_letter`, `is '${deadLetter}', which is among the subscriptions: choose another`);
    }
    // A letter that nobody keeps would be lost, or never leave its stream.
    const deadPath = `${path}.dead_letter`;
    const keeps = { ...settings, stream: undefined };
    await findStream({ client, manager: jetStream.manager, settings: keeps, subject: deadLetter, path: deadPath });
  }
  const consumers: { readonly subject: string; readonly make: () => Promise<Consumer> }[] = [];
  for (const subject of subjects) {
    const subjectPath = `${path}.subscriptions`;
    const stream = await findStream({ client, manager: jetStream.manager, settings, subject, path: subjectPath });
    const make = (): Promise<Consumer> => makeConsumer(stream, subject, options, around);
    consumers.push({ subject, make });
  }
  // Shared out, so that the whole subscription holds no more than its bound.
  const share = Math.max(1, Math.floor(maxInFlight / subjects.length));
  const pulls: JetStreamPull[] = [];
  try {
    for (const [index, { subject, make }] of consumers.entries()) {
      const consumer = await make().catch((error: unknown) => {
        throw streamError(`${path}.subscriptions`, subject, error);
      });
      const delivery = new JetStreamDelivery({
        ...around,
        receive: options.receive,
        isDuplicate: (delivered) => subjects.slice(0, index).some((earlier) => matchesPattern(earlier, delivered)),
      });
      const isShared = options.group !== undefined;
      pulls.push(new JetStreamPull({ ...around, consumer, make, isShared, delivery, share, onLost: options.onLost }));
    }
  } catch (error) {
    for (const pull of pulls) pull.stop();
    throw error;
  }
  return {
    stop: () => {
      for (const pull of pulls) pull.stop();
    },
    closed: async () => {
      await Promise.all(pulls.map((pull) => pull.closed()));
    },
  };
}

async function makeConsumer(
  stream: string,
  subject: string,
  { group }: SubscribeOptions,
  { client, jetStream: { context, manager }, settings }: JetStreamSurroundings,
): Promise<Consumer> {
  const config: Partial<ConsumerConfig> = {
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(settings.ackWaitMs),
    filter_subject: subject,
    // Tries are counted here: one that was only put off is none.
    max_deliver: -1,
    ...(group === undefined
      ? { deliver_policy: DeliverPolicy.New, inactive_threshold: nanos(inactiveMs) }
      : { deliver_policy: DeliverPolicy.All, durable_name: durableName(group, subject) }),
  };
  const info = await client.call(() => manager.consumers.add(stream, config));
  return context.consumers.getConsumerFromInfo(info);
}

/** Groups may hold characters that names of consumers must not; the hash keeps them apart, and the subjects. */
export function durableName(group: string, subject: string): string {
  const readable = group.replaceAll(/[^A-Za-z0-9_-]/gu, '_').slice(0, 128);
  return `${readable}_${fnv1a64(JSON.stringify([group, subject]))}`;
}

import type { HookOptions } from '@lodge/core';
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
import type { Broker } from './broker.js';

/** What one workload has with the broker. */
export class InMemorySession implements MessagingSession {
  readonly supports: MessagingSupport = Object.freeze({ redelivery: false, requests: true });
  readonly #broker: Broker;
  readonly #subscriptions = new Set<Subscription>();
  readonly #requests = new Set<(failure: MessagingFailure) => void>();
  #isClosed = false;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  async publish(message: Message, { signal }: SendOptions): Promise<void> {
    this.#check(signal);
    this.#broker.send(message);
    await this.#broker.pause();
  }

  async request({ subject, body, timeoutMs, signal }: RequestOptions): Promise<Message> {
    this.#check(signal);
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    const inbox = this.#broker.openInbox(resolve);
    const onAbort = (): void => reject(signal.reason);
    const timer = setTimeout(() => reject(new MessagingFailure('timeout', `no reply in ${timeoutMs} ms`)), timeoutMs);
    signal.addEventListener('abort', onAbort);
    this.#requests.add(reject);
    try {
      if (this.#broker.send({ subject, body, replyTo: inbox.subject }) === 0) {
        throw new MessagingFailure('no-responders', `nobody listens to ${subject}`);
      }
      return await promise;
    } finally {
      inbox.close();
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      this.#requests.delete(reject);
    }
  }

  async subscribe({ subjects, group, receive }: SubscribeOptions, { signal }: HookOptions): Promise<Subscription> {
    this.#check(signal);
    // The receiver bounds what waits; the broker keeps nothing.
    const forget = this.#broker.listen({ subjects, group, deliver: (message) => void receive(message) });
    const subscription = {
      stop: () => {
        forget();
        this.#subscriptions.delete(subscription);
      },
    };
    this.#subscriptions.add(subscription);
    return subscription;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const subscription of this.#subscriptions) subscription.stop();
    for (const reject of this.#requests) reject(new MessagingFailure('unavailable', 'the session is closed'));
  }

  #check(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.#isClosed) throw new MessagingFailure('unavailable', 'the session is closed');
  }
}

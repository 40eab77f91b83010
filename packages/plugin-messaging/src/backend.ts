import type { HookOptions, PluginContext, WorkloadInfo } from '@lodge/core';

/**
 * The broker side of `wasmcloud:messaging`. A plain object from a factory; prove it with `testMessagingBackend` of
 * `@lodge/plugin-messaging/conformance`. What guests may reach is decided before a backend is asked.
 */
export interface MessagingBackend {
  /** What `backend` in a workload's config calls it. Unique in its plugin. */
  readonly name: string;
  /** Keys of an entry's `config` that it reads itself, besides those of the plugin. @default none */
  readonly configKeys?: readonly string[];
  /** Once, when the host starts. Throwing fails the start. */
  start?(context: PluginContext, options: HookOptions): Promise<void>;
  /**
   * What one workload sends and receives through. Once per workload and distinct settings; settles when the broker can be used.
   *
   * @throws HostError `ERR_CONFIG_INVALID` for settings that are wrong, with the path of the key; `ERR_HOST_STATE` before the start and after the stop.
   */
  open(options: OpenOptions, hook: HookOptions): Promise<MessagingSession>;
  /** Once, when the host stops, after every session was closed. Idempotent. */
  stop?(options: HookOptions): Promise<void>;
}

/** Options of {@link MessagingBackend.open}. */
export interface OpenOptions {
  readonly workload: WorkloadInfo;
  /** The settings among {@link MessagingBackend.configKeys}; unset ones are not there. */
  readonly config: Readonly<Record<string, string>>;
  /** The place of the settings in the spec, for errors: `hostInterfaces[wasmcloud:messaging].config`. */
  readonly path: string;
}

/** A message on its way. Subjects are valid and without wildcards. */
export interface Message {
  readonly subject: string;
  /** Of whoever holds the message: a backend copies what it keeps, and hands out what nobody else holds. */
  readonly body: Uint8Array;
  readonly replyTo: string | undefined;
}

/** What a {@link MessagingSession} may lack. */
export interface MessagingSupport {
  /** A message that was not handled comes again. */
  readonly redelivery: boolean;
  /** Its subscriptions get requests, and can answer them. */
  readonly requests: boolean;
}

/** One workload's way to the broker. */
export interface MessagingSession {
  readonly supports: MessagingSupport;
  /**
   * Settles when the broker has the message, or knows that nobody wants it.
   *
   * @throws MessagingFailure, promptly: also without a broker.
   */
  publish(message: Message, options: SendOptions): Promise<void>;
  /**
   * Sends a message with an inbox as its `replyTo` and answers with what comes there first.
   *
   * @throws MessagingFailure `timeout` after `timeoutMs`, `no-responders` at once when nobody listens.
   */
  request(request: RequestOptions): Promise<Message>;
  /**
   * Settles when the broker knows of the subscription: a message that is published later arrives.
   *
   * @throws HostError `ERR_CONFIG_INVALID` when the broker refuses it for good, MessagingFailure otherwise.
   */
  subscribe(options: SubscribeOptions, hook: HookOptions): Promise<Subscription>;
  /** Ends subscriptions and requests, and settles when answers given to the broker have reached it. Idempotent. */
  close(hook: HookOptions): Promise<void>;
}

/** Bounds of one operation. */
export interface SendOptions {
  /** Aborts when its guest is ended: give up. */
  readonly signal: AbortSignal;
}

/** Options of {@link MessagingSession.request}. */
export interface RequestOptions extends SendOptions {
  readonly subject: string;
  readonly body: Uint8Array;
  /** 1 to 2,147,483,647. */
  readonly timeoutMs: number;
}

/** Options of {@link MessagingSession.subscribe}. */
export interface SubscribeOptions {
  /** Patterns, at least one. A message that several match is delivered once. */
  readonly subjects: readonly string[];
  /** Each message goes to one of the subscriptions of a group, whichever host they are on. Unset: to each. */
  readonly group: string | undefined;
  /** How many messages {@link receive} works on at a time. A backend that can hold messages back takes no more than this. */
  readonly maxInFlight: number;
  /** Takes a message and tells later what became of it. Never rejects, never throws. */
  receive(message: Message): Promise<DeliveryOutcome>;
  /** The subscription is lost, for good: the broker revoked it, or the connection is closed. At most once. */
  onLost(reason: Error): void;
}

/**
 * What became of a message. `failed`: the handler failed; `shed`: there was no room for it in time; `stopped`: the workload ends; `refused`: not for
 * guests. A broker that keeps messages gives those that were not `handled` or `refused` to somebody again.
 */
export type DeliveryOutcome = 'handled' | 'failed' | 'shed' | 'stopped' | 'refused';

/** What {@link MessagingSession.subscribe} gives. */
export interface Subscription {
  /** Takes no more messages, from now on; those that were received may still be answered. Idempotent. */
  stop(): void;
}

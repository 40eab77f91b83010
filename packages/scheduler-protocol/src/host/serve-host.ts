import { type Host, HostError, type Logger, silentLogger, withFields } from '@lodge/core';
import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import { ConnectionWatch } from '../connection-watch.js';
import { checkHostGroup, checkLabels, hostGroupLabel } from '../labels.js';
import { hostHeartbeat } from '../messages/host-heartbeat.js';
import { defaultMaxBytes, encodeMessage } from '../protojson/codec.js';
import { heartbeatSubject, hostPrefix, hostSubject } from '../subjects.js';
import { toHeartbeat } from './heartbeat.js';
import { HostCommands } from './host-commands.js';
import { StartGate } from './start-gate.js';

/** How {@link serveHost} serves. */
export interface ServeHostOptions {
  /** The group of hosts that schedulers select this one by; becomes the label `hostgroup`. @default that label of the host, else `default` */
  readonly hostGroup?: string;
  /** Milliseconds between heartbeats. A scheduler that hears none for 60 seconds takes the host for dead. @default 15_000 */
  readonly heartbeatIntervalMs?: number;
  /** Starts that load and compile at the same time; further ones wait, and are `STARTING` meanwhile. @default 32 */
  readonly maxConcurrentStarts?: number;
  /** Starts that go on or wait; further ones are answered with an error. All together may have 64 MiB of requests. @default 1_000 */
  readonly maxPendingStarts?: number;
  /** Bytes of a request; a larger one is answered with an error. @default 1_048_576 */
  readonly maxRequestBytes?: number;
  /** @default `silentLogger` */
  readonly logger?: Logger;
}

/** A host that schedulers can reach. */
export interface ServedHost extends AsyncDisposable {
  /**
   * Settles with `undefined` once it is closed, or with the reason when the host cannot be reached any more: the connection ended for good, or the server
   * took the right to subscribe away. A connection that breaks and comes back is no such reason.
   */
  readonly closed: Promise<Error | undefined>;
  /**
   * Leaves: no more heartbeats, no more requests. Waits until every request that came is answered, that is for starts that are under way; to give those
   * up, stop the host without waiting for this first. New starts are refused from here on. Idempotent.
   */
  close(): Promise<void>;
}

const maxPendingBytes = 67_108_864;

/**
 * Lets schedulers find a started host, and do with it what they do with any host of the wasmCloud host API, over a connection that stays open and yours.
 * Returns once the subscription is in place and the first heartbeat is out.
 *
 * @throws HostError `ERR_CONFIG_INVALID` for a group or labels that Kubernetes would refuse, for numbers that make no sense, and when the account may not
 *   subscribe or publish; `ERR_HOST_UNREACHABLE` when the connection is closed
 */
export async function serveHost(
  host: Host,
  connection: NatsConnection,
  options: ServeHostOptions = {},
): Promise<ServedHost> {
  const { hostGroup = host.labels[hostGroupLabel] ?? 'default' } = options;
  checkHostGroup(hostGroup);
  checkLabels(host.labels);
  const served = new NatsServedHost(host, connection, {
    hostGroup,
    heartbeatIntervalMs: checkCount('heartbeatIntervalMs', options.heartbeatIntervalMs ?? 15_000),
    maxConcurrentStarts: checkCount('maxConcurrentStarts', options.maxConcurrentStarts ?? 32),
    maxPendingStarts: checkCount('maxPendingStarts', options.maxPendingStarts ?? 1_000),
    maxRequestBytes: checkCount('maxRequestBytes', options.maxRequestBytes ?? defaultMaxBytes),
    logger: withFields(options.logger ?? silentLogger, { host: host.id }),
  });
  try {
    await served.open();
  } catch (error) {
    await served.close();
    throw error;
  }
  return served;
}

class NatsServedHost implements ServedHost {
  readonly closed: Promise<Error | undefined>;
  readonly #host: Host;
  readonly #connection: NatsConnection;
  readonly #options: Required<ServeHostOptions>;
  readonly #commands: HostCommands;
  readonly #watch: ConnectionWatch;
  readonly #subscription: Subscription;
  readonly #prefix: string;
  readonly #heartbeatSubject: string;
  /** Answers that are not sent yet. */
  readonly #pending = new Set<Promise<void>>();
  readonly #ended = Promise.withResolvers<Error | undefined>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #closing: Promise<void> | undefined;
  #failure: Error | undefined;
  #isRefusalLogged = false;

  constructor(host: Host, connection: NatsConnection, options: Required<ServeHostOptions>) {
    if (connection.isClosed()) throw new HostError('ERR_HOST_UNREACHABLE', 'the connection to NATS is closed');
    const { maxConcurrentStarts, maxPendingStarts, hostGroup, maxRequestBytes, logger } = options;
    this.#host = host;
    this.#connection = connection;
    this.#options = options;
    this.#prefix = hostPrefix(host.id);
    this.#heartbeatSubject = heartbeatSubject(host.id);
    this.closed = this.#ended.promise;
    this.#commands = new HostCommands({
      host,
      gate: new StartGate({ maxConcurrent: maxConcurrentStarts, maxPending: maxPendingStarts, maxPendingBytes }),
      hostGroup,
      maxRequestBytes,
      maxReplyBytes: () => connection.info?.max_payload ?? defaultMaxBytes,
      logger,
    });
    this.#watch = new ConnectionWatch(connection, {
      onReconnect: () => {
        this.#isRefusalLogged = false;
        this.#beat();
      },
      onError: (error) => this.#refused(error),
    });
    this.#subscription = connection.subscribe(hostSubject(host.id), {
      callback: (error, message) => {
        if (error === null) this.#receive(message);
        else this.#fail(error);
      },
    });
    void connection.closed().then((error) => {
      this.#fail(error ?? new HostError('ERR_HOST_UNREACHABLE', 'the connection to NATS was closed'));
    });
  }

  /** Whoever hears the first heartbeat may ask at once, so the subscription comes first. */
  async open(): Promise<void> {
    await this.#settled();
    this.#beat();
    await this.#settled();
    this.#timer = setInterval(() => this.#beat(), this.#options.heartbeatIntervalMs);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Waits until the server has taken all, and throws what it said against it. */
  async #settled(): Promise<void> {
    await this.#watch.flushed();
    // What the server refuses is told through an iterator, a few turns later.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#failure === undefined) return;
    const message = `NATS does not serve this host: ${this.#failure.message}; grant its account ${hostSubject(this.#host.id)} to subscribe, ${this.#heartbeatSubject} and _INBOX.> to publish`;
    throw new HostError('ERR_CONFIG_INVALID', message, { cause: this.#failure });
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    this.#commands.close();
    // What the server sent before it heard of the end still arrives, and is answered.
    if (this.#watch.isConnected && !this.#subscription.isClosed()) {
      await this.#watch.orLost(this.#subscription.drain());
    }
    this.#subscription.unsubscribe();
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    await this.#watch.flushed();
    this.#watch.close();
    this.#ended.resolve(this.#failure);
  }

  /** Without a connection a heartbeat would wait in memory, and say later what is not true any more. */
  #beat(): void {
    if (!this.#watch.isConnected || this.#failure !== undefined || this.#closing !== undefined) return;
    try {
      const heartbeat = encodeMessage(hostHeartbeat, toHeartbeat(this.#host, this.#options.hostGroup));
      this.#connection.publish(this.#heartbeatSubject, heartbeat);
    } catch (error) {
      this.#options.logger.log('error', 'a heartbeat could not be sent', { error });
    }
  }

  #receive(message: Msg): void {
    const command = message.subject.slice(this.#prefix.length);
    const answer = this.#commands.answer(command, message.data);
    if (answer instanceof Uint8Array) {
      this.#send(message, command, answer);
      return;
    }
    const sending = answer
      .then((data) => this.#send(message, command, data))
      .finally(() => this.#pending.delete(sending));
    this.#pending.add(sending);
  }

  /** Never throws: an error here would end the reader of the connection. */
  #send({ reply }: Msg, command: string, answer: Uint8Array): void {
    const { logger } = this.#options;
    if (reply === undefined || reply === '') {
      const text = new TextDecoder().decode(answer.subarray(0, 500));
      logger.log('info', 'a request without a reply subject was done', {
        command: command.slice(0, 100),
        answer: text,
      });
      return;
    }
    try {
      this.#connection.publish(reply, answer);
    } catch (error) {
      logger.log('error', 'an answer could not be sent', { command: command.slice(0, 100), error });
    }
  }

  /** A publish that the account may not make. Each one would be told; once per connection is enough. */
  #refused(error: Error): void {
    if (error.name !== 'PermissionViolationError' || !('operation' in error) || error.operation !== 'publish') return;
    const subject = 'subject' in error ? error.subject : undefined;
    const isOpening = this.#timer === undefined;
    if (isOpening && subject === this.#heartbeatSubject) this.#failure ??= error;
    if (this.#isRefusalLogged) return;
    this.#isRefusalLogged = true;
    this.#options.logger.log('error', 'NATS refuses what the host publishes', { subject, error });
  }

  /** Nobody can reach the host any more, so it does not say that it is there. */
  #fail(error: Error): void {
    if (this.#failure !== undefined || this.#closing !== undefined) return;
    this.#failure = error;
    clearInterval(this.#timer);
    this.#options.logger.log('error', 'schedulers cannot reach the host any more', { error });
    this.#ended.resolve(error);
  }
}

function checkCount(path: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value < 2 ** 31) return value;
  throw new HostError('ERR_CONFIG_INVALID', `${path} must be a whole number from 1, not ${value}`, {
    details: { path },
  });
}

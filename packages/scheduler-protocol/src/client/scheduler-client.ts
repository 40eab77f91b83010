import { HostError, type Logger, silentLogger } from '@lodge/core';
import type { NatsConnection, Subscription } from '@nats-io/nats-core';
import { ConnectionWatch } from '../connection-watch.js';
import { type HostHeartbeat, hostHeartbeat } from '../messages/host-heartbeat.js';
import {
  type WorkloadStartRequest,
  type WorkloadStatus,
  type WorkloadStatusResponse,
  workloadStartRequest,
  workloadStatusRequest,
  workloadStatusResponse,
  workloadStopRequest,
} from '../messages/workload-service.js';
import { encodeMessage } from '../protojson/codec.js';
import type { MessageInit } from '../protojson/message-type.js';
import { heartbeatWildcard } from '../subjects.js';
import type { HostChange, HostChangesOptions } from './host-changes.js';
import { HostDirectory, type KnownHost } from './host-directory.js';
import { askHost, type HostRequest } from './host-request.js';

/** How a {@link SchedulerClient} works. */
export interface SchedulerClientOptions {
  /** Milliseconds without a heartbeat after which a host counts as gone. @default 60_000 */
  readonly hostTtlMs?: number;
  /** Hosts that are kept in mind; further ones are left out, with a warning. @default 10_000 */
  readonly maxHosts?: number;
  /** @default `silentLogger` */
  readonly logger?: Logger;
}

/** How long to wait for a host. */
export interface RequestOptions {
  /** Milliseconds. @default what wasmCloud's operator allows: heartbeat and status 5_000, start 60_000, stop 30_000 */
  readonly timeoutMs?: number;
  /** Ends the waiting, not what the host does. */
  readonly signal?: AbortSignal;
}

/**
 * What a scheduler needs of hosts. Every question to a host throws `HostError`: `ERR_HOST_UNREACHABLE` when nobody answers under that id, or NATS is not
 * connected; `ERR_HOST_TIMEOUT`; `ERR_MESSAGE_INVALID` when the answer, or what was to be sent, is malformed; `ERR_CALL_ABORTED`.
 */
export interface SchedulerClient extends AsyncDisposable {
  /** The hosts whose heartbeats are heard, in the order of their ids. Fills within one interval, 15 seconds as a rule. */
  hosts(): readonly KnownHost[];
  /** One of {@link SchedulerClient.hosts}. */
  host(hostId: string): KnownHost | undefined;
  /**
   * What happens to the list, beginning with the hosts that are on it. A reader that is slow gets the newest of each host. Ends with the client.
   *
   * @throws HostError `ERR_CONFIG_INVALID` in the iteration, when the account may not hear heartbeats
   */
  changes(options?: HostChangesOptions): AsyncIterableIterator<HostChange, undefined>;
  /** Asks a host what it would say in its next heartbeat. */
  heartbeat(hostId: string, options?: RequestOptions): Promise<HostHeartbeat>;
  /** Starts a workload. Whatever goes wrong on the host is the state `WORKLOAD_STATE_ERROR` with a message, not an exception. */
  start(hostId: string, request: MessageInit<WorkloadStartRequest>, options?: RequestOptions): Promise<WorkloadStatus>;
  /** Asks where a workload stands; `WORKLOAD_STATE_NOT_FOUND` for an id that the host does not know. */
  status(hostId: string, workloadId: string, options?: RequestOptions): Promise<WorkloadStatus>;
  /** Stops a workload and frees its id; `WORKLOAD_STATE_STOPPING` says that this is done or under way. */
  stop(hostId: string, workloadId: string, options?: RequestOptions): Promise<WorkloadStatus>;
  /** Stops listening. The connection stays open. Idempotent. */
  close(): Promise<void>;
}

/**
 * Listens for hosts on a connection that stays yours, and asks them.
 *
 * @throws HostError `ERR_HOST_UNREACHABLE` when the connection is closed; TypeError for a time that no timer can keep
 */
export function schedulerClient(connection: NatsConnection, options: SchedulerClientOptions = {}): SchedulerClient {
  if (connection.isClosed()) throw new HostError('ERR_HOST_UNREACHABLE', 'the connection to NATS is closed');
  return new NatsSchedulerClient(connection, options);
}

class NatsSchedulerClient implements SchedulerClient {
  readonly #connection: NatsConnection;
  readonly #watch: ConnectionWatch;
  readonly #directory: HostDirectory;
  readonly #subscription: Subscription;

  constructor(connection: NatsConnection, options: SchedulerClientOptions) {
    const { hostTtlMs: ttlMs = 60_000, maxHosts = 10_000, logger = silentLogger } = options;
    this.#directory = new HostDirectory({ ttlMs: checkMilliseconds('hostTtlMs', ttlMs), maxHosts, logger });
    this.#connection = connection;
    this.#watch = new ConnectionWatch(connection);
    this.#subscription = connection.subscribe(heartbeatWildcard, {
      callback: (error, message) => {
        if (error === null) {
          this.#directory.hear(message.subject, message.data);
          return;
        }
        logger.log('error', 'heartbeats cannot be heard', { error });
        const text = `NATS does not let this account hear hosts: ${error.message}; grant it ${heartbeatWildcard} to subscribe`;
        this.#directory.close(new HostError('ERR_CONFIG_INVALID', text, { cause: error }));
      },
    });
    void connection.closed().then(() => this.close());
  }

  hosts(): readonly KnownHost[] {
    return this.#directory.hosts();
  }

  host(hostId: string): KnownHost | undefined {
    return this.#directory.host(hostId);
  }

  changes({ signal }: HostChangesOptions = {}): AsyncIterableIterator<HostChange, undefined> {
    return this.#directory.changes(signal);
  }

  async heartbeat(hostId: string, options: RequestOptions = {}): Promise<HostHeartbeat> {
    return this.#ask({ hostId, command: 'heartbeat', data: noData, answer: hostHeartbeat, ...limits(options, 5_000) });
  }

  async start(
    hostId: string,
    request: MessageInit<WorkloadStartRequest>,
    options: RequestOptions = {},
  ): Promise<WorkloadStatus> {
    const data = encodeMessage(workloadStartRequest, request);
    return this.#askStatus({ hostId, command: 'workload.start', data, ...limits(options, 60_000) });
  }

  async status(hostId: string, workloadId: string, options: RequestOptions = {}): Promise<WorkloadStatus> {
    const data = encodeMessage(workloadStatusRequest, { workloadId });
    return this.#askStatus({ hostId, command: 'workload.status', data, ...limits(options, 5_000) });
  }

  async stop(hostId: string, workloadId: string, options: RequestOptions = {}): Promise<WorkloadStatus> {
    const data = encodeMessage(workloadStopRequest, { workloadId });
    return this.#askStatus({ hostId, command: 'workload.stop', data, ...limits(options, 30_000) });
  }

  async close(): Promise<void> {
    this.#directory.close();
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe();
    this.#watch.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The answers to start, status and stop have one form. */
  async #askStatus(request: Omit<HostRequest<WorkloadStatusResponse>, 'answer'>): Promise<WorkloadStatus> {
    const { workloadStatus } = await this.#ask({ ...request, answer: workloadStatusResponse });
    if (workloadStatus !== undefined) return workloadStatus;
    const { hostId, command } = request;
    throw new HostError('ERR_MESSAGE_INVALID', `host ${hostId} answered ${command} without a workloadStatus`, {
      details: { path: 'workloadStatus', hostId, command },
    });
  }

  #ask<T>(request: HostRequest<T>): Promise<T> {
    return askHost(this.#connection, this.#watch, request);
  }
}

/** What the operator sends with a question that needs no data. */
const noData: Uint8Array = new TextEncoder().encode('{}');

function limits(options: RequestOptions, defaultTimeoutMs: number): Pick<HostRequest<unknown>, 'timeoutMs' | 'signal'> {
  return { timeoutMs: checkMilliseconds('timeoutMs', options.timeoutMs ?? defaultTimeoutMs), signal: options.signal };
}

/** Timers take no more. */
function checkMilliseconds(name: string, value: number): number {
  if (value >= 1 && value < 2 ** 31) return value;
  throw new TypeError(`${name} must be 1 or more milliseconds and less than 2^31, not ${value}`);
}

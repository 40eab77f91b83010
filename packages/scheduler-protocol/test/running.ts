import {
  createHost,
  type Host,
  type HostOptions,
  type ImageSource,
  type LoadOptions,
  type LogFields,
  type Logger,
  type LogLevel,
} from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { type ServedHost, type ServeHostOptions, serveHost } from '@lodge/scheduler-protocol';
import { fixture } from '@lodge-internal/fixtures';
import { type NatsServer, type NatsServerOptions, startNatsServer } from '@lodge-internal/test-nats';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { expect } from 'vitest';

/** One line of the log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** Waits until it is so; only what never happens takes this long. */
export function eventually<T>(probe: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(probe, { timeout: 20_000, interval: 5 });
}

/** A logger whose lines can be read. */
export function recordingLogger(): Logger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  return { lines, log: (level, message, fields = {}) => void lines.push({ level, message, fields }) };
}

/** A status as it stands on the wire. */
export interface WireStatus {
  readonly workloadId: string;
  readonly workloadState: string;
  readonly message: string;
}

/** A NATS server, and hosts and connections on it that end with it. */
export class Lattice implements AsyncDisposable {
  readonly server: NatsServer;
  /** Somebody who is neither host nor client: sends and hears bytes. */
  readonly connection: NatsConnection;
  readonly #cleanup: AsyncDisposableStack;

  private constructor(server: NatsServer, connection: NatsConnection, cleanup: AsyncDisposableStack) {
    this.server = server;
    this.connection = connection;
    this.#cleanup = cleanup;
  }

  static async start(options: NatsServerOptions = {}, login: NodeConnectionOptions = {}): Promise<Lattice> {
    const cleanup = new AsyncDisposableStack();
    const server = cleanup.use(await startNatsServer({ jetStream: false, ...options }));
    const connection = await connect({ servers: server.url, ...reconnecting, ...login });
    cleanup.defer(() => connection.close());
    return new Lattice(server, connection, cleanup);
  }

  async connect(options: NodeConnectionOptions = {}): Promise<NatsConnection> {
    const connection = await connect({ servers: this.server.url, ...reconnecting, ...options });
    this.#cleanup.defer(() => connection.close());
    return connection;
  }

  /** A started host that is served over a connection of its own. */
  async host(
    options: ServeHostOptions & { readonly host?: Partial<HostOptions>; readonly connection?: NatsConnection } = {},
  ): Promise<RunningHost> {
    const { host: hostOptions, connection = await this.connect(), ...serveOptions } = options;
    const running = await startHost(hostOptions);
    this.#cleanup.defer(() => running.host.stop());
    const logger = recordingLogger();
    const served = await serveHost(running.host, connection, { logger, ...serveOptions });
    // A test that fails may leave a start that hangs: closing alone would wait for it.
    this.#cleanup.defer(async () => void (await Promise.all([served.close(), running.host.stop()])));
    return { ...running, served, connection, log: logger.lines };
  }

  /** Sends a command as the operator does, and reads the answer as it stands there. */
  async ask(host: Host | string, command: string, body: unknown, timeout = 10_000): Promise<Record<string, unknown>> {
    const id = typeof host === 'string' ? host : host.id;
    const data = body instanceof Uint8Array || typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await this.connection.request(`runtime.host.${id}.${command}`, data, { timeout });
    return answer.json();
  }

  async askStatus(host: Host | string, command: string, body: unknown): Promise<WireStatus> {
    const { workloadStatus } = await this.ask(host, command, body);
    return workloadStatus as WireStatus;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#cleanup.disposeAsync();
  }
}

const reconnecting: NodeConnectionOptions = { maxReconnectAttempts: -1, reconnectTimeWait: 20, reconnectJitter: 20 };

/** A host, and what its images are. */
export interface RunningHost {
  readonly host: Host;
  readonly served: ServedHost;
  readonly connection: NatsConnection;
  readonly log: readonly LogLine[];
  readonly images: Images;
}

async function startHost(options: Partial<HostOptions> = {}): Promise<{ host: Host; images: Images }> {
  const images = new Images(await fixture('counters'));
  const loader = (source: ImageSource, loadOptions: LoadOptions): Promise<Uint8Array> =>
    images.load(source, loadOptions);
  const host = createHost({ engine: lodgeEngine(), loader, ...options });
  await host.start();
  return { host, images };
}

/** Where components come from: `test/counters` at once, `test/slow…` when the test lets it go, others never. */
export class Images {
  /** Sources that were asked for, in order. */
  readonly asked: ImageSource[] = [];
  /** Loads that wait now. */
  readonly waiting: Set<string> = new Set();
  /** Loads that were given up. */
  readonly aborted: string[] = [];
  readonly #bytes: Uint8Array;
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  async load(source: ImageSource, { signal }: LoadOptions): Promise<Uint8Array> {
    const { image } = source;
    this.asked.push(source);
    if (image === 'test/counters') return this.#bytes;
    if (!image.startsWith('test/slow')) throw new Error('connection refused');
    this.waiting.add(image);
    const aborted = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => {
      this.aborted.push(image);
      aborted.reject(signal.reason);
    });
    await Promise.race([this.#gate(image).promise, aborted.promise]).finally(() => this.waiting.delete(image));
    return this.#bytes;
  }

  /** Lets an image be loaded, now and later. */
  release(image: string): void {
    this.#gate(image).resolve();
  }

  #gate(image: string): PromiseWithResolvers<void> {
    const gate = this.#gates.get(image) ?? Promise.withResolvers<void>();
    this.#gates.set(image, gate);
    return gate;
  }
}

/** A start request with one component, as plain JSON. */
export function startRequest(workloadId: string, image = 'test/counters', name = 'main'): object {
  return {
    workloadId,
    workload: { namespace: 'default', name: 'app', witWorld: { components: [{ name, image }] } },
  };
}

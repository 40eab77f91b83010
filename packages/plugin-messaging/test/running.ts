import {
  createHost,
  type Host,
  type HostInterfaceSpec,
  type HostOptions,
  type LogFields,
  type Logger,
  type LogLevel,
  type WorkloadStatus,
} from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import {
  type Message,
  type MessagingBackend,
  type MessagingPlugin,
  type MessagingPluginOptions,
  type MessagingSession,
  messagingPlugin,
} from '@lodge/plugin-messaging';
import { expect } from 'vitest';
import { messenger } from './messenger.js';

/** One line of the log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** How {@link Running.run} starts a workload with one messenger. */
export interface RunOptions {
  readonly id?: string;
  readonly name?: string;
  /** The `config` of the entry. */
  readonly config?: Readonly<Record<string, string>>;
  /** The component's own. */
  readonly own?: Readonly<Record<string, string>>;
  readonly poolSize?: number;
  readonly hostInterfaces?: readonly HostInterfaceSpec[];
}

/** A host with the plugin, and a way to talk to what runs there. */
export class Running implements AsyncDisposable {
  readonly host: Host;
  readonly plugin: MessagingPlugin;
  readonly log: LogLine[] = [];
  readonly #backend: MessagingBackend;
  #client: MessagingSession | undefined;

  private constructor(
    options: MessagingPluginOptions & { readonly backends: readonly MessagingBackend[] },
    more: Partial<HostOptions>,
  ) {
    const [backend] = options.backends;
    if (backend === undefined) throw new TypeError('no backend');
    this.#backend = backend;
    this.plugin = messagingPlugin(options);
    const logger: Logger = { log: (level, message, fields = {}) => this.log.push({ level, message, fields }) };
    this.host = createHost({ engine: lodgeEngine(), plugins: [this.plugin], logger, ...more });
  }

  static async start(
    options: MessagingPluginOptions & { readonly backends: readonly MessagingBackend[] },
    more: Partial<HostOptions> = {},
  ): Promise<Running> {
    const running = new Running(options, more);
    await running.host.start();
    return running;
  }

  /** What the first backend holds. */
  get held(): number {
    return 'held' in this.#backend && typeof this.#backend.held === 'number' ? this.#backend.held : Number.NaN;
  }

  async run(options: RunOptions = {}): Promise<WorkloadStatus> {
    const { id = 'one', name = id, config = {}, own = {}, poolSize = 0 } = options;
    const entry = { namespace: 'wasmcloud', package: 'messaging', interfaces: ['consumer', 'handler'], config };
    return this.host.workloadStart({
      workloadId: id,
      workload: {
        namespace: 'test',
        name,
        components: [
          { name: 'messenger', source: { bytes: await messenger() }, localResources: { config: own }, poolSize },
        ],
        hostInterfaces: options.hostInterfaces ?? [entry],
      },
    });
  }

  /** A session beside those of the workloads, with the first backend. */
  async client(config: Readonly<Record<string, string>> = {}): Promise<MessagingSession> {
    if (this.#client !== undefined && Object.keys(config).length === 0) return this.#client;
    const workload = { id: 'client', namespace: 'test', name: 'client', annotations: {} };
    const { signal } = new AbortController();
    const session = await this.#backend.open({ workload, config, path: 'client' }, { signal });
    if (Object.keys(config).length === 0) this.#client = session;
    return session;
  }

  async ask(subject: string, text: string, timeoutMs = 10_000): Promise<string> {
    const body = new TextEncoder().encode(text);
    const { signal } = new AbortController();
    const reply = await (await this.client()).request({ subject, body, timeoutMs, signal });
    return new TextDecoder().decode(reply.body);
  }

  async tell(subject: string, text: string, replyTo?: string, session?: MessagingSession): Promise<void> {
    const body = new TextEncoder().encode(text);
    const { signal } = new AbortController();
    await (session ?? (await this.client())).publish({ subject, body, replyTo }, { signal });
  }

  /** What arrives at a subject from now on. */
  async hear(...subjects: string[]): Promise<readonly Message[]> {
    const messages: Message[] = [];
    const { signal } = new AbortController();
    await (await this.client()).subscribe(
      {
        subjects,
        group: undefined,
        maxInFlight: 100,
        async receive(message) {
          messages.push(message);
          return 'handled';
        },
        onLost() {},
      },
      { signal },
    );
    return messages;
  }

  /** What guests failed with. */
  guestErrors(): unknown[] {
    return this.log
      .filter(({ message }) => message === 'a message handler answered with an error')
      .map(({ fields }) => fields['error']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.close({ signal: new AbortController().signal });
    await this.host.stop();
  }
}

/** Text of a body. */
export function textOf({ body }: Message): string {
  return new TextDecoder().decode(body);
}

/** `expect.poll` with the patience of a busy machine. */
export const eventually: typeof expect.poll = (read, options) => expect.poll(read, { timeout: 10_000, ...options });

import assert from 'node:assert/strict';
import { eventually, hostContext, neverAborted, promptly } from '@lodge-internal/conformance';
import type { DeliveryOutcome, Message, MessagingBackend, MessagingSession, Subscription } from '../backend.js';
import { MessagingFailure, type MessagingFailureKind } from '../messaging-failure.js';
import type { MessagingBackendSetup } from './setup.js';

/** How {@link Stage.listen} subscribes. */
export interface ListenOptions {
  readonly session?: MessagingSession;
  readonly subjects: readonly string[];
  readonly group?: string;
  readonly maxInFlight?: number;
  /** @default 'handled' */
  readonly receive?: (message: Message) => DeliveryOutcome | Promise<DeliveryOutcome>;
}

/** A subscription and what it got. */
export interface Listening {
  readonly messages: readonly Message[];
  /** The bodies as text, in the order of arrival. */
  readonly texts: readonly string[];
  readonly subscription: Subscription;
}

/** A started backend and the sessions that were opened with it. */
export class Stage {
  readonly backend: MessagingBackend;
  readonly setup: MessagingBackendSetup;
  readonly #patienceMs: number;
  readonly #sessions: MessagingSession[] = [];
  readonly #host = hostContext();

  constructor(backend: MessagingBackend, setup: MessagingBackendSetup) {
    this.backend = backend;
    this.setup = setup;
    this.#patienceMs = setup.patienceMs ?? 5_000;
  }

  async start(): Promise<void> {
    await this.backend.start?.(this.#host.context, { signal: neverAborted() });
  }

  async open(signal: AbortSignal = neverAborted()): Promise<MessagingSession> {
    const name = `workload-${this.#sessions.length + 1}`;
    const workload = { id: name, namespace: 'conformance', name, annotations: {} };
    const { config = {} } = this.setup;
    const session = await this.backend.open({ workload, config, path: 'config' }, { signal });
    this.#sessions.push(session);
    return session;
  }

  async listen(options: ListenOptions): Promise<Listening> {
    const { subjects, group, maxInFlight = 16, receive = () => 'handled' } = options;
    const session = options.session ?? (await this.open());
    const messages: Message[] = [];
    const texts: string[] = [];
    const subscription = await session.subscribe(
      {
        subjects,
        group,
        maxInFlight,
        async receive(message) {
          messages.push(message);
          texts.push(new TextDecoder().decode(message.body));
          try {
            return await receive(message);
          } catch {
            // A session may close while somebody answers through it; receivers never reject.
            return 'failed';
          }
        },
        onLost() {},
      },
      { signal: neverAborted() },
    );
    return { messages, texts, subscription };
  }

  /** Waits until `holds` answers true. @throws AssertionError with `message` */
  async eventually(holds: () => boolean, message: string): Promise<void> {
    await eventually(holds, { isRight: (value) => value, patienceMs: this.#patienceMs, message });
  }

  /** `work`, which must not take long. @throws AssertionError with `message` */
  async promptly<T>(work: Promise<T>, message: string): Promise<T> {
    return promptly(work, this.#patienceMs, message);
  }

  /** The failure that `work` must end with, promptly. */
  async failsWith(work: Promise<unknown>, kind: MessagingFailureKind, what: string): Promise<void> {
    const error: unknown = await this.promptly(
      work.then(
        () => undefined,
        (reason: unknown) => reason,
      ),
      `${what} goes on instead of failing`,
    );
    assert.ok(MessagingFailure.is(error), `${what} must fail with a MessagingFailure, not ${String(error)}`);
    assert.equal(error.kind, kind, `${what} fails with another kind`);
  }

  async held(): Promise<number> {
    return (await this.setup.held?.(this.backend)) ?? 0;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#sessions.map((session) => session.close({ signal: neverAborted() })));
    await Promise.allSettled([this.backend.stop?.({ signal: neverAborted() })]);
    await this.#host.close().catch(() => {});
    await this.setup.dispose?.(this.backend);
  }
}

/** Runs a rule with a new, started backend, and takes it down. */
export async function withBackend(setup: MessagingBackendSetup, rule: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = new Stage(await setup.create(), setup);
  try {
    await stage.start();
    await rule(stage);
  } catch (error) {
    if (!MessagingFailure.is(error)) throw error;
    const message = `an operation that must succeed fails (${error.kind}): ${error.message}`;
    throw new assert.AssertionError({ message });
  } finally {
    await stage.close();
  }
}

/** Publishes text. */
export async function publish(
  session: MessagingSession,
  subject: string,
  text: string,
  replyTo?: string,
): Promise<void> {
  const body = new TextEncoder().encode(text);
  await session.publish({ subject, body, replyTo }, { signal: neverAborted() });
}

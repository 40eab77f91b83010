import type { NatsConnection } from '@nats-io/transport-node';
import { NatsFailure } from './nats-failure.js';

/** Finds out which messages the server refuses: it says so later, and names only the subject. */
export class Violations {
  readonly #watched = new Map<string, Set<Watch>>();
  readonly #status: AsyncIterable<unknown> & { stop?(): void };

  constructor(connection: NatsConnection) {
    this.#status = connection.status();
    // The statuses end with the connection, and then nothing is sent any more.
    this.#follow().catch(() => undefined);
  }

  /** Watches a subject until {@link Watch.end}. */
  watch(subject: string): Watch {
    const watches = this.#watched.get(subject) ?? new Set();
    this.#watched.set(subject, watches);
    const watch = new Watch(() => {
      watches.delete(watch);
      if (watches.size === 0) this.#watched.delete(subject);
    });
    watches.add(watch);
    return watch;
  }

  close(): void {
    this.#status.stop?.();
  }

  async #follow(): Promise<void> {
    for await (const status of this.#status) {
      const error = typeof status === 'object' && status !== null && 'error' in status ? status.error : undefined;
      if (!(error instanceof Error) || error.name !== 'PermissionViolationError') continue;
      const subject = 'subject' in error ? error.subject : undefined;
      if (typeof subject !== 'string' || !('operation' in error) || error.operation !== 'publish') continue;
      for (const watch of this.#watched.get(subject) ?? []) watch.violated(NatsFailure.from(error));
    }
  }
}

/** One message on its way. */
export class Watch {
  readonly #onEnd: () => void;
  #failure: NatsFailure | undefined;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  violated(failure: NatsFailure): void {
    this.#failure = failure;
  }

  /** Whether the server has refused a message to the subject, as far as it was heard: ask after the server has answered a later question. */
  get isViolated(): boolean {
    return this.#failure !== undefined;
  }

  /** As {@link Watch.isViolated}. @throws NatsFailure `permission-denied` */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  end(): void {
    this.#onEnd();
  }
}

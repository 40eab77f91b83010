import type { NatsConnection, Status } from '@nats-io/nats-core';

/** What a {@link ConnectionWatch} tells. */
export interface ConnectionListener {
  /** Subscriptions are in place again. */
  onReconnect?(): void;
  /** The server refused something, later than it was done: a publish or a subscription that the account may not make. */
  onError?(error: Error): void;
}

/** The ups and downs of a connection that somebody else opened and will close. */
export class ConnectionWatch {
  readonly #connection: NatsConnection;
  readonly #status: AsyncIterable<Status> & { stop?(): void };
  #isLost = false;
  #lost: PromiseWithResolvers<void> | undefined;

  constructor(connection: NatsConnection, listener: ConnectionListener = {}) {
    this.#connection = connection;
    this.#status = connection.status();
    // The statuses end with the connection.
    this.#follow(listener).catch(() => undefined);
  }

  /** Whether the server is there, as far as this process has heard. */
  get isConnected(): boolean {
    return !this.#isLost && !this.#connection.isClosed();
  }

  /** Settles when the server has taken all that was sent, or when the connection breaks. */
  async flushed(): Promise<void> {
    if (this.isConnected) await this.orLost(this.#connection.flush());
  }

  /** Settles when `work` does, or when the connection breaks: then nobody is there to wait for. Never rejects. */
  async orLost(work: Promise<unknown>): Promise<void> {
    this.#lost ??= Promise.withResolvers();
    await Promise.race([work, this.#lost.promise]).catch(() => undefined);
  }

  close(): void {
    this.#status.stop?.();
  }

  async #follow(listener: ConnectionListener): Promise<void> {
    for await (const status of this.#status) {
      if (status.type === 'disconnect' || status.type === 'close') {
        this.#isLost = true;
        this.#lost?.resolve();
        this.#lost = undefined;
      } else if (status.type === 'reconnect') {
        this.#isLost = false;
        listener.onReconnect?.();
      } else if (status.type === 'error') {
        listener.onError?.(status.error);
      }
    }
  }
}

import type { Logger, Shared } from '@lodge/core';
import type { NatsConnection } from '@nats-io/transport-node';
import { NatsFailure } from './nats-failure.js';

/** Options of {@link NatsClient}. */
export interface NatsClientOptions {
  readonly connection: NatsConnection;
  /** Whether {@link NatsClient.close} closes the connection too. */
  readonly isOwned: boolean;
  readonly timeoutMs: number;
  readonly logger: Logger;
  /** Of the servers, for messages. */
  readonly address: string;
}

/** One connection that several backends share, and what they must know of its ups and downs. */
export class NatsClient implements Shared {
  readonly connection: NatsConnection;
  /** Milliseconds; give it to the client library as the bound of each request. */
  readonly timeoutMs: number;
  readonly #isOwned: boolean;
  readonly #logger: Logger;
  readonly #address: string;
  readonly #pending = new Set<(reason: NatsFailure) => void>();
  readonly #waiting = new Set<() => void>();
  readonly #reconnectListeners = new Set<() => void>();
  #isConnected = true;
  #isClosed = false;

  constructor({ connection, isOwned, timeoutMs, logger, address }: NatsClientOptions) {
    this.connection = connection;
    this.timeoutMs = timeoutMs;
    this.#isOwned = isOwned;
    this.#logger = logger;
    this.#address = address;
    this.#follow().catch((error: unknown) => logger.log('error', 'the NATS status ended', { error }));
  }

  /** Whether the server is there now. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Operations that wait for an answer or for the connection: what tests count. */
  get pending(): number {
    return this.#pending.size + this.#waiting.size;
  }

  /**
   * Runs an operation of the client library. Without a connection it first waits for one, at most `timeoutMs`: a request into the void
   * would be sent later, when its caller has long been told that it failed. When the connection breaks, it fails at once.
   *
   * @throws NatsFailure and nothing else
   */
  call<T>(operation: () => Promise<T>): Promise<T> {
    return this.#isConnected ? this.#guard(operation) : this.#whenConnected().then(() => this.#guard(operation));
  }

  /** Calls `listener` after each reconnect, until the returned function is called. */
  onReconnect(listener: () => void): () => void {
    this.#reconnectListeners.add(listener);
    return () => this.#reconnectListeners.delete(listener);
  }

  /** Fails what is pending and closes the connection, unless it was passed in. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#lost('the connection to NATS is closed');
    for (const wake of this.#waiting) wake();
    this.#reconnectListeners.clear();
    if (this.#isOwned) await this.connection.close();
  }

  #guard<T>(operation: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const pending = this.#pending;
      pending.add(reject);
      let running: Promise<T>;
      try {
        running = operation();
      } catch (error) {
        pending.delete(reject);
        reject(NatsFailure.from(error));
        return;
      }
      running.then(
        (value) => {
          pending.delete(reject);
          resolve(value);
        },
        (error: unknown) => {
          pending.delete(reject);
          reject(NatsFailure.from(error));
        },
      );
    });
  }

  #whenConnected(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new NatsFailure('unavailable', `NATS at ${this.#address} is not connected`));
      if (this.#isClosed) {
        fail();
        return;
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(wake);
        fail();
      }, this.timeoutMs);
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        if (this.#isConnected) resolve();
        else fail();
      };
      this.#waiting.add(wake);
    });
  }

  async #follow(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (this.#isClosed) continue;
      if (type === 'disconnect') {
        this.#lost('the connection to NATS broke');
        this.#logger.log('warn', 'the connection to NATS broke; trying to reconnect', { servers: this.#address });
      } else if (type === 'reconnect') {
        this.#isConnected = true;
        this.#logger.log('info', 'connected to NATS again', { servers: this.#address });
        for (const wake of this.#waiting) wake();
        for (const listener of [...this.#reconnectListeners]) listener();
      } else if (type === 'close') {
        this.#lost('the connection to NATS is closed');
      }
    }
  }

  #lost(message: string): void {
    this.#isConnected = false;
    const failure = new NatsFailure('unavailable', message);
    for (const reject of this.#pending) reject(failure);
    this.#pending.clear();
  }
}

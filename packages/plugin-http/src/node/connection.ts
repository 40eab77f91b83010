import type { FlushQueue } from '../flush-queue.js';
import type { HttpLimits } from '../limits.js';
import type { NodeExchange } from './exchange.js';

/** What a {@link Connection} needs of its server. */
export interface ConnectionOptions {
  readonly scheme: 'http' | 'https';
  readonly limits: HttpLimits;
  readonly flushes: FlushQueue;
  /** Whether the server wants to get rid of its connections. */
  readonly isServerClosing: () => boolean;
}

/** One client connection with the exchanges on it. */
export class Connection {
  readonly scheme: 'http' | 'https';
  readonly limits: HttpLimits;
  readonly flushes: FlushQueue;
  readonly #isServerClosing: () => boolean;
  /** Whether a request on it was refused in a way that makes what follows untrustworthy. */
  isRefused = false;
  /** Mostly one; more only where a client pipelines. */
  #exchanges: NodeExchange[] = [];

  constructor(options: ConnectionOptions) {
    this.scheme = options.scheme;
    this.limits = options.limits;
    this.flushes = options.flushes;
    this.#isServerClosing = options.isServerClosing;
  }

  /** Whether answers should tell the client to use another connection. */
  get isClosing(): boolean {
    return this.#isServerClosing();
  }

  /** Whether something is being answered on it. */
  get isBusy(): boolean {
    return this.#exchanges.length > 0;
  }

  add(exchange: NodeExchange): void {
    this.#exchanges.push(exchange);
  }

  delete(exchange: NodeExchange): void {
    const index = this.#exchanges.indexOf(exchange);
    const last = this.#exchanges.length - 1;
    if (index < 0) return;
    if (index < last) this.#exchanges.splice(index, 1);
    else this.#exchanges.pop();
  }

  /** The socket has closed: every exchange on it is over. */
  close(): void {
    const exchanges = this.#exchanges;
    this.#exchanges = [];
    for (const exchange of exchanges) exchange.connectionClosed();
  }
}

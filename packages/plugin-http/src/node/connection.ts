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
  readonly #exchanges: Set<NodeExchange> = new Set();

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
    return this.#exchanges.size > 0;
  }

  add(exchange: NodeExchange): void {
    this.#exchanges.add(exchange);
  }

  delete(exchange: NodeExchange): void {
    this.#exchanges.delete(exchange);
  }

  /** The socket has closed: every exchange on it is over. */
  close(): void {
    for (const exchange of this.#exchanges) exchange.connectionClosed();
    this.#exchanges.clear();
  }
}

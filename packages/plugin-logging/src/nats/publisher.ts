import type { Logger } from '@lodge/core';
import { type NatsClient, NatsFailure, Violations } from '@lodge-internal/nats';

/** One record on its way. */
export interface Outgoing {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Called once: whether the server has it, as far as is known. */
  settle(isDelivered: boolean): void;
}

/** What waits for the server at most, over all workloads of the host. */
export interface PublisherLimits {
  /** @default 4_194_304 (4 MiB) */
  readonly maxPendingBytes: number;
}

/** Bytes that are sent before the server is asked whether it has them. What a broken connection loses is at most that. */
const batchBytes = 262_144;

/** Denied subjects that are kept in mind. */
const maxToldDenials = 1_024;

/**
 * Sends records in order, a batch at a time, and keeps the rest itself: the client library would buffer without bound while the server is
 * away.
 */
export class Publisher {
  readonly #client: NatsClient;
  readonly #limits: PublisherLimits;
  readonly #logger: Logger;
  readonly #stopReconnect: () => void;
  #queue: Outgoing[] = [];
  #pendingBytes = 0;
  readonly #heldUp = new Set<() => void>();
  readonly #violations: Violations;
  /** In the order in which they were told. */
  readonly #toldDenials = new Set<string>();
  #isRunning = false;
  #isClosed = false;

  constructor(client: NatsClient, limits: PublisherLimits, logger: Logger) {
    this.#client = client;
    this.#limits = limits;
    this.#logger = logger;
    this.#violations = new Violations(client.connection);
    this.#stopReconnect = client.onReconnect(() => this.#run());
  }

  /** Whether records wait for a connection that is not there. */
  get isHeldUp(): boolean {
    return !this.#client.isConnected;
  }

  /** Calls `listener` when what waits has to wait longer, for a connection; answers how to end that. */
  onHeldUp(listener: () => void): () => void {
    this.#heldUp.add(listener);
    return () => this.#heldUp.delete(listener);
  }

  push(record: Outgoing): void {
    if (this.#isClosed || this.#pendingBytes + record.payload.length > this.#limits.maxPendingBytes) {
      record.settle(false);
      return;
    }
    this.#queue.push(record);
    this.#pendingBytes += record.payload.length;
    this.#run();
  }

  /** Lets go of what waits. */
  close(): void {
    this.#isClosed = true;
    this.#stopReconnect();
    this.#violations.close();
    for (const record of this.#queue.splice(0)) this.#settle(record, false);
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // After the guest's turn, so that what it says in one go is one batch.
    queueMicrotask(() => {
      this.#drain().catch((error: unknown) => this.#logger.log('error', 'log records cannot be published', { error }));
    });
  }

  async #drain(): Promise<void> {
    try {
      while (this.#queue.length > 0 && this.#client.isConnected && !this.#isClosed) await this.#sendBatch();
    } finally {
      this.#isRunning = false;
      if (this.isHeldUp) for (const listener of [...this.#heldUp]) listener();
    }
  }

  async #sendBatch(): Promise<void> {
    const batch = this.#takeBatch();
    const watches = new Map(
      [...new Set(batch.map(({ subject }) => subject))].map((subject) => [subject, this.#violations.watch(subject)]),
    );
    const sent = batch.filter((record) => this.#publish(record));
    let isDelivered = true;
    try {
      await this.#flush();
      // What the server refuses it says before it answers, and that travels through a queue of its own.
      await new Promise((resolve) => setImmediate(resolve));
    } catch {
      isDelivered = false;
    }
    const denied = new Set([...watches].filter(([, watch]) => watch.isViolated).map(([subject]) => subject));
    for (const watch of watches.values()) watch.end();
    for (const subject of denied) this.#tellDenial(subject);
    for (const record of sent) this.#settle(record, isDelivered && !denied.has(record.subject));
  }

  /** A server that is connected and silent must not hold what waits: its connection may stay for minutes. @throws NatsFailure */
  async #flush(): Promise<void> {
    const { connection, timeoutMs } = this.#client;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new NatsFailure('timeout', `NATS does not answer in ${timeoutMs} ms`));
    }, timeoutMs);
    try {
      await Promise.race([this.#client.call(() => connection.flush()), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Once per subject: the next record would tell it again. */
  #tellDenial(subject: string): void {
    if (this.#toldDenials.has(subject)) return;
    // The oldest may be told once more; that of a new workload must not go untold.
    if (this.#toldDenials.size >= maxToldDenials) {
      const [oldest = subject] = this.#toldDenials;
      this.#toldDenials.delete(oldest);
    }
    this.#toldDenials.add(subject);
    this.#logger.log('error', 'NATS denies the host to publish log records; they are lost', { subject });
  }

  #takeBatch(): Outgoing[] {
    let bytes = 0;
    let count = 0;
    for (const { payload } of this.#queue) {
      if (count > 0 && bytes + payload.length > batchBytes) break;
      bytes += payload.length;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  #publish(record: Outgoing): boolean {
    try {
      this.#client.connection.publish(record.subject, record.payload);
      return true;
    } catch {
      // Larger than this server takes, or the connection is closed.
      this.#settle(record, false);
      return false;
    }
  }

  #settle(record: Outgoing, isDelivered: boolean): void {
    this.#pendingBytes -= record.payload.length;
    record.settle(isDelivered);
  }
}

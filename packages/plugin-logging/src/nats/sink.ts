import type { HookOptions } from '@lodge/core';
import type { LogSink } from '../backend.js';
import type { LogRecord } from '../log-record.js';
import type { Publisher } from './publisher.js';

const encoder = new TextEncoder();

/** The records of one workload, as JSON objects on its subject. */
export class NatsSink implements LogSink {
  dropped = 0;
  readonly #publisher: Publisher;
  readonly #subject: string;
  readonly #onClose: () => void;
  #pending = 0;
  #isClosed = false;
  #onDrained: () => void = () => {};

  constructor(publisher: Publisher, subject: string, onClose: () => void) {
    this.#publisher = publisher;
    this.#subject = subject;
    this.#onClose = onClose;
  }

  write(record: LogRecord): void {
    if (this.#isClosed) return;
    this.#pending += 1;
    const payload = encoder.encode(JSON.stringify({ ...record, time: new Date(record.time).toISOString() }));
    this.#publisher.push({ subject: this.#subject, payload, settle: (isDelivered) => this.#settle(isDelivered) });
  }

  /** Waits for the server only while there is one: a workload stops without it too. */
  async close({ signal }: HookOptions): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onClose();
    if (this.#pending === 0 || signal.aborted || this.#publisher.isHeldUp) return;
    const drained = Promise.withResolvers<void>();
    this.#onDrained = drained.resolve;
    const stopListening = this.#publisher.onHeldUp(drained.resolve);
    signal.addEventListener('abort', () => drained.resolve(), { once: true });
    await drained.promise;
    stopListening();
  }

  #settle(isDelivered: boolean): void {
    this.#pending -= 1;
    if (!isDelivered) this.dropped += 1;
    if (this.#pending === 0) this.#onDrained();
  }
}

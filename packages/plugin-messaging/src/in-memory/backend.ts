import { HostError } from '@lodge/core';
import type { MessagingBackend, MessagingSession } from '../backend.js';
import { Broker } from './broker.js';
import { InMemorySession } from './session.js';

/** Options of {@link inMemoryMessaging}. */
export interface InMemoryMessagingOptions {
  /** What `backend` in a workload's config calls it: for hosts with several. @default 'in-memory' */
  readonly backend?: string;
  /** Bytes of the largest message, as a NATS server bounds it. @default 1_048_576 */
  readonly maxPayload?: number;
}

/** The backend that {@link inMemoryMessaging} makes. */
export interface InMemoryMessaging extends MessagingBackend {
  /** Subscriptions and requests that are open. */
  readonly held: number;
}

/** A broker inside the host: all workloads of the host meet there, and nobody else. Messages come at most once, as over core NATS. */
export function inMemoryMessaging(options: InMemoryMessagingOptions = {}): InMemoryMessaging {
  const { backend = 'in-memory', maxPayload = 1_048_576 } = options;
  const broker = new Broker(maxPayload);
  let isStopped = false;
  return {
    name: backend,
    get held() {
      return broker.held;
    },
    async start() {
      isStopped = false;
    },
    async open(_options, { signal }): Promise<MessagingSession> {
      signal.throwIfAborted();
      if (isStopped) {
        throw new HostError('ERR_HOST_STATE', 'The messaging backend has stopped; open sessions before.');
      }
      return new InMemorySession(broker);
    },
    async stop() {
      isStopped = true;
    },
  };
}

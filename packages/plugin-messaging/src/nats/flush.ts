import { type NatsClient, NatsFailure } from '@lodge-internal/nats';

/**
 * Settles when the server has taken all that was sent before.
 *
 * @throws NatsFailure `timeout` when it says nothing for too long
 */
export async function flushed({ connection, timeoutMs }: NatsClient): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new NatsFailure('timeout', `NATS does not answer in ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    await Promise.race([connection.flush(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** One question to the server for all that is sent in a turn of the event loop. */
export class SharedFlush {
  readonly #client: NatsClient;
  #next: Promise<void> | undefined;

  constructor(client: NatsClient) {
    this.#client = client;
  }

  /** As {@link flushed}, for what was sent before the call. */
  flushed(): Promise<void> {
    this.#next ??= this.#flushAfterTurn();
    return this.#next;
  }

  async #flushAfterTurn(): Promise<void> {
    await nextTurn();
    this.#next = undefined;
    await flushed(this.#client);
    // Statuses and answers arrive in one piece of data and travel through queues of their own: by now both were heard.
    await nextTurn();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

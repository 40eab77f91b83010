import type { NatsClient } from '@lodge-internal/nats';
import type { KV } from '@nats-io/kv';

/** What {@link BucketCheck} works with. */
export interface BucketCheckOptions {
  readonly client: NatsClient;
  readonly kv: KV;
  /** When the bucket was made, as it was opened. */
  readonly created: string;
  readonly everyMs: number;
  /** The newest revision that the watch has told of. */
  revision(): number;
  /** Called once, when the watch tells of nothing any more. */
  onLost(): void;
}

/**
 * Looks now and then whether a watch still tells the truth: a bucket that was deleted, or made again, ends no watch, and neither does a
 * consumer that the server has lost.
 */
export class BucketCheck {
  readonly #options: BucketCheckOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #behindAt: number | undefined;
  #isAsking = false;
  #isStopped = false;

  constructor(options: BucketCheckOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), options.everyMs);
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { client, onLost } = this.#options;
    // A reconnect reads everything again anyway.
    if (this.#isAsking || !client.isConnected) return;
    this.#isAsking = true;
    const isTold = await this.#isTold();
    this.#isAsking = false;
    if (isTold || this.#isStopped) return;
    this.stop();
    onLost();
  }

  async #isTold(): Promise<boolean> {
    const { client, kv, created, revision } = this.#options;
    try {
      const { streamInfo } = await client.call(() => kv.status());
      if (streamInfo.created !== created) return false;
      const seen = revision();
      const isBehind = streamInfo.state.last_seq > seen;
      // News may be on the way; what is missing at the next look too is lost.
      const wasBehind = this.#behindAt === seen;
      this.#behindAt = isBehind ? seen : undefined;
      return !(isBehind && wasBehind);
    } catch {
      return !client.isConnected;
    }
  }
}

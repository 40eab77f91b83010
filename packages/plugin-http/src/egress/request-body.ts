import type { BodyConsumer } from '../body-pipe.js';
import type { FlushQueue } from '../flush-queue.js';
import { type ErrorCode, HttpFailure, httpError } from '../wit/error-code.js';

/** What becomes of a {@link RequestBody}. */
export interface RequestBodyEvents {
  /** The body is there as a whole, or its first bytes are: the request can be sent. Called once at most. */
  onStart(body: Uint8Array | AsyncIterable<Uint8Array> | undefined): void;
  /** It will never be complete. */
  onAbort(code: ErrorCode): void;
  /** The client took the body in part and wants no more of it. */
  onCancel(code: ErrorCode): void;
}

/**
 * The body of an outgoing request, between the guest's pipe and the client that sends it. The client takes one turn's chunks at
 * a time; until it comes back for more, the guest waits.
 */
export class RequestBody implements BodyConsumer, AsyncIterable<Uint8Array> {
  readonly isBodyless = false;
  readonly flushes: FlushQueue;
  readonly #events: RequestBodyEvents;
  readonly #queue: Uint8Array[] = [];
  #isStarted = false;
  #isEnded = false;
  #failure: ErrorCode | undefined;
  #arrival: PromiseWithResolvers<void> | undefined;
  #drain: PromiseWithResolvers<void> | undefined;

  constructor(events: RequestBodyEvents, flushes: FlushQueue) {
    this.#events = events;
    this.flushes = flushes;
  }

  push(chunks: readonly Uint8Array[]): void {
    if (this.#failure !== undefined) return;
    this.#queue.push(...chunks);
    this.#arrived();
    if (this.#queue.length > 0) this.#drain ??= Promise.withResolvers<void>();
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#events.onStart(this);
  }

  /** @throws WitError of `internal-error` for trailers: the client library has no way to send them. */
  end(chunks: readonly Uint8Array[], trailers: readonly string[]): void {
    if (this.#failure !== undefined) return;
    if (trailers.length > 0) {
      const code: ErrorCode = { tag: 'internal-error', val: 'trailers of outgoing requests are not supported' };
      this.abort(code);
      throw httpError(code);
    }
    this.#isEnded = true;
    if (this.#isStarted) {
      this.#queue.push(...chunks);
      this.#arrived();
      return;
    }
    this.#isStarted = true;
    this.#events.onStart(chunks.length === 0 ? undefined : joined(chunks));
  }

  drained(): Promise<void> | undefined {
    return this.#drain?.promise;
  }

  abort(code: ErrorCode): void {
    this.stop(code);
    this.#events.onAbort(code);
  }

  /** Nobody takes the body any more. */
  stop(code: ErrorCode): void {
    this.#failure ??= code;
    this.#queue.length = 0;
    this.#arrived();
    this.#drained();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    let isComplete = false;
    try {
      for (;;) {
        const chunk = this.#queue.shift();
        if (chunk !== undefined) {
          yield chunk;
          continue;
        }
        this.#drained();
        if (this.#failure !== undefined) throw new HttpFailure(this.#failure);
        isComplete = this.#isEnded;
        if (isComplete) return;
        this.#arrival = Promise.withResolvers<void>();
        await this.#arrival.promise;
      }
    } finally {
      if (!isComplete) this.#cancel();
    }
  }

  #cancel(): void {
    const code: ErrorCode = this.#failure ?? { tag: 'connection-terminated' };
    this.stop(code);
    this.#events.onCancel(code);
  }

  #arrived(): void {
    this.#arrival?.resolve();
    this.#arrival = undefined;
  }

  #drained(): void {
    const drain = this.#drain;
    this.#drain = undefined;
    drain?.resolve();
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const all = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

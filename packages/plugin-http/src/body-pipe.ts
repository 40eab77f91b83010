import { type ByteSink, StreamFailure } from '@lodge/wasi/io';
import type { FlushQueue } from './flush-queue.js';
import { Gate } from './gate.js';
import { type ErrorCode, HttpFailure, httpError } from './wit/error-code.js';

/** Bytes that each chunk counts for beside its own, so that many tiny ones are bounded too. */
const chunkOverhead = 64;

/** Where the bytes of an outgoing body go. */
export interface BodyConsumer {
  /** Whether the message has no body whatever is written, so that its `content-length` says nothing of it (HEAD, 304). */
  readonly isBodyless: boolean;
  /** Says when to send what has been written. */
  readonly flushes: FlushQueue;
  /** Takes chunks, in order. The first call, maybe without chunks, means that the body does not come in one piece. */
  push(chunks: readonly Uint8Array[]): void;
  /** Takes the last chunks. @param trailers Name, value, name, value; empty for none. */
  end(chunks: readonly Uint8Array[], trailers: readonly string[]): void;
  /** `undefined` when more may be pushed; else a promise that settles when that may be so. */
  drained(): Promise<void> | undefined;
  /** The body will never be complete. */
  abort(code: ErrorCode): void;
}

/** What a {@link BodyPipe} must know of its message. */
export interface BodyPipeOptions {
  readonly direction: 'request' | 'response';
  /** Bytes held for a consumer that is not there yet or does not keep up. */
  readonly maxBufferedBytes: number;
  /** The `content-length` of the message; `undefined`: it has none. */
  readonly contentLength: number | undefined;
}

/**
 * An outgoing body between the guest that writes it and the transport that sends it. What a guest writes in one go, without
 * waiting for anything, reaches the consumer in one go: a whole small body in a single `end`.
 */
export class BodyPipe implements ByteSink {
  readonly #options: BodyPipeOptions;
  #contentLength: number | undefined;
  #consumer: BodyConsumer | undefined;
  #chunks: Uint8Array[] = [];
  #bufferedBytes = 0;
  #writtenBytes = 0;
  #trailers: readonly string[] | undefined;
  #failure: ErrorCode | undefined;
  #isFlushPlanned = false;
  #isStreamClosed = false;
  readonly #attached: Gate = new Gate();

  constructor(options: BodyPipeOptions) {
    this.#options = options;
    this.#contentLength = options.contentLength;
  }

  /** Begins to send. Called once, when the message is handed to a transport. */
  attach(consumer: BodyConsumer): void {
    this.#consumer = consumer;
    if (consumer.isBodyless) this.#contentLength = undefined;
    if (this.#failure !== undefined) consumer.abort(this.#failure);
    else if (this.#trailers !== undefined) this.#end(consumer, this.#trailers);
    else this.#planFlush(consumer);
    this.#attached.open();
  }

  /** Nobody takes the body any more: the guest's next operation fails with `code`. For the consumer. */
  break(code: ErrorCode): void {
    if (this.isOver) return;
    this.#fail(code);
  }

  /**
   * The body is complete.
   *
   * @param trailers Name, value, name, value; empty for none.
   * @throws WitError of an `error-code` when it is not what `content-length` says, or the connection is gone.
   */
  finish(trailers: readonly string[]): void {
    if (this.#failure !== undefined) throw httpError(this.#failure);
    if (this.#contentLength !== undefined && this.#contentLength !== this.#writtenBytes) {
      throw httpError(this.#abort(this.#sizeError()));
    }
    this.#trailers = trailers;
    if (this.#consumer !== undefined) this.#end(this.#consumer, trailers);
  }

  /** The guest has dropped the body unfinished. */
  abandon(): void {
    if (!this.isOver) this.#abort({ tag: 'HTTP-protocol-error' });
  }

  /** Whether it was finished, abandoned or broken. */
  get isOver(): boolean {
    return this.#trailers !== undefined || this.#failure !== undefined;
  }

  capacity(): number | undefined {
    if (this.#failure !== undefined) throw streamFailure(this.#failure);
    if (this.#trailers !== undefined) return undefined;
    const room = this.#options.maxBufferedBytes - this.#bufferedBytes;
    return room <= 0 || this.#consumer?.drained() !== undefined ? 0 : room;
  }

  write(bytes: Uint8Array): void {
    if (this.#failure !== undefined) throw streamFailure(this.#failure);
    this.#writtenBytes += bytes.length;
    if (this.#contentLength !== undefined && this.#writtenBytes > this.#contentLength) {
      throw streamFailure(this.#abort(this.#sizeError()));
    }
    this.#chunks.push(bytes);
    this.#bufferedBytes += bytes.length + chunkOverhead;
    if (this.#consumer !== undefined) this.#planFlush(this.#consumer);
  }

  flush(): PromiseLike<void> | undefined {
    if (this.#failure !== undefined) throw streamFailure(this.#failure);
    return this.#consumer?.drained();
  }

  ready(): PromiseLike<void> | undefined {
    if (this.isOver) return undefined;
    const consumer = this.#consumer;
    if (consumer === undefined) {
      return this.#bufferedBytes < this.#options.maxBufferedBytes ? undefined : this.#attached.wait();
    }
    // The guest is about to wait for room, so what it wrote goes out now.
    if (this.#bufferedBytes >= this.#options.maxBufferedBytes && consumer.drained() === undefined) this.#flushNow();
    return consumer.drained();
  }

  close(): void {
    this.#isStreamClosed = true;
    this.#attached.open();
  }

  /** Whether the guest has dropped its stream, or the stream has ended. */
  get isStreamClosed(): boolean {
    return this.#isStreamClosed;
  }

  /** Sends what is there unless the guest has finished the body by then. For the queue. */
  flushPlanned(): void {
    this.#isFlushPlanned = false;
    if (!this.isOver) this.#flushNow();
  }

  #planFlush(consumer: BodyConsumer): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    consumer.flushes.add(this);
  }

  #flushNow(): void {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#bufferedBytes = 0;
    this.#consumer?.push(chunks);
  }

  #end(consumer: BodyConsumer, trailers: readonly string[]): void {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#bufferedBytes = 0;
    consumer.end(chunks, trailers);
  }

  #abort(code: ErrorCode): ErrorCode {
    this.#fail(code);
    this.#consumer?.abort(code);
    return code;
  }

  #fail(code: ErrorCode): void {
    this.#failure = code;
    this.#chunks = [];
    this.#bufferedBytes = 0;
    this.#attached.open();
  }

  #sizeError(): ErrorCode {
    const tag = this.#options.direction === 'request' ? 'HTTP-request-body-size' : 'HTTP-response-body-size';
    return { tag, val: BigInt(this.#writtenBytes) };
  }
}

/** The failure of a body's stream, as `http-error-code` can tell it. */
export function streamFailure(code: ErrorCode): StreamFailure {
  return new StreamFailure(`the HTTP body failed: ${code.tag}`, new HttpFailure(code));
}

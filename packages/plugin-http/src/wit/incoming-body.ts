import { type ByteSource, type InputStream, inputStream, StreamFailure } from '@lodge/wasi/io';
import { type ErrorCode, HttpFailure, plainError } from './error-code.js';
import { FutureTrailers } from './future-trailers.js';

/** The transport's side of a received body. */
export interface ReceivedBody {
  /** The bytes. Called once at most. */
  open(): ByteSource;
  /**
   * Reads on to the end, throwing away what the guest has not read, and gives the trailers: name, value, name, value.
   *
   * @throws HttpFailure as a rejection.
   */
  trailers(): Promise<readonly string[]>;
  /** The guest is done with it: nothing more is read for it. Idempotent. */
  release(): void;
}

/** `wasi:http/types`, `resource incoming-body`. */
export class IncomingBody {
  readonly #body: ReceivedBody;
  #source: CountedSource | undefined;
  #isFinished = false;

  /** For the host. */
  constructor(body: ReceivedBody) {
    this.#body = body;
  }

  /** `%stream: func() -> result<input-stream>`. Once. */
  stream(): InputStream {
    if (this.#source !== undefined) throw plainError('the stream of the body was taken before');
    this.#source = new CountedSource(this.#body.open());
    return inputStream(this.#source);
  }

  /**
   * `finish: static func(this: incoming-body) -> future-trailers`. Body bytes that were not read are thrown away once somebody asks for the
   * trailers.
   *
   * @throws Error when its stream was not dropped before: children go before their parent.
   */
  static finish(body: IncomingBody): FutureTrailers {
    body.#isFinished = true;
    if (body.#isStreamAlive()) {
      body.#body.release();
      throw new Error('an incoming-body was finished before its input-stream was dropped');
    }
    return new FutureTrailers(body.#body);
  }

  [Symbol.dispose](): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#body.release();
    if (this.#isStreamAlive()) throw new Error('an incoming-body was dropped before its input-stream');
  }

  #isStreamAlive(): boolean {
    return this.#source !== undefined && !this.#source.isClosed;
  }
}

/** Knows whether the guest still has the stream. */
class CountedSource implements ByteSource {
  readonly #source: ByteSource;
  isClosed = false;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  read(max: number): Uint8Array | undefined {
    return this.#source.read(max);
  }

  ready(): PromiseLike<void> | undefined {
    return this.#source.ready();
  }

  close(): void {
    this.isClosed = true;
    this.#source.close();
  }
}

/** The error code of whatever broke a received body. */
export function bodyErrorCode(error: unknown): ErrorCode {
  const reason = StreamFailure.is(error) ? error.reason : error;
  return reason instanceof HttpFailure ? reason.code : { tag: 'internal-error', val: undefined };
}

import { type OutputStream, outputStream } from '@lodge/wasi/io';
import type { BodyPipe } from '../body-pipe.js';
import { httpError, plainError } from './error-code.js';
import { isForbiddenTrailer } from './field-syntax.js';
import type { Fields } from './fields.js';

/** `wasi:http/types`, `resource outgoing-body`. */
export class OutgoingBody {
  readonly #pipe: BodyPipe;
  #isStreamTaken = false;

  /** For the host. */
  constructor(pipe: BodyPipe) {
    this.#pipe = pipe;
  }

  /** `write: func() -> result<output-stream>`. Once. */
  write(): OutputStream {
    if (this.#isStreamTaken) throw plainError('the stream of the body was taken before');
    this.#isStreamTaken = true;
    return outputStream(this.#pipe);
  }

  /**
   * `finish: static func(this: outgoing-body, trailers: option<trailers>) -> result<_, error-code>`
   *
   * @throws WitError of an `error-code`: a body that is not as long as its `content-length`, trailers that are none.
   * @throws Error when its stream was not dropped before: children go before their parent.
   */
  static finish(body: OutgoingBody, trailers: Fields | undefined): void {
    if (body.#isStreamAlive()) {
      body.#pipe.abandon();
      throw new Error('an outgoing-body was finished before its output-stream was dropped');
    }
    if (body.#pipe.isOver) return body.#pipe.finish([]);
    const raw = trailers?.toRaw() ?? [];
    if (raw.some((text, index) => index % 2 === 0 && isForbiddenTrailer(text))) {
      body.#pipe.abandon();
      throw httpError({ tag: 'HTTP-protocol-error' });
    }
    body.#pipe.finish(raw);
  }

  /** Dropped unfinished, the message stays incomplete and its receiver is told. */
  [Symbol.dispose](): void {
    this.#pipe.abandon();
    if (this.#isStreamAlive()) throw new Error('an outgoing-body was dropped before its output-stream');
  }

  #isStreamAlive(): boolean {
    return this.#isStreamTaken && !this.#pipe.isStreamClosed;
  }
}

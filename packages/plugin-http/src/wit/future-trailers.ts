import type { Pollable } from '@lodge/wasi/io';
import type { ErrorCode } from './error-code.js';
import { Fields } from './fields.js';
import { Future, type Result } from './future.js';
import { bodyErrorCode, type ReceivedBody } from './incoming-body.js';

/** What a `future-trailers` gives. */
export type TrailersResult = Result<Fields | undefined, ErrorCode>;

/** `wasi:http/types`, `resource future-trailers`. Begins to read on at the first question. */
export class FutureTrailers {
  readonly #body: ReceivedBody;
  readonly #future: Future<TrailersResult> = new Future<TrailersResult>();
  #isAsked = false;

  /** For the host. */
  constructor(body: ReceivedBody) {
    this.#body = body;
  }

  /** `subscribe: func() -> pollable` */
  subscribe(): Pollable {
    this.#ask();
    return this.#future.subscribe();
  }

  /** `get: func() -> option<result<result<option<trailers>, error-code>>>` */
  get(): Result<TrailersResult, undefined> | undefined {
    this.#ask();
    return this.#future.take();
  }

  [Symbol.dispose](): void {
    this.#future.drop();
    this.#body.release();
    if (this.#future.hasPollables) throw new Error('a future-trailers was dropped before its pollables');
  }

  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#body.trailers().then(
      (raw) => {
        this.#future.settle({ tag: 'ok', val: raw.length === 0 ? undefined : Fields.received(raw) });
      },
      (error: unknown) => {
        this.#future.settle({ tag: 'err', val: bodyErrorCode(error) });
      },
    );
  }
}

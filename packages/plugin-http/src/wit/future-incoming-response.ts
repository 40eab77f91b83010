import type { Pollable } from '@lodge/wasi/io';
import type { ErrorCode } from './error-code.js';
import { Future, type Result } from './future.js';
import { IncomingResponse, type ReceivedResponse } from './incoming-response.js';

/** What a `future-incoming-response` gives. */
export type ResponseResult = Result<IncomingResponse, ErrorCode>;

/** `wasi:http/types`, `resource future-incoming-response`. */
export class FutureIncomingResponse {
  readonly #future: Future<ResponseResult> = new Future<ResponseResult>();
  readonly #abort: () => void;
  #isDropped = false;

  /** For the host. @param abort Ends the request when the guest drops the future before there is a response. */
  constructor(abort: () => void) {
    this.#abort = abort;
  }

  /** The outcome. Only the first counts. For the host. */
  settle(outcome: Result<ReceivedResponse, ErrorCode>): void {
    if (outcome.tag === 'err') this.#future.settle(outcome);
    else if (this.#isDropped) outcome.val.body.release();
    else this.#future.settle({ tag: 'ok', val: new IncomingResponse(outcome.val) });
  }

  /** `subscribe: func() -> pollable` */
  subscribe(): Pollable {
    return this.#future.subscribe();
  }

  /** `get: func() -> option<result<result<incoming-response, error-code>>>` */
  get(): Result<ResponseResult, undefined> | undefined {
    return this.#future.take();
  }

  [Symbol.dispose](): void {
    this.#isDropped = true;
    const wasWaiting = !this.#future.isReady();
    const outcome = this.#future.drop();
    if (wasWaiting) this.#abort();
    else if (outcome?.tag === 'ok') outcome.val[Symbol.dispose]();
    if (this.#future.hasPollables) throw new Error('a future-incoming-response was dropped before its pollables');
  }
}

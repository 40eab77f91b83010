import { BodyPipe } from '../body-pipe.js';
import { contentLengthOf } from './content-length.js';
import { plainError } from './error-code.js';
import type { Fields, ParentResource } from './fields.js';
import { OutgoingBody } from './outgoing-body.js';

/** Bytes an outgoing body holds while its receiver does not keep up. */
export const maxBufferedBytes = 65_536;

/** `wasi:http/types`, `resource outgoing-response`. */
export class OutgoingResponse implements ParentResource {
  readonly #headers: Fields;
  #status = 200;
  #pipe: BodyPipe | undefined;
  /** Headers handed out and not dropped. For the host. */
  children = 0;

  /** `constructor(headers: headers)` */
  constructor(headers: Fields) {
    this.#headers = headers;
  }

  /** `status-code: func() -> status-code` */
  statusCode(): number {
    return this.#status;
  }

  /** `set-status-code: func(status-code: status-code) -> result`. 200 to 999: a final status. */
  setStatusCode(status: number): void {
    if (status < 200 || status > 999) throw plainError('a final status code is 200 to 999');
    this.#status = status;
  }

  /** `headers: func() -> headers`. Immutable. */
  headers(): Fields {
    return this.#headers.frozenChild(this);
  }

  /** `body: func() -> result<outgoing-body>`. Once; fails for a `content-length` that is no number. */
  body(): OutgoingBody {
    if (this.#pipe !== undefined) throw plainError('the body was taken before');
    const contentLength = contentLengthOf(this.#headers);
    if (contentLength === 'invalid') throw plainError('the content-length is no number');
    this.#pipe = new BodyPipe({ direction: 'response', maxBufferedBytes, contentLength });
    return new OutgoingBody(this.#pipe);
  }

  /** The headers, for the host. */
  get fields(): Fields {
    return this.#headers;
  }

  /** The body, if the guest took it. For the host. */
  get pipe(): BodyPipe | undefined {
    return this.#pipe;
  }

  [Symbol.dispose](): void {
    if (this.children > 0) throw new Error('an outgoing-response was dropped before its headers');
  }
}

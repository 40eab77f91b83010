import { plainError } from './error-code.js';
import { Fields, type ParentResource } from './fields.js';
import { IncomingBody, type ReceivedBody } from './incoming-body.js';

/** A response as a transport has received it. */
export interface ReceivedResponse {
  readonly status: number;
  /** Name, value, name, value; bytes as characters of the same number. */
  readonly rawHeaders: readonly string[];
  readonly body: ReceivedBody;
}

/** `wasi:http/types`, `resource incoming-response`. */
export class IncomingResponse implements ParentResource {
  readonly #response: ReceivedResponse;
  #isConsumed = false;
  /** Headers handed out and not dropped. For the host. */
  children = 0;

  /** For the host. */
  constructor(response: ReceivedResponse) {
    this.#response = response;
  }

  /** `status: func() -> status-code` */
  status(): number {
    return this.#response.status;
  }

  /** `headers: func() -> headers`. Immutable, without the fields that belong to the connection. */
  headers(): Fields {
    return Fields.received(this.#response.rawHeaders, this);
  }

  /** `consume: func() -> result<incoming-body>`. Once. */
  consume(): IncomingBody {
    if (this.#isConsumed) throw plainError('the body was taken before');
    this.#isConsumed = true;
    return new IncomingBody(this.#response.body);
  }

  /** Dropped unread, the rest of the response is not received. */
  [Symbol.dispose](): void {
    if (!this.#isConsumed) this.#response.body.release();
    if (this.children > 0) throw new Error('an incoming-response was dropped before its headers');
  }
}

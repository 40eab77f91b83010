import { plainError } from './error-code.js';
import { Fields, type ParentResource } from './fields.js';
import { IncomingBody, type ReceivedBody } from './incoming-body.js';
import { type Method, type Scheme, schemes, toMethod } from './method.js';

/** A request as a transport has received it. */
export interface ReceivedRequest {
  /** In the spelling of the wire. */
  readonly method: string;
  /** Path and query, or `*`. */
  readonly path: string;
  readonly scheme: 'http' | 'https';
  /** Host and port as the client named them. */
  readonly authority: string | undefined;
  /** Name, value, name, value; bytes as characters of the same number. */
  readonly rawHeaders: readonly string[];
  /** The body. Called once at most. */
  receiveBody(): ReceivedBody;
}

/** `wasi:http/types`, `resource incoming-request`. */
export class IncomingRequest implements ParentResource {
  readonly #request: ReceivedRequest;
  #isConsumed = false;
  /** Headers handed out and not dropped. For the host. */
  children = 0;

  /** For the host. */
  constructor(request: ReceivedRequest) {
    this.#request = request;
  }

  /** `method: func() -> method` */
  method(): Method {
    return toMethod(this.#request.method);
  }

  /** `path-with-query: func() -> option<string>` */
  pathWithQuery(): string | undefined {
    return this.#request.path;
  }

  /** `scheme: func() -> option<scheme>` */
  scheme(): Scheme | undefined {
    return schemes[this.#request.scheme];
  }

  /** `authority: func() -> option<string>` */
  authority(): string | undefined {
    return this.#request.authority;
  }

  /** `headers: func() -> headers`. Immutable, without the fields that belong to the connection. */
  headers(): Fields {
    return Fields.received(this.#request.rawHeaders, this);
  }

  /** `consume: func() -> result<incoming-body>`. Once. */
  consume(): IncomingBody {
    if (this.#isConsumed) throw plainError('the body was taken before');
    this.#isConsumed = true;
    return new IncomingBody(this.#request.receiveBody());
  }

  [Symbol.dispose](): void {
    if (this.children > 0) throw new Error('an incoming-request was dropped before its headers');
  }
}

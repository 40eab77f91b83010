import { BodyPipe } from '../body-pipe.js';
import { parseAuthority } from '../hostname.js';
import { contentLengthOf } from './content-length.js';
import { plainError } from './error-code.js';
import type { Fields, ParentResource } from './fields.js';
import { type Method, methodText, type Scheme, schemeText } from './method.js';
import { OutgoingBody } from './outgoing-body.js';
import { maxBufferedBytes } from './outgoing-response.js';

/** `wasi:http/types`, `resource outgoing-request`. */
export class OutgoingRequest implements ParentResource {
  readonly #headers: Fields;
  #method: Method = { tag: 'get' };
  #path: string | undefined;
  #scheme: Scheme | undefined;
  #authority: string | undefined;
  #pipe: BodyPipe | undefined;
  /** Headers handed out and not dropped. For the host. */
  children = 0;

  /** `constructor(headers: headers)` */
  constructor(headers: Fields) {
    this.#headers = headers;
  }

  /** `body: func() -> result<outgoing-body>`. Once; fails for a `content-length` that is no number. */
  body(): OutgoingBody {
    if (this.#pipe !== undefined) throw plainError('the body was taken before');
    const contentLength = contentLengthOf(this.#headers);
    if (contentLength === 'invalid') throw plainError('the content-length is no number');
    this.#pipe = new BodyPipe({ direction: 'request', maxBufferedBytes, contentLength });
    return new OutgoingBody(this.#pipe);
  }

  /** `method: func() -> method` */
  method(): Method {
    return this.#method;
  }

  /** `set-method: func(method: method) -> result` */
  setMethod(method: Method): void {
    if (methodText(method) === undefined) throw plainError('the method is no token');
    this.#method = method;
  }

  /** `path-with-query: func() -> option<string>` */
  pathWithQuery(): string | undefined {
    return this.#path;
  }

  /** `set-path-with-query: func(path-with-query: option<string>) -> result`. Visible ASCII that begins with `/` or `?`, or `*`. */
  setPathWithQuery(path: string | undefined): void {
    if (path !== undefined && path !== '' && path !== '*' && !/^[/?][\x21\x22\x24-\x7e]*$/.test(path)) {
      throw plainError('the path is not valid');
    }
    this.#path = path;
  }

  /** `scheme: func() -> option<scheme>` */
  scheme(): Scheme | undefined {
    return this.#scheme;
  }

  /** `set-scheme: func(scheme: option<scheme>) -> result` */
  setScheme(scheme: Scheme | undefined): void {
    if (scheme !== undefined && schemeText(scheme) === undefined) throw plainError('the scheme is not valid');
    this.#scheme = scheme;
  }

  /** `authority: func() -> option<string>` */
  authority(): string | undefined {
    return this.#authority;
  }

  /** `set-authority: func(authority: option<string>) -> result`. `host[:port]`, without user information. */
  setAuthority(authority: string | undefined): void {
    if (authority !== undefined && parseAuthority(authority) === undefined)
      throw plainError('the authority is not valid');
    this.#authority = authority;
  }

  /** `headers: func() -> headers`. Immutable. */
  headers(): Fields {
    return this.#headers.frozenChild(this);
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
    if (this.children > 0) throw new Error('an outgoing-request was dropped before its headers');
  }
}

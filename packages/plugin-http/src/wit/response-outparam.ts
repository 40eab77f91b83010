import { type ErrorCode, httpError } from './error-code.js';
import type { Fields } from './fields.js';
import type { Result } from './future.js';
import type { OutgoingResponse } from './outgoing-response.js';

/** Who sends the answer of a guest. */
export interface Responder {
  /** The guest's final answer. Called once at most. */
  respond(response: Result<OutgoingResponse, ErrorCode>): void;
  /** An answer before the final one. @returns Whether it could be sent. */
  inform(status: number, rawHeaders: readonly string[]): boolean;
}

/** `wasi:http/types`, `resource response-outparam`. */
export class ResponseOutparam {
  #responder: Responder | undefined;

  /** For the host. */
  constructor(responder: Responder) {
    this.#responder = responder;
  }

  /** `set: static func(param: response-outparam, response: result<outgoing-response, error-code>)` */
  static set(param: ResponseOutparam, response: Result<OutgoingResponse, ErrorCode>): void {
    const responder = param.#responder;
    param.#responder = undefined;
    if (responder === undefined) throw new Error('a response-outparam was set twice');
    responder.respond(response);
  }

  /**
   * `send-informational: func(status: u16, headers: headers) -> result<_, error-code>`
   *
   * @throws WitError of `HTTP-protocol-error` for a status that is not 102 to 199, or after the final answer.
   */
  sendInformational(status: number, headers: Fields): void {
    const isInformational = status >= 102 && status <= 199;
    if (!isInformational || this.#responder?.inform(status, headers.toRaw()) !== true) {
      throw httpError({ tag: 'HTTP-protocol-error' });
    }
  }

  /** Dropped without an answer: the client gets one from the host once the guest returns. */
  [Symbol.dispose](): void {
    this.#responder = undefined;
  }
}

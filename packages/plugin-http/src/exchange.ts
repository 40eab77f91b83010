import type { CallScope } from '@lodge/core';
import type { BodyConsumer, BodyPipe } from './body-pipe.js';
import type { FlushQueue } from './flush-queue.js';
import { contentLengthOf } from './wit/content-length.js';
import type { ErrorCode } from './wit/error-code.js';
import type { Fields } from './wit/fields.js';
import type { Result } from './wit/future.js';
import type { ReceivedBody } from './wit/incoming-body.js';
import { IncomingRequest, type ReceivedRequest } from './wit/incoming-request.js';
import type { OutgoingResponse } from './wit/outgoing-response.js';
import { type Responder, ResponseOutparam } from './wit/response-outparam.js';

/** What the host answers itself, with the text of the body. */
const refusals: ReadonlyMap<number, string> = new Map([
  [400, 'bad request'],
  [404, 'not found'],
  [408, 'request timeout'],
  [413, 'content too large'],
  [431, 'request header fields too large'],
  [500, 'internal server error'],
  [503, 'service unavailable'],
  [504, 'gateway timeout'],
]);

/** The body of an answer that the host gives itself. Never anything of the guest's or of an error's text. */
export function refusalText(status: number): string {
  return `${refusals.get(status) ?? 'error'}\n`;
}

/**
 * How far the answer is: nothing there yet, given by the guest but not sent, its head sent, all handed to the transport,
 * or never to be complete.
 */
type AnswerState = 'open' | 'answered' | 'streaming' | 'ended' | 'cut';

/**
 * One request and its answer, whatever carries them. This class knows the rules of an answer, the subclasses how bytes travel; guests
 * meet only the WIT resources made from it.
 */
export abstract class Exchange implements ReceivedRequest, Responder, BodyConsumer {
  abstract readonly method: string;
  abstract readonly path: string;
  abstract readonly scheme: 'http' | 'https';
  abstract readonly authority: string | undefined;
  abstract readonly rawHeaders: readonly string[];
  abstract readonly flushes: FlushQueue;

  #state: AnswerState = 'open';
  #scope: CallScope | undefined;
  #pipe: BodyPipe | undefined;
  #status = 0;
  #isGone = false;
  #fields: Fields | undefined;

  abstract receiveBody(): ReceivedBody;
  abstract drained(): Promise<void> | undefined;
  /** A complete answer. `rawHeaders` frames it. */
  protected abstract sendWhole(status: number, rawHeaders: string[], chunks: readonly Uint8Array[]): void;
  /** The head of an answer whose body follows. */
  protected abstract sendHead(status: number, rawHeaders: string[]): void;
  /** More of the body. Without chunks: only makes sure that the head is on its way. */
  protected abstract sendChunks(chunks: readonly Uint8Array[]): void;
  protected abstract sendEnd(trailers: readonly string[]): void;
  protected abstract sendInformational(status: number, rawHeaders: readonly string[]): boolean;
  /** Ends the transport in a way that the client cannot take for a complete answer. */
  protected abstract cut(): void;
  /** After the end: `undefined` when everything has left the host, else settles when it has or cannot any more. */
  protected abstract flushed(): Promise<void> | undefined;

  /** The arguments of the guest's handler. */
  begin(scope: CallScope): readonly [IncomingRequest, ResponseOutparam] {
    this.#scope = scope;
    if (this.isGone) scope.abort();
    return [new IncomingRequest(this), new ResponseOutparam(this)];
  }

  /** Whether a guest has been given the request. */
  get hasBegun(): boolean {
    return this.#scope !== undefined;
  }

  /** Whether the client is gone. */
  get isGone(): boolean {
    return this.#isGone;
  }

  get isBodyless(): boolean {
    return this.method === 'HEAD' || this.#status === 204 || this.#status === 304;
  }

  respond(response: Result<OutgoingResponse, ErrorCode>): void {
    if (response.tag === 'err') {
      this.fail(500);
      return;
    }
    const { pipe, fields } = response.val;
    if (this.#state !== 'open') {
      pipe?.break({ tag: 'connection-terminated' });
      return;
    }
    this.#state = 'answered';
    this.#status = response.val.statusCode();
    this.#fields = fields;
    this.#pipe = pipe;
    if (pipe !== undefined) pipe.attach(this);
    else if (!this.isBodyless && (contentLengthOf(fields) ?? 0) !== 0) this.refuse(500);
    else this.end([], []);
  }

  inform(status: number, rawHeaders: readonly string[]): boolean {
    return this.#state === 'open' && this.sendInformational(status, rawHeaders);
  }

  push(chunks: readonly Uint8Array[]): void {
    if (this.#state === 'answered') {
      this.#state = 'streaming';
      this.sendHead(this.#status, this.#rawHeaders());
    }
    if (this.#state === 'streaming') this.sendChunks(this.isBodyless ? [] : chunks);
  }

  end(chunks: readonly Uint8Array[], trailers: readonly string[]): void {
    if (this.#state === 'answered' && (trailers.length === 0 || this.isBodyless)) {
      this.#state = 'ended';
      this.sendWhole(this.#status, this.#framedHeaders(chunks), this.isBodyless ? [] : chunks);
    } else {
      if (this.#state === 'answered') this.#fields = withoutLength(this.#fields);
      this.push(chunks);
      if (this.#state !== 'streaming') return;
      this.#state = 'ended';
      this.sendEnd(trailers);
    }
    // Only what has not left the host yet keeps the call open: a slow client, not the usual answer.
    const flushed = this.flushed();
    if (flushed !== undefined) this.#scope?.waitUntil(flushed);
  }

  abort(code: ErrorCode): void {
    // A body that contradicts its own head, before that has left: the client need not see it.
    if (this.#state === 'answered' && code.tag === 'HTTP-response-body-size') this.refuse(500);
    else this.fail(500);
  }

  /** The guest has returned: what it has not finished by now, nobody will. @returns Whether there is an answer. */
  settle(): boolean {
    if (this.#state === 'ended' || this.#state === 'cut') return true;
    this.fail(500);
    return false;
  }

  /**
   * Answers with `status` unless the guest has given an answer: that one is then ended so that the client sees it is incomplete,
   * whether its head has left or not.
   */
  fail(status: number): void {
    if (this.#state === 'open') this.refuse(status);
    else if (this.#state === 'ended' ? this.flushed() !== undefined : this.#state !== 'cut') {
      this.push([]);
      this.#state = 'cut';
      this.cut();
    }
    this.#breakPipe();
  }

  /** An answer of the host's own. One that says "not now" says when to come again. */
  refuse(status: number): void {
    const text = refusalText(status);
    const headers = ['content-type', 'text/plain; charset=utf-8', 'content-length', String(text.length)];
    if (status === 503) headers.push('retry-after', '1');
    this.#state = 'ended';
    this.sendWhole(status, headers, this.method === 'HEAD' ? [] : [new TextEncoder().encode(text)]);
  }

  /** The client is gone. For the subclass. */
  protected disconnected(): void {
    this.#isGone = true;
    if (this.#state !== 'ended') this.#state = 'cut';
    this.#breakPipe();
    this.#scope?.abort();
  }

  /** The call is over: lets go of everything that was made for it. */
  release(): void {
    this.#breakPipe();
    this.#scope = undefined;
    this.#fields = undefined;
  }

  #breakPipe(): void {
    const pipe = this.#pipe;
    this.#pipe = undefined;
    pipe?.break({ tag: 'connection-terminated' });
  }

  #rawHeaders(): string[] {
    const headers = this.#fields?.toRaw() ?? [];
    if (this.#status === 204) {
      // RFC 9110, 8.6: no content-length in an answer that cannot have content.
      const declaredAt = headers.indexOf('content-length');
      if (declaredAt >= 0) headers.splice(declaredAt, 2);
    }
    return headers;
  }

  /** The headers of an answer that is there as a whole. */
  #framedHeaders(chunks: readonly Uint8Array[]): string[] {
    const headers = this.#rawHeaders();
    if (this.#status === 204 || headers.includes('content-length')) return headers;
    let size = 0;
    for (const chunk of chunks) size += chunk.length;
    if (size > 0 || !this.isBodyless) headers.push('content-length', String(size));
    return headers;
  }
}

/** Trailers need the chunked coding, which excludes a declared length. */
function withoutLength(fields: Fields | undefined): Fields | undefined {
  const copy = fields?.clone();
  copy?.delete('content-length');
  return copy;
}

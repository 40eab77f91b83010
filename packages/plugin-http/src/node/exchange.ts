import type { IncomingMessage, ServerResponse } from 'node:http';
import { emptyBody } from '../empty-body.js';
import { Exchange } from '../exchange.js';
import type { FlushQueue } from '../flush-queue.js';
import { toLatin1 } from '../wit/field-syntax.js';
import type { ReceivedBody } from '../wit/incoming-body.js';
import type { Connection } from './connection.js';
import { NodeRequestBody } from './request-body.js';

/** Bytes up to which a body travels in one string with its head, which costs less than a second buffer. */
const inlineBodyBytes = 4_096;
/** Milliseconds for the rest of a body that nobody wants. */
const discardTimeoutMs = 10_000;

/** What a {@link NodeExchange} is made of. */
export interface NodeExchangeOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: Connection;
  readonly path: string;
  readonly authority: string | undefined;
  /** Whether the client waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean;
}

/** An exchange over HTTP/1.1. */
export class NodeExchange extends Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #connection: Connection;
  readonly path: string;
  readonly authority: string | undefined;
  #expectsContinue: boolean;
  #body: NodeRequestBody | undefined;
  #drain: PromiseWithResolvers<void> | undefined;
  #flush: PromiseWithResolvers<void> | undefined;

  constructor(options: NodeExchangeOptions) {
    super();
    this.#request = options.request;
    this.#response = options.response;
    this.#connection = options.connection;
    this.path = options.path;
    this.authority = options.authority;
    this.#expectsContinue = options.expectsContinue;
    this.#connection.add(this);
  }

  get method(): string {
    return this.#request.method ?? 'GET';
  }

  get scheme(): 'http' | 'https' {
    return this.#connection.scheme;
  }

  get rawHeaders(): readonly string[] {
    return this.#request.rawHeaders;
  }

  get flushes(): FlushQueue {
    return this.#connection.flushes;
  }

  receiveBody(): ReceivedBody {
    if (!this.#hasBody()) return emptyBody;
    this.#body = new NodeRequestBody({
      request: this.#request,
      maxTrailerCount: this.#connection.limits.maxHeaderCount,
      onFirstRead: () => this.#sendContinue(),
    });
    return this.#body;
  }

  drained(): Promise<void> | undefined {
    return this.#drain?.promise;
  }

  protected sendInformational(status: number, rawHeaders: readonly string[]): boolean {
    // Not there in the oldest supported Node; clients of HTTP/1.0 do not know such answers.
    if (typeof this.#response.writeInformation !== 'function') return false;
    if (this.isGone || this.#request.httpVersionMinor === 0) return false;
    this.#response.writeInformation(status, [...rawHeaders]);
    return true;
  }

  protected sendWhole(status: number, rawHeaders: string[], chunks: readonly Uint8Array[]): void {
    if (this.isGone) return;
    this.#keepUnreadBody();
    this.sendHead(status, rawHeaders);
    const response = this.#response;
    const [first] = chunks;
    if (first === undefined) response.end();
    else if (chunks.length === 1 && first.length <= inlineBodyBytes) response.end(toLatin1(first), 'latin1');
    else {
      for (const chunk of chunks) response.write(chunk);
      response.end();
    }
  }

  protected sendHead(status: number, rawHeaders: string[]): void {
    if (this.isGone) return;
    // A client that still waits for its 100 may send the body or not: the connection cannot be used further.
    if (this.#expectsContinue || this.#connection.isClosing) this.#response.shouldKeepAlive = false;
    this.#response.writeHead(status, rawHeaders);
  }

  protected sendChunks(chunks: readonly Uint8Array[]): void {
    if (this.isGone) return;
    if (chunks.length === 0) {
      this.#response.flushHeaders();
      return;
    }
    let isFull = false;
    // Not corked: node:http gathers the writes of a turn by itself, and after `cork` its `drain` may never come.
    for (const chunk of chunks) if (!this.#response.write(chunk)) isFull = true;
    if (!isFull || this.#drain !== undefined) return;
    this.#drain = Promise.withResolvers<void>();
    this.#response.once('drain', () => this.#drained());
  }

  protected sendEnd(trailers: readonly string[]): void {
    if (this.isGone) return;
    this.#keepUnreadBody();
    if (trailers.length > 0) this.#response.addTrailers(pairs(trailers));
    this.#response.end();
  }

  protected cut(): void {
    this.#response.destroy();
  }

  protected flushed(): Promise<void> | undefined {
    if (this.isGone || this.#response.writableFinished || this.#response.writableLength === 0) return undefined;
    if (this.#flush === undefined) {
      this.#flush = Promise.withResolvers<void>();
      this.#response.once('finish', this.#flush.resolve);
    }
    return this.#flush.promise;
  }

  /** The connection has closed. */
  connectionClosed(): void {
    this.#body?.fail({ tag: 'connection-terminated' });
    this.#drained();
    this.#flush?.resolve();
    this.disconnected();
  }

  override release(): void {
    super.release();
    this.#connection.delete(this);
    this.#body?.release();
    if (!this.isGone && !this.#request.complete) this.#discardBody();
  }

  #hasBody(): boolean {
    const { headers } = this.#request;
    return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  }

  /** node:http throws away an untouched body by itself, however long it is; a touched one is left to us. */
  #keepUnreadBody(): void {
    if (this.#hasBody() && !this.#request.complete) this.#request.read(0);
  }

  #drained(): void {
    const drain = this.#drain;
    this.#drain = undefined;
    drain?.resolve();
  }

  #sendContinue(): void {
    if (!this.#expectsContinue || this.isGone || this.#response.headersSent) return;
    this.#expectsContinue = false;
    this.#response.writeContinue();
  }

  /** Takes the rest of the body from the connection so that the next request can follow; a long or slow rest ends it. */
  #discardBody(): void {
    const request = this.#request;
    const { socket } = request;
    let discarded = 0;
    const timer = setTimeout(() => socket.destroy(), discardTimeoutMs);
    timer.unref();
    request.on('data', (bytes: Uint8Array) => {
      discarded += bytes.length;
      if (discarded > this.#connection.limits.maxDiscardedBytes) socket.destroy();
    });
    request.once('close', () => clearTimeout(timer));
  }
}

function pairs(raw: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) list.push([raw[index] ?? '', raw[index + 1] ?? '']);
  return list;
}

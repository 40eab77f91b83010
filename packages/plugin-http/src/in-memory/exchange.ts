import { emptyBody } from '../empty-body.js';
import { Exchange } from '../exchange.js';
import type { FlushQueue } from '../flush-queue.js';
import type { HttpLimits } from '../limits.js';
import type { ReceivedBody } from '../wit/incoming-body.js';
import { toHeaders, toRawHeaders } from './headers.js';
import { InMemoryRequestBody } from './request-body.js';
import { InMemoryResponseBody } from './response-body.js';

/** A `Response` whose trailers can be had. */
export interface ResponseWithTrailers extends Response {
  /** Resolves once the body is complete, empty when there are none; rejects when it never will be. */
  readonly trailers: Promise<Headers>;
}

/** What an {@link InMemoryExchange} is made of. */
export interface InMemoryExchangeOptions {
  readonly request: Request;
  readonly limits: HttpLimits;
  readonly flushes: FlushQueue;
  /** What follows the request's body. */
  readonly requestTrailers: Promise<Headers> | undefined;
}

/** An exchange without a socket: a `Request` in, a `Response` out. */
export class InMemoryExchange extends Exchange {
  readonly method: string;
  readonly path: string;
  readonly scheme: 'http' | 'https';
  readonly authority: string | undefined;
  readonly rawHeaders: readonly string[];
  readonly #options: InMemoryExchangeOptions;
  readonly #response: PromiseWithResolvers<ResponseWithTrailers> = Promise.withResolvers();
  readonly #trailers: PromiseWithResolvers<Headers> = Promise.withResolvers();
  readonly #onAbort = (): void => this.#disconnect();
  #requestBody: InMemoryRequestBody | undefined;
  #responseBody: InMemoryResponseBody | undefined;

  constructor(options: InMemoryExchangeOptions) {
    super();
    this.#options = options;
    const { request } = options;
    const url = new URL(request.url);
    this.method = request.method;
    this.path = url.pathname + url.search;
    this.scheme = url.protocol === 'https:' ? 'https' : 'http';
    this.authority = request.headers.get('host') ?? url.host;
    this.rawHeaders = toRawHeaders(request.headers);
    this.#trailers.promise.catch(() => {});
    request.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (request.signal.aborted) this.#disconnect();
  }

  get flushes(): FlushQueue {
    return this.#options.flushes;
  }

  /** The answer. Rejects with the request's abort reason when it is aborted before there is one. */
  get response(): Promise<ResponseWithTrailers> {
    return this.#response.promise;
  }

  /** Bytes of the request's head, as far as there is one. */
  get headerBytes(): number {
    return this.rawHeaders.reduce((size, text) => size + text.length, this.method.length + this.path.length);
  }

  receiveBody(): ReceivedBody {
    const { request, requestTrailers } = this.#options;
    if (request.body === null && requestTrailers === undefined) return emptyBody;
    this.#requestBody = new InMemoryRequestBody({ body: request.body, trailers: requestTrailers });
    return this.#requestBody;
  }

  drained(): Promise<void> | undefined {
    return this.#responseBody?.drained();
  }

  /** A `Response` has no place for them. */
  protected sendInformational(): boolean {
    return true;
  }

  protected sendWhole(status: number, rawHeaders: string[], chunks: readonly Uint8Array[]): void {
    this.sendHead(status, rawHeaders);
    if (this.#responseBody !== undefined) for (const chunk of chunks) this.#responseBody.write(chunk);
    this.sendEnd([]);
  }

  protected sendHead(status: number, rawHeaders: string[]): void {
    const hasBody = this.method !== 'HEAD' && status !== 204 && status !== 205 && status !== 304;
    if (hasBody) {
      this.#responseBody = new InMemoryResponseBody({
        maxBufferedBytes: this.#options.limits.maxBufferedBytes,
        onCancel: this.#onAbort,
      });
    }
    const isExpressible = status >= 200 && status <= 599;
    const response = new Response(this.#responseBody?.stream ?? null, {
      status: isExpressible ? status : 500,
      headers: toHeaders(rawHeaders),
    });
    this.#response.resolve(Object.assign(response, { trailers: this.#trailers.promise }));
  }

  protected sendChunks(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) this.#responseBody?.write(chunk);
  }

  protected sendEnd(trailers: readonly string[]): void {
    this.#responseBody?.end();
    this.#trailers.resolve(toHeaders(trailers));
  }

  protected cut(): void {
    const error = new TypeError('the response was terminated before it was complete');
    this.#responseBody?.fail(error);
    this.#trailers.reject(error);
  }

  /** What is left of an ended body is bounded and waits in its stream, without the guest. */
  protected flushed(): undefined {
    return undefined;
  }

  override release(): void {
    super.release();
    this.#options.request.signal.removeEventListener('abort', this.#onAbort);
    this.#requestBody?.release();
  }

  /** The client has aborted its request or cancelled the answer's body. */
  #disconnect(): void {
    const { signal } = this.#options.request;
    const error: unknown = signal.aborted ? signal.reason : new TypeError('the response body was cancelled');
    this.#response.reject(error);
    this.#trailers.reject(error);
    this.#requestBody?.fail({ tag: 'connection-terminated' });
    this.#responseBody?.fail(error);
    this.disconnected();
  }
}

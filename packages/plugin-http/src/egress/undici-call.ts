import type { ByteSource } from '@lodge/wasi/io';
import type { Dispatcher } from 'undici';
import { streamFailure } from '../body-pipe.js';
import { toErrorCode } from '../errors.js';
import { Gate } from '../gate.js';
import type { HttpLimits } from '../limits.js';
import { type ErrorCode, HttpFailure } from '../wit/error-code.js';
import type { ReceivedBody } from '../wit/incoming-body.js';
import type { ReceivedResponse } from '../wit/incoming-response.js';
import type { EgressCall } from './egress.js';

const noBytes = new Uint8Array(0);

/** What an {@link UndiciCall} is bounded by. */
export interface UndiciCallOptions {
  readonly limits: HttpLimits;
  /** Milliseconds until the request must be on a connection. */
  readonly connectMs: number;
}

/** One request at undici: its handler, the future of its response and the response's body in one. */
export class UndiciCall implements Dispatcher.DispatchHandler, EgressCall, ReceivedBody, ByteSource {
  readonly #limits: HttpLimits;
  readonly #response: PromiseWithResolvers<ReceivedResponse> = Promise.withResolvers();
  readonly #news: Gate = new Gate();
  readonly #connectTimer: ReturnType<typeof setTimeout>;
  #controller: Dispatcher.DispatchController | undefined;
  #chunks: Uint8Array[] = [];
  #bufferedBytes = 0;
  #trailers: readonly string[] = [];
  #failure: ErrorCode | undefined;
  #isEnded = false;

  constructor({ limits, connectMs }: UndiciCallOptions) {
    this.#limits = limits;
    // A guest that drops its future asks nobody about the outcome.
    this.#response.promise.catch(() => {});
    this.#connectTimer = setTimeout(() => this.fail({ tag: 'connection-timeout' }), connectMs);
  }

  get response(): Promise<ReceivedResponse> {
    return this.#response.promise;
  }

  abort(): void {
    this.fail({ tag: 'connection-terminated' });
  }

  /** Ends the request, wherever it is. */
  fail(code: ErrorCode): void {
    clearTimeout(this.#connectTimer);
    if (this.#isEnded || this.#failure !== undefined) return;
    this.#failure = code;
    this.#chunks = [];
    this.#bufferedBytes = 0;
    const failure = new HttpFailure(code);
    this.#response.reject(failure);
    this.#controller?.abort(failure);
    this.#news.open();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    clearTimeout(this.#connectTimer);
    this.#controller = controller;
    if (this.#failure !== undefined) controller.abort(new HttpFailure(this.#failure));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return;
    const rawHeaders = toText(controller.rawHeaders);
    if (rawHeaders.length / 2 > this.#limits.maxHeaderCount) {
      this.fail({ tag: 'HTTP-response-header-section-size', val: undefined });
      return;
    }
    this.#response.resolve({ status, rawHeaders, body: this });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#failure !== undefined) return;
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
    if (this.#bufferedBytes >= this.#limits.maxBufferedBytes) controller.pause();
    this.#news.open();
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    const trailers = toText(controller.rawTrailers);
    if (trailers.length / 2 > this.#limits.maxHeaderCount) {
      this.fail({ tag: 'HTTP-response-trailer-section-size', val: undefined });
      return;
    }
    this.#trailers = trailers;
    this.#isEnded = true;
    this.#news.open();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(toErrorCode(error));
  }

  open(): ByteSource {
    return this;
  }

  async trailers(): Promise<readonly string[]> {
    for (;;) {
      if (this.#failure !== undefined) throw new HttpFailure(this.#failure);
      this.#chunks = [];
      this.#bufferedBytes = 0;
      if (this.#isEnded) return this.#trailers;
      this.#controller?.resume();
      await this.#news.wait();
    }
  }

  release(): void {
    this.abort();
    this.#chunks = [];
  }

  read(max: number): Uint8Array | undefined {
    const chunk = this.#chunks[0];
    if (chunk === undefined) {
      if (this.#failure !== undefined) throw streamFailure(this.#failure);
      return this.#isEnded ? undefined : noBytes;
    }
    const bytes = chunk.length <= max ? chunk : chunk.subarray(0, max);
    if (bytes === chunk) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(max);
    this.#bufferedBytes -= bytes.length;
    if (this.#controller?.paused === true && this.#bufferedBytes < this.#limits.maxBufferedBytes / 2) {
      this.#controller.resume();
    }
    return bytes;
  }

  ready(): PromiseLike<void> | undefined {
    const isReady = this.#chunks.length > 0 || this.#isEnded || this.#failure !== undefined;
    return isReady ? undefined : this.#news.wait();
  }

  close(): void {
    this.#news.open();
  }
}

/** Header bytes as characters of the same number. */
function toText(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(raw)) return [];
  return raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
}

import type { IncomingMessage } from 'node:http';
import type { ByteSource } from '@lodge/wasi/io';
import { streamFailure } from '../body-pipe.js';
import { Gate } from '../gate.js';
import { type ErrorCode, HttpFailure } from '../wit/error-code.js';
import type { ReceivedBody } from '../wit/incoming-body.js';

const noBytes = new Uint8Array(0);

/** What a {@link NodeRequestBody} needs of its exchange. */
export interface NodeRequestBodyOptions {
  readonly request: IncomingMessage;
  readonly maxTrailerCount: number;
  /** Called before the first byte is asked for: sends `100 Continue` to a client that waits for it. */
  readonly onFirstRead: () => void;
}

/** The body of a request over HTTP/1.1. Nothing is read from the connection before the guest asks. */
export class NodeRequestBody implements ReceivedBody, ByteSource {
  readonly #options: NodeRequestBodyOptions;
  readonly #request: IncomingMessage;
  readonly #news: Gate = new Gate();
  readonly #onNews = (): void => this.#news.open();
  #rest: Uint8Array | undefined;
  #failure: ErrorCode | undefined;
  #isListening = false;
  #isReleased = false;

  constructor(options: NodeRequestBodyOptions) {
    this.#options = options;
    this.#request = options.request;
  }

  open(): ByteSource {
    return this;
  }

  async trailers(): Promise<readonly string[]> {
    try {
      for (let bytes = this.read(65_536); bytes !== undefined; bytes = this.read(65_536)) {
        if (bytes.length === 0) await this.ready();
      }
    } catch {
      throw new HttpFailure(this.#failure ?? { tag: 'connection-terminated' });
    }
    const { rawTrailers } = this.#request;
    if (rawTrailers.length / 2 > this.#options.maxTrailerCount) {
      throw new HttpFailure({ tag: 'HTTP-request-trailer-section-size', val: undefined });
    }
    return rawTrailers;
  }

  /** The connection is gone. */
  fail(code: ErrorCode): void {
    if (!this.#isEnded()) this.#failure ??= code;
    this.#news.open();
  }

  read(max: number): Uint8Array | undefined {
    this.#listen();
    if (max === 0) return this.#isEnded() ? undefined : noBytes;
    const bytes = this.#rest ?? this.#next();
    this.#rest = undefined;
    if (bytes === undefined) {
      if (this.#isEnded()) return undefined;
      if (this.#failure !== undefined) throw streamFailure(this.#failure);
      return noBytes;
    }
    if (bytes.length <= max) return bytes;
    this.#rest = bytes.subarray(max);
    return bytes.subarray(0, max);
  }

  ready(): PromiseLike<void> | undefined {
    this.#listen();
    const isReady =
      this.#rest !== undefined || this.#failure !== undefined || this.#request.readableLength > 0 || this.#isEnded();
    return isReady ? undefined : this.#news.wait();
  }

  close(): void {
    this.#rest = undefined;
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#failure ??= { tag: 'connection-terminated' };
    if (this.#isListening) {
      this.#request.off('readable', this.#onNews);
      this.#request.off('end', this.#onNews);
    }
    this.#rest = undefined;
    this.#news.open();
  }

  #isEnded(): boolean {
    const { complete, readableLength } = this.#request;
    return complete && readableLength === 0 && this.#rest === undefined;
  }

  #next(): Uint8Array | undefined {
    return this.#isReleased ? undefined : ((this.#request.read() as Uint8Array | null) ?? undefined);
  }

  #listen(): void {
    if (this.#isListening || this.#isReleased) return;
    this.#isListening = true;
    this.#options.onFirstRead();
    this.#request.on('readable', this.#onNews);
    this.#request.on('end', this.#onNews);
  }
}

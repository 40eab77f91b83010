import type { ByteSource } from '@lodge/wasi/io';
import { streamFailure } from '../body-pipe.js';
import { Gate } from '../gate.js';
import { type ErrorCode, HttpFailure } from '../wit/error-code.js';
import type { ReceivedBody } from '../wit/incoming-body.js';
import { toRawHeaders } from './headers.js';

const noBytes = new Uint8Array(0);

/** What an {@link InMemoryRequestBody} reads. */
export interface InMemoryRequestBodyOptions {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly trailers: Promise<Headers> | undefined;
}

/** The body of a web `Request`. One chunk is asked for at a time, and only when the guest asks. */
export class InMemoryRequestBody implements ReceivedBody, ByteSource {
  readonly #options: InMemoryRequestBodyOptions;
  readonly #news: Gate = new Gate();
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #rest: Uint8Array | undefined;
  #failure: ErrorCode | undefined;
  #isReading = false;
  #isEnded: boolean;

  constructor(options: InMemoryRequestBodyOptions) {
    this.#options = options;
    this.#isEnded = options.body === null;
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
    const { trailers } = this.#options;
    return trailers === undefined ? [] : toRawHeaders(await trailers);
  }

  /** Nothing more will come. */
  fail(code: ErrorCode): void {
    if (!this.#isEnded) this.#failure ??= code;
    this.#news.open();
  }

  read(max: number): Uint8Array | undefined {
    const bytes = this.#rest;
    if (bytes === undefined) {
      if (this.#failure !== undefined) throw streamFailure(this.#failure);
      if (this.#isEnded) return undefined;
      this.#pull();
      return noBytes;
    }
    this.#rest = bytes.length > max ? bytes.subarray(max) : undefined;
    return bytes.length > max ? bytes.subarray(0, max) : bytes;
  }

  ready(): PromiseLike<void> | undefined {
    if (this.#rest !== undefined || this.#isEnded || this.#failure !== undefined) return undefined;
    this.#pull();
    return this.#news.wait();
  }

  close(): void {
    this.#rest = undefined;
  }

  release(): void {
    if (this.#failure !== undefined) return;
    this.#failure = { tag: 'connection-terminated' };
    this.#rest = undefined;
    this.#news.open();
    this.#cancel();
  }

  #cancel(): void {
    if (this.#isEnded) return;
    const { body } = this.#options;
    // Who sends the body learns that nobody reads on. A stream that someone else has locked is theirs to end.
    const cancelled = this.#reader?.cancel() ?? (body?.locked === false ? body.cancel() : undefined);
    cancelled?.catch(() => {});
  }

  #pull(): void {
    if (this.#isReading || this.#isEnded || this.#failure !== undefined) return;
    this.#isReading = true;
    void this.#readChunk();
  }

  async #readChunk(): Promise<void> {
    try {
      this.#reader ??= this.#options.body?.getReader();
      const result = await this.#reader?.read();
      if (result === undefined || result.done) this.#isEnded = true;
      else if (this.#failure === undefined && result.value.length > 0) this.#rest = result.value;
    } catch {
      this.#failure ??= { tag: 'connection-terminated' };
    }
    this.#isReading = false;
    if (this.#rest === undefined && !this.#isEnded && this.#failure === undefined) this.#pull();
    else this.#news.open();
  }
}

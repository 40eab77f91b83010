/** What an {@link InMemoryResponseBody} is made of. */
export interface InMemoryResponseBodyOptions {
  /** Bytes held for a reader that does not keep up. */
  readonly maxBufferedBytes: number;
  /** The reader wants no more. */
  readonly onCancel: () => void;
}

/** The body of an answer as a web stream, with a bound on what waits in it. */
export class InMemoryResponseBody {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #drain: PromiseWithResolvers<void> | undefined;
  #isOver = false;
  #isEnding = false;

  constructor({ maxBufferedBytes, onCancel }: InMemoryResponseBodyOptions) {
    this.stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pulled(),
        cancel: () => {
          this.#isOver = true;
          this.#pulled();
          onCancel();
        },
      },
      { highWaterMark: maxBufferedBytes, size: (chunk) => chunk.length },
    );
  }

  write(bytes: Uint8Array): void {
    // Copied: a reader may transfer the buffer, which may be part of a larger one.
    if (!this.#isOver && bytes.length > 0) this.#controller?.enqueue(new Uint8Array(bytes));
  }

  end(): void {
    if (this.#isOver) return;
    this.#isEnding = true;
    this.#isOver = true;
    this.#controller?.close();
  }

  fail(error: unknown): void {
    if (this.#isOver && !this.#isEnding) return;
    this.#isOver = true;
    this.#isEnding = false;
    try {
      this.#controller?.error(error);
    } catch {
      // The reader was faster: the stream is closed.
    }
    this.#pulled();
  }

  drained(): Promise<void> | undefined {
    if (this.#isOver || (this.#controller?.desiredSize ?? 1) > 0) return undefined;
    this.#drain ??= Promise.withResolvers<void>();
    return this.#drain.promise;
  }

  #pulled(): void {
    const drain = this.#drain;
    this.#drain = undefined;
    drain?.resolve();
  }
}

/** A request body that a test sends in parts. */
export interface SlowBody {
  readonly body: ReadableStream<Uint8Array>;
  more(text: string): void;
  end(): void;
}

/** A request body that begins with `early ` and goes on as the test says. */
export function slowBody(): SlowBody {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
      given.enqueue(Buffer.from('early '));
    },
  });
  return {
    body,
    more: (text: string) => controller?.enqueue(Buffer.from(text)),
    end: () => controller?.close(),
  };
}

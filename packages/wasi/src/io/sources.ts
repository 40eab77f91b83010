import type { ByteSource } from './byte-source.js';
import { StreamFailure } from './error.js';
import { Gate } from './gate.js';

/** A source that has ended. */
export function emptySource(): ByteSource {
  return { read: () => undefined, ready: () => undefined, close() {} };
}

/** A source of exactly `bytes`, which must not change afterwards. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  let rest = bytes;
  return {
    read(max) {
      if (rest.length === 0) return undefined;
      const taken = rest.subarray(0, max);
      rest = rest.subarray(taken.length);
      return taken;
    },
    ready: () => undefined,
    close() {
      rest = new Uint8Array(0);
    },
  };
}

/**
 * A source that reads a web stream of `Uint8Array`, one chunk ahead at most and only when asked. Closing cancels the stream. An error of the
 * stream reaches the guest as "the stream failed", with the error as the reason that only the host sees.
 */
export function readableSource(stream: ReadableStream<Uint8Array>): ByteSource {
  const reader = stream.getReader();
  const gate = new Gate();
  let chunk: Uint8Array | undefined;
  let end: { readonly failure?: StreamFailure } | undefined;
  let isPulling = false;

  function finish(result: { readonly failure?: StreamFailure } = {}): void {
    end ??= result;
    gate.open();
  }

  function fail(reason: unknown): void {
    finish({ failure: new StreamFailure('the stream failed', reason) });
  }

  function pull(): void {
    if (isPulling || chunk !== undefined || end !== undefined) return;
    isPulling = true;
    reader.read().then(received, fail);
  }

  function received(result: { readonly done: boolean; readonly value?: unknown }): void {
    isPulling = false;
    if (end !== undefined) return;
    if (result.done) return finish();
    if (!(result.value instanceof Uint8Array)) {
      fail(new TypeError('a chunk of the stream is not a Uint8Array'));
      reader.cancel().catch(() => {});
      return;
    }
    if (result.value.length === 0) return pull();
    chunk = result.value;
    gate.open();
  }

  return {
    read(max) {
      if (chunk !== undefined) {
        const taken = chunk.subarray(0, max);
        chunk = taken.length === chunk.length ? undefined : chunk.subarray(taken.length);
        return taken;
      }
      if (end?.failure !== undefined) throw end.failure;
      if (end !== undefined) return undefined;
      pull();
      return new Uint8Array(0);
    },
    ready() {
      if (chunk !== undefined || end !== undefined) return undefined;
      pull();
      return gate.wait();
    },
    close() {
      chunk = undefined;
      const hasEnded = end !== undefined;
      finish();
      if (!hasEnded) reader.cancel().catch(() => {});
    },
  };
}

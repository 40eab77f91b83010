import type { ByteSource } from '@lodge/wasi/io';

/**
 * A byte source that reads an async iterable, one chunk ahead and only when asked. Closing it ends the iteration.
 *
 * @param translate Makes the error that the guest's stream breaks with.
 */
export function iterableSource(bytes: AsyncIterable<Uint8Array>, translate: (error: unknown) => unknown): ByteSource {
  const iterator = bytes[Symbol.asyncIterator]();
  let chunk: Uint8Array | undefined;
  let end: { readonly failure?: { readonly error: unknown } } | undefined;
  let pulling: Promise<void> | undefined;

  async function pull(): Promise<void> {
    try {
      for (;;) {
        const result = await iterator.next();
        if (end !== undefined) return;
        if (result.done === true) {
          end = {};
          return;
        }
        if (result.value.length === 0) continue;
        chunk = result.value;
        return;
      }
    } catch (error) {
      end ??= { failure: { error: translate(error) } };
    } finally {
      pulling = undefined;
    }
  }

  function wanted(): Promise<void> | undefined {
    if (chunk !== undefined || end !== undefined) return undefined;
    pulling ??= pull();
    return pulling;
  }

  return {
    read(max) {
      if (chunk === undefined) {
        if (end?.failure !== undefined) throw end.failure.error;
        if (end !== undefined) return undefined;
        wanted();
        return new Uint8Array(0);
      }
      const taken = chunk.subarray(0, max);
      chunk = taken.length === chunk.length ? undefined : chunk.subarray(taken.length);
      // The next chunk is on its way while the guest works on this one.
      wanted();
      return taken;
    },
    ready: wanted,
    close() {
      chunk = undefined;
      const hasEnded = end !== undefined;
      end ??= {};
      // An iteration that is running ends after its next chunk; one that is not ends now.
      if (!hasEnded) iterator.return?.().catch(() => {});
    },
  };
}

/** The bytes of a source, as they come, until it ends. Ending the iteration early closes nothing. */
export async function* sourceBytes(source: ByteSource, maxChunkBytes: number): AsyncGenerator<Uint8Array> {
  for (;;) {
    await source.ready();
    const bytes = source.read(maxChunkBytes);
    if (bytes === undefined) return;
    if (bytes.length > 0) yield bytes;
  }
}

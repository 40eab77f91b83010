import { describe, expect, test } from 'vitest';
import { StreamFailure } from './error.js';
import { byteCollector, writableSink } from './sinks.js';

/** A web stream whose writes the test ends, one by one. */
function slow(): {
  readonly stream: WritableStream<Uint8Array>;
  readonly writes: { readonly bytes: Uint8Array; readonly done: PromiseWithResolvers<void> }[];
  isClosed(): boolean;
} {
  const writes: { readonly bytes: Uint8Array; readonly done: PromiseWithResolvers<void> }[] = [];
  let isClosed = false;
  const stream = new WritableStream<Uint8Array>({
    write(bytes) {
      const done = Promise.withResolvers<void>();
      writes.push({ bytes, done });
      return done.promise;
    },
    close() {
      isClosed = true;
    },
  });
  return { stream, writes, isClosed: () => isClosed };
}

describe('byteCollector', () => {
  test('keeps what it gets, up to its bound', () => {
    const sink = byteCollector(3);
    sink.write(Uint8Array.of(1));
    expect(sink.capacity()).toBe(2);
    sink.write(Uint8Array.of(2, 3));
    expect(sink.capacity()).toBeUndefined();
    expect(sink.bytes()).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe('writableSink', () => {
  test('has less capacity for what is on its way, and waits for space', async () => {
    const { stream, writes } = slow();
    const sink = writableSink(stream, { maxBufferedBytes: 164 });
    expect(sink.ready()).toBeUndefined();
    sink.write(new Uint8Array(100));
    expect(sink.capacity()).toBe(0);
    const ready = sink.ready();
    expect(ready).toBeDefined();
    await new Promise(setImmediate);
    writes[0]?.done.resolve();
    await ready;
    expect(sink.capacity()).toBe(164);
  });

  test('many tiny writes use up the capacity too', () => {
    const sink = writableSink(slow().stream, { maxBufferedBytes: 1_000 });
    let writes = 0;
    while ((sink.capacity() ?? 0) > 0) {
      sink.write(new Uint8Array(1));
      writes++;
    }
    expect(writes).toBeLessThan(20);
  });

  test('streams that share it cannot add up their permits without bound', () => {
    const sink = writableSink(slow().stream, { maxBufferedBytes: 100 });
    expect(() => {
      for (let count = 0; count < 100; count++) sink.write(new Uint8Array(100));
    }).toThrow(StreamFailure);
  });

  test('a flush settles when what was written before it is out', async () => {
    const { stream, writes } = slow();
    const sink = writableSink(stream);
    expect(sink.flush()).toBeUndefined();
    sink.write(Uint8Array.of(1));
    const flush = sink.flush();
    sink.write(Uint8Array.of(2));
    await new Promise(setImmediate);
    writes[0]?.done.resolve();
    await flush;
    expect(writes.map(({ bytes }) => bytes[0])).toEqual([1, 2]);
  });

  test('an error of the stream fails the flush and all that follows, without its text', async () => {
    const { stream, writes } = slow();
    const sink = writableSink(stream);
    sink.write(Uint8Array.of(1));
    const flush = sink.flush();
    await new Promise(setImmediate);
    writes[0]?.done.reject(new Error('secret path'));
    await expect(flush).rejects.toThrow('the stream failed');
    expect(() => sink.capacity()).toThrow(StreamFailure);
    expect(() => sink.write(Uint8Array.of(1))).toThrow(StreamFailure);
    expect(sink.ready()).toBeUndefined();
  });

  test('closing it closes the stream', async () => {
    const { stream, isClosed } = slow();
    const sink = writableSink(stream);
    sink.close();
    await new Promise(setImmediate);
    expect(isClosed()).toBe(true);
    expect(sink.capacity()).toBeUndefined();
  });

  test('with preventClose closing it leaves the stream open and unlocked', async () => {
    const { stream, isClosed } = slow();
    const sink = writableSink(stream, { preventClose: true });
    sink.close();
    await new Promise(setImmediate);
    expect(sink.capacity()).toBeUndefined();
    expect(isClosed()).toBe(false);
    expect(stream.locked).toBe(false);
  });

  test('an error after closing is nobody’s concern', async () => {
    const { stream, writes } = slow();
    const sink = writableSink(stream);
    sink.write(Uint8Array.of(1));
    await new Promise(setImmediate);
    sink.close();
    writes[0]?.done.reject(new Error('late'));
    await new Promise(setImmediate);
    expect(sink.ready()).toBeUndefined();
  });
});

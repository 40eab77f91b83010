import { describe, expect, test } from 'vitest';
import { sharedSink, sharedSource } from './shared-streams.js';

describe('sharedSource', () => {
  test('locks the web stream with the first end, not before', () => {
    const stream = new ReadableStream<Uint8Array>();
    const shared = sharedSource(stream);
    expect(stream.locked).toBe(false);
    shared.open();
    expect(stream.locked).toBe(true);
  });

  test('each byte goes to whoever reads first, and all are woken', async () => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const shared = sharedSource(
      new ReadableStream<Uint8Array>({
        start(given) {
          controller = given;
        },
      }),
    );
    const [first, second] = [shared.open(), shared.open()];
    const waits = [first.ready(), second.ready()];
    controller?.enqueue(Uint8Array.of(1));
    await Promise.all(waits);
    expect(first.read(5)).toEqual(Uint8Array.of(1));
    expect(second.read(5)).toEqual(new Uint8Array(0));
  });

  test('closing one end lets go of its wait and leaves the others', async () => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const shared = sharedSource(
      new ReadableStream<Uint8Array>({
        start(given) {
          controller = given;
        },
      }),
    );
    const [first, second] = [shared.open(), shared.open()];
    const wait = first.ready();
    first.close();
    await wait;
    const other = second.ready();
    controller?.enqueue(Uint8Array.of(1));
    await other;
    expect(second.read(5)).toEqual(Uint8Array.of(1));
  });

  test('closing all cancels the web stream', async () => {
    const cancelled = Promise.withResolvers<void>();
    const shared = sharedSource(new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() }));
    const source = shared.open();
    shared.close();
    await cancelled.promise;
    expect(source.read(1)).toBeUndefined();
  });
});

describe('sharedSink', () => {
  test('many ends write to one web stream, and closing one leaves it open', async () => {
    const written: number[] = [];
    const shared = sharedSink(
      new WritableStream<Uint8Array>({
        write(bytes) {
          written.push(...bytes);
        },
      }),
    );
    const [first, second] = [shared.open(), shared.open()];
    first.write(Uint8Array.of(1));
    first.close();
    second.write(Uint8Array.of(2));
    await second.flush();
    expect(written).toEqual([1, 2]);
  });

  test('closing all unlocks the web stream and closes every end', async () => {
    const stream = new WritableStream<Uint8Array>();
    const shared = sharedSink(stream);
    const sink = shared.open();
    shared.close();
    expect(stream.locked).toBe(false);
    expect(sink.capacity()).toBeUndefined();
  });
});

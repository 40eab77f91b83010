import { describe, expect, test } from 'vitest';
import { StreamFailure } from './error.js';
import { bytesSource, emptySource, readableSource } from './sources.js';

/** A web stream that the test feeds. */
function fed(): {
  readonly stream: ReadableStream<Uint8Array>;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  readonly cancelled: Promise<unknown>;
  pulls(): number;
} {
  const cancelled = Promise.withResolvers<unknown>();
  let pulls = 0;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
      },
      pull() {
        pulls++;
      },
      cancel(reason) {
        cancelled.resolve(reason);
      },
    },
    { highWaterMark: 0 },
  );
  if (controller === undefined) throw new Error('the stream did not start');
  return { stream, controller, cancelled: cancelled.promise, pulls: () => pulls };
}

describe('bytesSource', () => {
  test('gives its bytes in pieces, then ends', () => {
    const source = bytesSource(Uint8Array.of(1, 2, 3));
    expect(source.ready()).toBeUndefined();
    expect(source.read(2)).toEqual(Uint8Array.of(1, 2));
    expect(source.read(0)).toEqual(new Uint8Array(0));
    expect(source.read(2)).toEqual(Uint8Array.of(3));
    expect(source.read(2)).toBeUndefined();
  });

  test('has nothing left when closed', () => {
    const source = bytesSource(Uint8Array.of(1, 2, 3));
    source.close();
    expect(source.read(1)).toBeUndefined();
  });
});

test('emptySource has ended', () => {
  expect(emptySource().read(1)).toBeUndefined();
  expect(emptySource().ready()).toBeUndefined();
});

describe('readableSource', () => {
  test('reads chunk by chunk and keeps the rest of a chunk', async () => {
    const { stream, controller } = fed();
    const source = readableSource(stream);
    expect(source.read(10)).toEqual(new Uint8Array(0));
    controller.enqueue(Uint8Array.of(1, 2, 3));
    await source.ready();
    expect(source.ready()).toBeUndefined();
    expect(source.read(2)).toEqual(Uint8Array.of(1, 2));
    expect(source.read(2)).toEqual(Uint8Array.of(3));
    expect(source.read(2)).toEqual(new Uint8Array(0));
  });

  test('asks the stream for nothing until it is read', async () => {
    const { stream, pulls } = fed();
    const source = readableSource(stream);
    await new Promise(setImmediate);
    expect(pulls()).toBe(0);
    source.ready();
    await new Promise(setImmediate);
    expect(pulls()).toBe(1);
  });

  test('ends with the stream', async () => {
    const { stream, controller } = fed();
    const source = readableSource(stream);
    const ready = source.ready();
    controller.close();
    await ready;
    expect(source.read(1)).toBeUndefined();
  });

  test('skips empty chunks', async () => {
    const { stream, controller } = fed();
    const source = readableSource(stream);
    const ready = source.ready();
    controller.enqueue(new Uint8Array(0));
    controller.enqueue(Uint8Array.of(1));
    await ready;
    expect(source.read(5)).toEqual(Uint8Array.of(1));
  });

  test('gives the same promise while it waits', () => {
    const source = readableSource(fed().stream);
    expect(source.ready()).toBe(source.ready());
  });

  test.each([new Error('secret path'), undefined])(
    'an error of the stream (%s) is a failure without its text',
    async (error) => {
      const { stream, controller } = fed();
      const source = readableSource(stream);
      const ready = source.ready();
      controller.error(error);
      await ready;
      expect(() => source.read(1)).toThrow(new StreamFailure('the stream failed', error));
    },
  );

  test('a chunk that is no Uint8Array is a failure and cancels the stream', async () => {
    const { stream, controller, cancelled } = fed();
    const source = readableSource(stream);
    const ready = source.ready();
    controller.enqueue('text' as unknown as Uint8Array);
    await ready;
    expect(() => source.read(1)).toThrow(StreamFailure);
    await cancelled;
  });

  test('closing cancels the stream and lets go of who waits', async () => {
    const { stream, cancelled } = fed();
    const source = readableSource(stream);
    const ready = source.ready();
    source.close();
    await Promise.all([ready, cancelled]);
    expect(source.read(1)).toBeUndefined();
  });
});

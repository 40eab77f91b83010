import { describe, expect, test } from 'vitest';
import { StreamFailure } from './error.js';
import { bytePipe } from './pipe.js';

describe('bytePipe', () => {
  test('gives out what was put in, in order', () => {
    const { sink, source } = bytePipe();
    sink.write(Uint8Array.of(1, 2, 3));
    sink.write(Uint8Array.of(4));
    expect(source.read(2)).toEqual(Uint8Array.of(1, 2));
    expect(source.read(2)).toEqual(Uint8Array.of(3));
    expect(source.read(2)).toEqual(Uint8Array.of(4));
    expect(source.read(2)).toEqual(new Uint8Array(0));
  });

  test('a full pipe makes the writer wait until something is read', async () => {
    const { sink, source } = bytePipe(100);
    sink.write(new Uint8Array(100));
    expect(sink.capacity()).toBe(0);
    const ready = sink.ready();
    expect(ready).toBeDefined();
    source.read(100);
    await ready;
    expect(sink.capacity()).toBe(100);
  });

  test('many tiny writes fill it too', () => {
    const { sink } = bytePipe(1_000);
    let writes = 0;
    while ((sink.capacity() ?? 0) > 0) {
      sink.write(new Uint8Array(1));
      writes++;
    }
    expect(writes).toBeLessThan(20);
  });

  test('an empty pipe makes the reader wait until something is written', async () => {
    const { sink, source } = bytePipe();
    const ready = source.ready();
    expect(source.ready()).toBe(ready);
    sink.write(Uint8Array.of(1));
    await ready;
    expect(source.ready()).toBeUndefined();
  });

  test('closing the sink ends the source after the last byte', async () => {
    const { sink, source } = bytePipe();
    sink.write(Uint8Array.of(1));
    sink.close();
    expect(source.read(5)).toEqual(Uint8Array.of(1));
    expect(source.read(5)).toBeUndefined();
    expect(source.ready()).toBeUndefined();
  });

  test('closing the source closes the sink and ends its flush', async () => {
    const { sink, source } = bytePipe();
    sink.write(Uint8Array.of(1));
    const flush = sink.flush();
    source.close();
    await flush;
    expect(sink.capacity()).toBeUndefined();
    expect(sink.ready()).toBeUndefined();
  });

  test('a flush waits until all is read', async () => {
    const { sink, source } = bytePipe();
    expect(sink.flush()).toBeUndefined();
    sink.write(Uint8Array.of(1, 2));
    let isDone = false;
    const flush = Promise.resolve(sink.flush()).then(() => {
      isDone = true;
    });
    source.read(1);
    await new Promise(setImmediate);
    expect(isDone).toBe(false);
    source.read(1);
    await flush;
  });

  test('a failure breaks both ends and wakes who waits', async () => {
    const pipe = bytePipe();
    const ready = pipe.source.ready();
    pipe.fail(new StreamFailure('reset'));
    await ready;
    expect(() => pipe.source.read(1)).toThrow('reset');
    expect(() => pipe.sink.capacity()).toThrow('reset');
    expect(() => pipe.sink.flush()).toThrow('reset');
  });

  test('a failure fails a flush that waits', async () => {
    const pipe = bytePipe();
    pipe.sink.write(Uint8Array.of(1));
    const flush = pipe.sink.flush();
    pipe.fail(new StreamFailure('reset'));
    await expect(flush).rejects.toThrow('reset');
  });
});

import { WitError } from '@lodge/core';
import { describe, expect, test } from 'vitest';
import type { ByteSink } from './byte-sink.js';
import { StreamFailure } from './error.js';
import { Gate } from './gate.js';
import { inputStream } from './input-stream.js';
import { outputStream } from './output-stream.js';
import { bytePipe } from './pipe.js';
import { byteCollector } from './sinks.js';
import { bytesSource, emptySource } from './sources.js';
import { nextTurn } from './turn.js';

const u64Max = 0xffff_ffff_ffff_ffffn;
const closed = { payload: { tag: 'closed' } };
const failed = { payload: { tag: 'last-operation-failed' } };

function errorOf(operation: () => unknown): unknown {
  try {
    operation();
  } catch (error) {
    return error;
  }
  throw new Error('the operation did not fail');
}

/** A sink whose flushes the test ends. */
class SlowSink implements ByteSink {
  readonly gate: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  closes = 0;
  written = 0;

  capacity(): number {
    return 100;
  }

  write(bytes: Uint8Array): void {
    this.written += bytes.length;
  }

  flush(): Promise<void> {
    return this.gate.promise;
  }

  ready(): undefined {
    return undefined;
  }

  close(): void {
    this.closes++;
  }
}

describe('output-stream', () => {
  test('writes what check-write allows', () => {
    const sink = byteCollector(10);
    const stream = outputStream(sink);
    expect(stream.checkWrite()).toBe(10n);
    stream.write(Uint8Array.of(1, 2));
    stream.write(Uint8Array.of(3));
    expect(stream.checkWrite()).toBe(7n);
    expect(sink.bytes()).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('a write beyond the permit traps', () => {
    const stream = outputStream(byteCollector(4));
    stream.checkWrite();
    stream.write(new Uint8Array(3));
    const error = errorOf(() => stream.write(new Uint8Array(2)));
    expect(WitError.is(error)).toBe(false);
    expect(error).toMatchObject({ message: expect.stringContaining('check-write') });
  });

  test('a write without check-write traps', () => {
    expect(() => outputStream(byteCollector(4)).write(new Uint8Array(1))).toThrow(/check-write/);
  });

  test('zeroes beyond the permit trap, whatever their number', () => {
    const stream = outputStream(byteCollector(100));
    stream.checkWrite();
    expect(() => stream.writeZeroes(101n)).toThrow(/check-write/);
    expect(() => stream.writeZeroes(u64Max)).toThrow(/check-write/);
    stream.writeZeroes(100n);
  });

  test('write-zeroes writes zeroes', () => {
    const sink = byteCollector(4);
    const stream = outputStream(sink);
    stream.checkWrite();
    stream.writeZeroes(3n);
    expect(sink.bytes()).toEqual(new Uint8Array(3));
  });

  test('a closed sink closes the stream', () => {
    const stream = outputStream(byteCollector(1));
    stream.checkWrite();
    stream.write(new Uint8Array(1));
    expect(errorOf(() => stream.write(new Uint8Array(1)))).toMatchObject(closed);
    expect(errorOf(() => stream.checkWrite())).toMatchObject(closed);
    expect(errorOf(() => stream.flush())).toMatchObject(closed);
    expect(errorOf(() => stream.blockingFlush())).toMatchObject(closed);
    expect(errorOf(() => stream.blockingWriteAndFlush(new Uint8Array(1)))).toMatchObject(closed);
  });

  test('a blocking write of up to 4096 bytes answers without a promise when nothing waits', () => {
    const sink = byteCollector(10_000);
    const stream = outputStream(sink);
    expect(stream.blockingWriteAndFlush(new Uint8Array(4096))).toBeUndefined();
    expect(stream.blockingWriteZeroesAndFlush(4096n)).toBeUndefined();
    expect(sink.bytes()).toHaveLength(8192);
  });

  test('a blocking write of more than 4096 bytes traps', () => {
    const stream = outputStream(byteCollector(10_000));
    expect(() => stream.blockingWriteAndFlush(new Uint8Array(4097))).toThrow(/at most 4096/);
    expect(() => stream.blockingWriteZeroesAndFlush(4097n)).toThrow(/at most 4096/);
    expect(() => stream.blockingWriteZeroesAndFlush(u64Max)).toThrow(/at most 4096/);
  });

  test('a blocking write that fills the sink is not a failure', () => {
    const stream = outputStream(byteCollector(4));
    expect(stream.blockingWriteAndFlush(new Uint8Array(4))).toBeUndefined();
  });

  test('a blocking write waits for space, piece by piece, and for its flush', async () => {
    const pipe = bytePipe(100);
    const stream = outputStream(pipe.sink);
    let isDone = false;
    const write = Promise.resolve(stream.blockingWriteAndFlush(new Uint8Array(250).fill(9))).then(() => {
      isDone = true;
    });
    let read = 0;
    while (read < 250) {
      expect(isDone).toBe(false);
      await pipe.source.ready();
      read += pipe.source.read(60)?.length ?? 0;
    }
    await write;
    expect(read).toBe(250);
  });

  test('while a flush runs check-write allows nothing and the pollable is not ready', async () => {
    const sink = new SlowSink();
    const stream = outputStream(sink);
    const handle = stream.subscribe();
    expect(stream.checkWrite()).toBe(100n);
    stream.flush();
    expect(stream.checkWrite()).toBe(0n);
    expect(() => stream.write(new Uint8Array(1))).toThrow(/check-write/);
    const blocked = handle.block();
    expect(handle.ready()).toBe(false);
    sink.gate.resolve();
    await blocked;
    expect(stream.checkWrite()).toBe(100n);
  });

  test('blocking-flush waits for the flush', async () => {
    const sink = new SlowSink();
    const flush = outputStream(sink).blockingFlush();
    expect(flush).toBeInstanceOf(Promise);
    sink.gate.resolve();
    await flush;
  });

  test('a failed flush is told once, then the stream is closed', async () => {
    const sink = new SlowSink();
    const stream = outputStream(sink);
    stream.flush();
    const blocked = stream.subscribe().block();
    sink.gate.reject(new StreamFailure('disk full'));
    await blocked;
    expect(errorOf(() => stream.checkWrite())).toMatchObject(failed);
    expect(errorOf(() => stream.checkWrite())).toMatchObject(closed);
    expect(sink.closes).toBe(1);
  });

  test('a failed flush fails the blocking write', async () => {
    const sink = new SlowSink();
    const write = outputStream(sink).blockingWriteAndFlush(new Uint8Array(1));
    sink.gate.reject(new StreamFailure('disk full'));
    await expect(write).rejects.toMatchObject(failed);
  });

  test('a failure while writing reaches the guest', () => {
    const stream = outputStream({
      ...byteCollector(10),
      write() {
        throw new StreamFailure('broken pipe');
      },
    });
    expect(errorOf(() => stream.blockingWriteAndFlush(new Uint8Array(1)))).toMatchObject(failed);
    expect(errorOf(() => stream.checkWrite())).toMatchObject(closed);
  });

  test('any other error of the sink comes out as it is, to trap the guest', () => {
    const stream = outputStream({
      ...byteCollector(10),
      capacity() {
        throw new TypeError('a bug of the host');
      },
    });
    expect(() => stream.checkWrite()).toThrow(TypeError);
  });

  test('splice moves what both sides allow', () => {
    const sink = byteCollector(5);
    const stream = outputStream(sink);
    const source = inputStream(bytesSource(Uint8Array.of(1, 2, 3, 4, 5, 6, 7)));
    expect(stream.splice(source, 2n)).toBe(2n);
    expect(stream.splice(source, u64Max)).toBe(3n);
    expect(sink.bytes()).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
    expect(source.read(10n)).toEqual(Uint8Array.of(6, 7));
  });

  test('splice moves nothing when nothing is there or nothing is taken', () => {
    const full = bytePipe(100);
    full.sink.write(new Uint8Array(100));
    expect(outputStream(byteCollector(5)).splice(inputStream(bytePipe().source), 5n)).toBe(0n);
    expect(outputStream(full.sink).splice(inputStream(bytesSource(new Uint8Array(5))), 5n)).toBe(0n);
  });

  test('splice from a stream that has ended is closed', () => {
    const stream = outputStream(byteCollector(5));
    expect(errorOf(() => stream.splice(inputStream(emptySource()), 5n))).toMatchObject(closed);
    expect(stream.checkWrite()).toBe(5n);
  });

  test('blocking-splice waits for space and for bytes', async () => {
    const from = bytePipe(100);
    const to = bytePipe(100);
    to.sink.write(new Uint8Array(100));
    const moved = outputStream(to.sink).blockingSplice(inputStream(from.source), u64Max);
    expect(moved).toBeInstanceOf(Promise);
    to.source.read(100);
    from.sink.write(Uint8Array.of(1, 2, 3));
    expect(await moved).toBe(3n);
    expect(to.source.read(10)).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('blocking-splice answers without a promise when both sides are ready', () => {
    const moved = outputStream(byteCollector(9)).blockingSplice(inputStream(bytesSource(new Uint8Array(3))), 9n);
    expect(moved).toBe(3n);
  });

  test('who waits looks again only when there is news', async () => {
    const from = bytePipe();
    const to = bytePipe(100);
    to.sink.write(new Uint8Array(100));
    let looks = 0;
    const source = inputStream({
      ...from.source,
      read(max) {
        looks++;
        return from.source.read(max);
      },
    });
    const sink = {
      ...to.sink,
      capacity() {
        looks++;
        return to.sink.capacity();
      },
    };
    const moved = outputStream(sink).blockingSplice(source, 5n);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(looks).toBeLessThan(5);
    to.source.read(100);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(looks).toBeLessThan(10);
    from.sink.write(Uint8Array.of(1));
    expect(await moved).toBe(1n);
  });

  test('a sink that claims to be ready but takes nothing starves nobody', async () => {
    let capacity: number | undefined = 0;
    const stream = outputStream({ ...byteCollector(1), capacity: () => capacity, ready: () => undefined });
    const write = stream.blockingWriteAndFlush(new Uint8Array(1));
    await new Promise((resolve) => setTimeout(resolve, 0));
    capacity = undefined;
    await expect(write).rejects.toMatchObject(closed);
  });

  test('its pollable becomes ready when there is space again', async () => {
    const gate = new Gate();
    let capacity = 0;
    const stream = outputStream({
      ...byteCollector(1),
      capacity: () => capacity,
      ready: () => (capacity > 0 ? undefined : gate.wait()),
    });
    const handle = stream.subscribe();
    expect(handle.ready()).toBe(false);
    const blocked = handle.block();
    capacity = 8;
    gate.open();
    await blocked;
    expect(stream.checkWrite()).toBe(8n);
  });

  test('dropping it closes the sink once; it cannot be used afterwards', () => {
    const sink = new SlowSink();
    const stream = outputStream(sink);
    stream[Symbol.dispose]();
    stream[Symbol.dispose]();
    expect(sink.closes).toBe(1);
    expect(() => stream.checkWrite()).toThrow(/dropped/);
    expect(() => stream.write(new Uint8Array(1))).toThrow(/dropped/);
    expect(() => stream.flush()).toThrow(/dropped/);
    expect(() => stream.checkWrite()).toThrow(/dropped/);
  });

  test('dropping it before its pollable traps, but lets go of the sink', () => {
    const sink = new SlowSink();
    const stream = outputStream(sink);
    const handle = stream.subscribe();
    expect(() => stream[Symbol.dispose]()).toThrow(/before its pollables/);
    expect(sink.closes).toBe(1);
    handle[Symbol.dispose]();
  });
});

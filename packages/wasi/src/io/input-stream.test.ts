import { WitError } from '@lodge/core';
import { describe, expect, test } from 'vitest';
import type { ByteSource } from './byte-source.js';
import { IoError, StreamFailure } from './error.js';
import { InputStream, inputStream } from './input-stream.js';
import { bytePipe } from './pipe.js';
import { createPoll } from './poll.js';
import { bytesSource, emptySource } from './sources.js';
import { nextTurn } from './turn.js';

const u64Max = 0xffff_ffff_ffff_ffffn;

function payloadOf(operation: () => unknown): unknown {
  try {
    operation();
  } catch (error) {
    if (WitError.is(error)) return error.payload;
    throw error;
  }
  throw new Error('the operation did not fail');
}

describe('input-stream', () => {
  test('reads what is there, then is closed', () => {
    const stream = inputStream(bytesSource(Uint8Array.of(1, 2, 3)));
    expect(stream.read(2n)).toEqual(Uint8Array.of(1, 2));
    expect(stream.blockingRead(2n)).toEqual(Uint8Array.of(3));
    expect(payloadOf(() => stream.read(2n))).toEqual({ tag: 'closed' });
    expect(payloadOf(() => stream.blockingRead(2n))).toEqual({ tag: 'closed' });
    expect(payloadOf(() => stream.skip(2n))).toEqual({ tag: 'closed' });
  });

  test('reads nothing while nothing is there', () => {
    expect(inputStream(bytePipe().source).read(10n)).toEqual(new Uint8Array(0));
  });

  test('a length of 2^64 - 1 reads at most 1 MiB', () => {
    const stream = inputStream(bytesSource(new Uint8Array(3_000_000)));
    expect(stream.read(u64Max)).toHaveLength(1_048_576);
    expect(stream.skip(u64Max)).toBe(1_048_576n);
    expect(stream.read(u64Max)).toHaveLength(3_000_000 - 2 * 1_048_576);
  });

  test('a blocking read waits for bytes', async () => {
    const pipe = bytePipe();
    const stream = inputStream(pipe.source);
    const bytes = stream.blockingRead(10n);
    expect(bytes).toBeInstanceOf(Promise);
    pipe.sink.write(Uint8Array.of(7));
    expect(await bytes).toEqual(Uint8Array.of(7));
  });

  test('a blocking read looks again only when there is news', async () => {
    const { sink, source } = bytePipe();
    let looks = 0;
    const stream = inputStream({
      ...source,
      read(max) {
        looks++;
        return source.read(max);
      },
    });
    const bytes = stream.blockingRead(10n);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(looks).toBe(1);
    sink.write(Uint8Array.of(7));
    await bytes;
    expect(looks).toBe(2);
  });

  test('a blocking skip waits for bytes', async () => {
    const pipe = bytePipe();
    const stream = inputStream(pipe.source);
    const skipped = stream.blockingSkip(1n);
    pipe.sink.write(Uint8Array.of(7, 8));
    expect(await skipped).toBe(1n);
    expect(stream.blockingSkip(5n)).toBe(1n);
  });

  test('a blocking read ends with the stream', async () => {
    const pipe = bytePipe();
    const bytes = inputStream(pipe.source).blockingRead(10n);
    pipe.sink.close();
    await expect(bytes).rejects.toMatchObject({ payload: { tag: 'closed' } });
  });

  test('a blocking read of no bytes waits until the stream is ready', async () => {
    const pipe = bytePipe();
    const bytes = inputStream(pipe.source).blockingRead(0n);
    expect(bytes).toBeInstanceOf(Promise);
    pipe.sink.write(Uint8Array.of(1));
    expect(await bytes).toEqual(new Uint8Array(0));
  });

  test('a failure is told once, as last-operation-failed with its message, and closes the stream', () => {
    const pipe = bytePipe();
    const stream = inputStream(pipe.source);
    pipe.fail(new StreamFailure('the peer went away', { code: 'reset' }));
    const payload = payloadOf(() => stream.read(1n)) as { tag: string; val: IoError };
    expect(payload.tag).toBe('last-operation-failed');
    expect(payload.val).toBeInstanceOf(IoError);
    expect(payload.val.toDebugString()).toBe('the peer went away');
    expect(payload.val.reason).toEqual({ code: 'reset' });
    expect(payloadOf(() => stream.read(1n))).toEqual({ tag: 'closed' });
  });

  test('a failure ends a blocking read', async () => {
    const pipe = bytePipe();
    const bytes = inputStream(pipe.source).blockingRead(1n);
    pipe.fail(new StreamFailure('gone'));
    await expect(bytes).rejects.toMatchObject({ payload: { tag: 'last-operation-failed' } });
  });

  test('any other error of the source comes out as it is, to trap the guest', () => {
    const source: ByteSource = {
      ...emptySource(),
      read() {
        throw new TypeError('a bug of the host');
      },
    };
    expect(() => inputStream(source).read(1n)).toThrow(TypeError);
  });

  test('a source that claims to be ready but gives nothing starves nobody', async () => {
    let reads = 0;
    const source: ByteSource = {
      read() {
        reads++;
        return reads > 1_000_000 ? undefined : new Uint8Array(0);
      },
      ready: () => undefined,
      close() {},
    };
    const bytes = inputStream(source).blockingRead(1n);
    await new Promise((resolve) => setTimeout(resolve, 0));
    reads = 1_000_001;
    await expect(bytes).rejects.toMatchObject({ payload: { tag: 'closed' } });
  });

  test('its pollable is ready when there are bytes', async () => {
    const pipe = bytePipe();
    const stream = inputStream(pipe.source);
    const answer = createPoll()([stream.subscribe()]);
    expect(answer).toBeInstanceOf(Promise);
    pipe.sink.write(Uint8Array.of(1));
    expect(await answer).toEqual(Uint32Array.of(0));
    expect(stream.subscribe().ready()).toBe(true);
    stream.read(1n);
    expect(stream.subscribe().ready()).toBe(false);
  });

  test('its pollable is ready at the end of the stream', async () => {
    const pipe = bytePipe();
    const stream = inputStream(pipe.source);
    const blocked = stream.subscribe().block();
    pipe.sink.close();
    await blocked;
    expect(payloadOf(() => stream.read(1n))).toEqual({ tag: 'closed' });
    expect(stream.subscribe().ready()).toBe(true);
  });

  test('dropping it closes the source once', () => {
    let closes = 0;
    const source: ByteSource = { ...bytesSource(Uint8Array.of(1)), close: () => void closes++ };
    const stream = inputStream(source);
    stream[Symbol.dispose]();
    stream[Symbol.dispose]();
    expect(closes).toBe(1);
  });

  test('the end of the stream closes the source once', () => {
    let closes = 0;
    const stream = inputStream({ ...emptySource(), close: () => void closes++ });
    payloadOf(() => stream.read(1n));
    stream[Symbol.dispose]();
    expect(closes).toBe(1);
  });

  test('cannot be used after it was dropped', () => {
    const stream = inputStream(bytesSource(Uint8Array.of(1)));
    stream[Symbol.dispose]();
    expect(() => stream.read(1n)).toThrow(/dropped/);
    expect(() => stream.blockingRead(1n)).toThrow(/dropped/);
    expect(() => stream.read(1n)).toThrow(/dropped/);
  });

  test('dropping it before its pollable traps, but lets go of the source', () => {
    let closes = 0;
    const stream = inputStream({ ...bytePipe().source, close: () => void closes++ });
    const handle = stream.subscribe();
    expect(() => stream[Symbol.dispose]()).toThrow(/before its pollables/);
    expect(closes).toBe(1);
    expect(handle.ready()).toBe(true);
  });

  test('dropping it after its pollable is in order', () => {
    const stream = inputStream(bytePipe().source);
    const handle = stream.subscribe();
    handle[Symbol.dispose]();
    expect(() => stream[Symbol.dispose]()).not.toThrow();
  });

  test('is an instance of the class that the interface exports', () => {
    expect(inputStream(emptySource())).toBeInstanceOf(InputStream);
  });
});

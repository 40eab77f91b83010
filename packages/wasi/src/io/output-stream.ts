import { GuestFault } from '@lodge/core';
import type { ByteSink } from './byte-sink.js';
import { closedError, streamError } from './error.js';
import type { InputStream } from './input-stream.js';
import { type Pollable, Waitable } from './pollable.js';
import { nextTurn, settled } from './turn.js';

/** Bytes that `blocking-write-and-flush` and `blocking-write-zeroes-and-flush` take at most, as WASI states. */
const maxBlockingWriteBytes = 4096;

/** `wasi:io/streams`, `resource output-stream`, over a {@link ByteSink}. */
export class OutputStream {
  #sink: ByteSink;
  #waitable: Waitable | undefined;
  /** Bytes that the last `check-write` allowed and no `write` has used. */
  #permit = 0;
  #flush: PromiseLike<void> | undefined;
  /** Why the last flush failed, until an operation has told the guest. */
  #failure: { readonly error: unknown } | undefined;

  /** Made by {@link outputStream}. */
  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** `check-write: func() -> result<u64, stream-error>` */
  checkWrite(): bigint {
    return BigInt(this.#check());
  }

  /** `write: func(contents: list<u8>) -> result<_, stream-error>`. @throws Error beyond what `check-write` allowed. */
  write(contents: Uint8Array): void {
    this.#throwFailure();
    if (contents.length > this.#permit) throw this.#denied();
    this.#put(contents);
  }

  /** `write-zeroes: func(len: u64) -> result<_, stream-error>`. @throws Error beyond what `check-write` allowed. */
  writeZeroes(len: bigint): void {
    this.#throwFailure();
    if (len > this.#permit) throw this.#denied();
    this.#put(new Uint8Array(Number(len)));
  }

  /**
   * `blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>`. A promise only when it must wait.
   *
   * @throws Error for more than 4096 bytes.
   */
  blockingWriteAndFlush(contents: Uint8Array): void | Promise<void> {
    if (contents.length > maxBlockingWriteBytes) throw tooMuchAtOnce('blocking-write-and-flush');
    if (this.#check() < contents.length) return this.#writeInPieces(contents);
    this.#put(contents);
    return this.blockingFlush();
  }

  /**
   * `blocking-write-zeroes-and-flush: func(len: u64) -> result<_, stream-error>`. A promise only when it must wait.
   *
   * @throws Error for more than 4096 bytes.
   */
  blockingWriteZeroesAndFlush(len: bigint): void | Promise<void> {
    if (len > maxBlockingWriteBytes) throw tooMuchAtOnce('blocking-write-zeroes-and-flush');
    return this.blockingWriteAndFlush(new Uint8Array(Number(len)));
  }

  /** `flush: func() -> result<_, stream-error>`. Until it is done `check-write` allows nothing. */
  flush(): void {
    this.#throwFailure();
    if (this.#sink === closedSink) throw closedError();
    if (this.#flush !== undefined) return;
    let flush: PromiseLike<void> | undefined;
    try {
      flush = this.#sink.flush();
    } catch (error) {
      throw this.#broken(error);
    }
    if (flush !== undefined) this.#awaitFlush(flush);
  }

  /** `blocking-flush: func() -> result<_, stream-error>`. A promise only when it must wait. */
  blockingFlush(): void | Promise<void> {
    this.flush();
    if (this.#flush !== undefined) return this.#flushed();
  }

  /** `splice: func(src: borrow<input-stream>, len: u64) -> result<u64, stream-error>` */
  splice(src: InputStream, len: bigint): bigint {
    const capacity = this.#check();
    const max = len < capacity ? len : BigInt(capacity);
    if (max === 0n) return 0n;
    const bytes = src.read(max);
    if (bytes.length > 0) this.#put(bytes);
    return BigInt(bytes.length);
  }

  /** `blocking-splice: func(src: borrow<input-stream>, len: u64) -> result<u64, stream-error>`. A promise only when it must wait. */
  blockingSplice(src: InputStream, len: bigint): bigint | Promise<bigint> {
    const moved = this.splice(src, len);
    return moved > 0n || len === 0n ? moved : this.#spliceWhenReady(src, len);
  }

  /** `subscribe: func() -> pollable` */
  subscribe(): Pollable {
    this.#waitable ??= new Waitable(this);
    return this.#waitable.subscribe();
  }

  /** Whether `check-write` would answer with a permit, the end or a failure. For the host; guests have `subscribe`. */
  isReady(): boolean {
    return this.#flush === undefined && (this.#failure !== undefined || this.#sink.ready() === undefined);
  }

  /** Settles when that may be so. For the host. */
  whenReady(): Promise<void> {
    return settled(this.#flush ?? this.#sink.ready());
  }

  /**
   * Closes the sink.
   *
   * @throws Error when pollables of the stream are still there: children go before their parent.
   */
  [Symbol.dispose](): void {
    this.#permit = 0;
    this.#failure = undefined;
    this.#replaceSink(droppedSink);
    if (this.#waitable !== undefined && this.#waitable.handles > 0) {
      throw new GuestFault('an output-stream was dropped before its pollables');
    }
  }

  #check(): number {
    this.#throwFailure();
    if (this.#flush !== undefined) return 0;
    const capacity = this.#capacity();
    if (capacity === undefined) {
      this.#end();
      throw closedError();
    }
    this.#permit = capacity;
    return capacity;
  }

  #capacity(): number | undefined {
    try {
      return this.#sink.capacity();
    } catch (error) {
      throw this.#broken(error);
    }
  }

  #put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#permit -= bytes.length;
    try {
      this.#sink.write(bytes);
    } catch (error) {
      throw this.#broken(error);
    }
  }

  /** What a write without a permit ends with: a stream that has closed meanwhile says so, any other guest is at fault. */
  #denied(): Error {
    if (this.#flush !== undefined || this.#capacity() !== undefined) {
      return new GuestFault('a write to an output-stream was longer than check-write allowed');
    }
    this.#end();
    return closedError();
  }

  async #writeInPieces(contents: Uint8Array): Promise<void> {
    for (let rest = contents; ; ) {
      const size = Math.min(await this.#checkWhenReady(), rest.length);
      this.#put(rest.subarray(0, size));
      rest = rest.subarray(size);
      if (rest.length === 0) break;
    }
    await this.blockingFlush();
  }

  #awaitFlush(flush: PromiseLike<void>): void {
    this.#permit = 0;
    this.#flush = flush;
    flush.then(
      () => {
        this.#flush = undefined;
      },
      (error: unknown) => {
        this.#flush = undefined;
        this.#failure = { error };
      },
    );
  }

  async #flushed(): Promise<void> {
    await settled(this.#flush);
    this.#throwFailure();
  }

  async #checkWhenReady(): Promise<number> {
    for (;;) {
      await this.whenReady();
      const capacity = this.#check();
      if (capacity > 0) return capacity;
      // Woken for nothing: let the loop turn, so that a sink that cries wolf starves nobody.
      await nextTurn();
    }
  }

  async #spliceWhenReady(src: InputStream, len: bigint): Promise<bigint> {
    for (;;) {
      await this.#checkWhenReady();
      await src.whenReady();
      const moved = this.splice(src, len);
      if (moved > 0n) return moved;
      await nextTurn();
    }
  }

  #throwFailure(): void {
    const failure = this.#failure;
    if (failure === undefined) return;
    this.#failure = undefined;
    throw this.#broken(failure.error);
  }

  /** Ends the stream; the error for the guest. */
  #broken(error: unknown): unknown {
    this.#end();
    return streamError(error);
  }

  #end(): void {
    this.#permit = 0;
    if (this.#sink !== droppedSink) this.#replaceSink(closedSink);
  }

  #replaceSink(next: ByteSink): void {
    const sink = this.#sink;
    this.#sink = next;
    sink.close();
  }
}

/** An output stream for a guest that writes to `sink`. */
export function outputStream(sink: ByteSink): OutputStream {
  return new OutputStream(sink);
}

const closedSink: ByteSink = {
  capacity: () => undefined,
  write() {},
  flush: () => undefined,
  ready: () => undefined,
  close() {},
};

function useAfterDrop(): never {
  throw new GuestFault('an output-stream was used after it was dropped');
}

const droppedSink: ByteSink = {
  capacity: useAfterDrop,
  write: useAfterDrop,
  flush: useAfterDrop,
  ready: () => undefined,
  close() {},
};

function tooMuchAtOnce(name: string): Error {
  return new GuestFault(`${name} takes at most ${maxBlockingWriteBytes} bytes`);
}

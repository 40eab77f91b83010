import { GuestFault } from '@lodge/core';
import type { ByteSource } from './byte-source.js';
import { closedError, streamError } from './error.js';
import { type Pollable, Waitable } from './pollable.js';
import { nextTurn, settled } from './turn.js';

/** Bytes one read gives at most, whatever the guest asks for: 1 MiB. */
const maxReadBytes = 1_048_576;

/** `wasi:io/streams`, `resource input-stream`, over a {@link ByteSource}. */
export class InputStream {
  #source: ByteSource;
  #waitable: Waitable | undefined;

  /** Made by {@link inputStream}. */
  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** `read: func(len: u64) -> result<list<u8>, stream-error>`. At most 1 MiB at once. */
  read(len: bigint): Uint8Array {
    return this.#take(toReadSize(len));
  }

  /** `blocking-read: func(len: u64) -> result<list<u8>, stream-error>`. A promise only when it must wait. */
  blockingRead(len: bigint): Uint8Array | Promise<Uint8Array> {
    const max = toReadSize(len);
    const bytes = this.#take(max);
    if (bytes.length > 0 || (max === 0 && this.isReady())) return bytes;
    return this.#takeWhenReady(max);
  }

  /** `skip: func(len: u64) -> result<u64, stream-error>` */
  skip(len: bigint): bigint {
    return BigInt(this.#take(toReadSize(len)).length);
  }

  /** `blocking-skip: func(len: u64) -> result<u64, stream-error>`. A promise only when it must wait. */
  blockingSkip(len: bigint): bigint | Promise<bigint> {
    const bytes = this.blockingRead(len);
    return bytes instanceof Uint8Array ? lengthOf(bytes) : bytes.then(lengthOf);
  }

  /** `subscribe: func() -> pollable` */
  subscribe(): Pollable {
    this.#waitable ??= new Waitable(this);
    return this.#waitable.subscribe();
  }

  /** Whether a read would answer now, with bytes, the end or a failure. For the host; guests have `subscribe`. */
  isReady(): boolean {
    return this.#source.ready() === undefined;
  }

  /** Settles when a read may answer. For the host. */
  whenReady(): Promise<void> {
    return settled(this.#source.ready());
  }

  /**
   * Closes the source.
   *
   * @throws Error when pollables of the stream are still there: children go before their parent.
   */
  [Symbol.dispose](): void {
    this.#replaceSource(droppedSource);
    if (this.#waitable !== undefined && this.#waitable.handles > 0) {
      throw new GuestFault('an input-stream was dropped before its pollables');
    }
  }

  #take(max: number): Uint8Array {
    let bytes: Uint8Array | undefined;
    try {
      bytes = this.#source.read(max);
    } catch (error) {
      if (this.#source !== droppedSource) this.#replaceSource(endedSource);
      throw streamError(error);
    }
    if (bytes === undefined) {
      this.#replaceSource(endedSource);
      throw closedError();
    }
    return bytes;
  }

  async #takeWhenReady(max: number): Promise<Uint8Array> {
    for (;;) {
      await this.whenReady();
      const bytes = this.#take(max);
      if (bytes.length > 0 || (max === 0 && this.isReady())) return bytes;
      // Woken for nothing: let the loop turn, so that a source that cries wolf starves nobody.
      await nextTurn();
    }
  }

  #replaceSource(next: ByteSource): void {
    const source = this.#source;
    this.#source = next;
    source.close();
  }
}

/** An input stream for a guest that reads `source`. */
export function inputStream(source: ByteSource): InputStream {
  return new InputStream(source);
}

const endedSource: ByteSource = { read: () => undefined, ready: () => undefined, close() {} };

const droppedSource: ByteSource = {
  read() {
    throw new GuestFault('an input-stream was used after it was dropped');
  },
  ready: () => undefined,
  close() {},
};

function toReadSize(len: bigint): number {
  return len > maxReadBytes ? maxReadBytes : Number(len);
}

function lengthOf(bytes: Uint8Array): bigint {
  return BigInt(bytes.length);
}

import type { ByteSink } from './byte-sink.js';
import type { ByteSource } from './byte-source.js';
import type { StreamFailure } from './error.js';
import { Gate } from './gate.js';

/** Bytes that each write counts for beside its own, so that many tiny ones are bounded too. */
const writeOverhead = 64;

/** Two ends of one bounded buffer: a guest holds one, the host or another guest the other. */
export interface BytePipe {
  /** Closed once the source is closed. */
  readonly sink: ByteSink;
  /** Ends once the sink is closed and everything is read. */
  readonly source: ByteSource;
  /** Breaks both ends with `failure`; what is in the buffer is lost. */
  fail(failure: StreamFailure): void;
}

/**
 * A pipe that holds up to `maxBufferedBytes` bytes, each write counted as 64 bytes more than it brings. Flushing the sink waits until all is read.
 *
 * @param maxBufferedBytes Default 65,536.
 */
export function bytePipe(maxBufferedBytes: number = 65_536): BytePipe {
  const chunks: Uint8Array[] = [];
  const readable = new Gate();
  const writable = new Gate();
  const drained = new Gate();
  let buffered = 0;
  let isSinkClosed = false;
  let isSourceClosed = false;
  let failure: StreamFailure | undefined;

  function openGates(): void {
    readable.open();
    writable.open();
    drained.open();
  }

  function clear(): void {
    chunks.length = 0;
    buffered = 0;
    openGates();
  }

  function check(): void {
    if (failure !== undefined) throw failure;
  }

  const sink: ByteSink = {
    capacity() {
      check();
      return isSourceClosed || isSinkClosed ? undefined : Math.max(0, maxBufferedBytes - buffered);
    },
    write(bytes) {
      check();
      if (isSourceClosed || isSinkClosed) return;
      chunks.push(bytes);
      buffered += bytes.length + writeOverhead;
      readable.open();
    },
    flush() {
      check();
      return buffered === 0 ? undefined : drained.wait().then(check);
    },
    ready: () =>
      failure !== undefined || isSourceClosed || isSinkClosed || buffered < maxBufferedBytes
        ? undefined
        : writable.wait(),
    close() {
      isSinkClosed = true;
      openGates();
    },
  };

  const source: ByteSource = {
    read(max) {
      check();
      const chunk = chunks[0];
      if (chunk === undefined) return isSinkClosed || isSourceClosed ? undefined : new Uint8Array(0);
      const taken = chunk.subarray(0, max);
      buffered -= taken.length;
      if (taken.length < chunk.length) {
        chunks[0] = chunk.subarray(taken.length);
      } else {
        chunks.shift();
        buffered -= writeOverhead;
      }
      writable.open();
      if (buffered === 0) drained.open();
      return taken;
    },
    ready: () =>
      failure !== undefined || chunks.length > 0 || isSinkClosed || isSourceClosed ? undefined : readable.wait(),
    close() {
      isSourceClosed = true;
      clear();
    },
  };

  return {
    sink,
    source,
    fail(reason) {
      failure ??= reason;
      clear();
    },
  };
}

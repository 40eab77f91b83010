import type { ByteSink } from './byte-sink.js';
import { StreamFailure } from './error.js';
import { Gate } from './gate.js';

/** Bytes that each write counts for beside its own, so that many tiny ones are bounded too. */
const writeOverhead = 64;

/** How often streams that share a sink may use the same capacity before writes fail: permits do not add up with handles. */
const maxOvercommit = 16;

/** A sink that keeps what it gets. */
export interface ByteCollector extends ByteSink {
  /** Everything written so far, as one array. */
  bytes(): Uint8Array;
}

/** Keeps up to `maxBytes` bytes; from then on it is closed. */
export function byteCollector(maxBytes: number): ByteCollector {
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    capacity: () => (size < maxBytes ? maxBytes - size : undefined),
    write(bytes) {
      chunks.push(bytes);
      size += bytes.length;
    },
    flush: () => undefined,
    ready: () => undefined,
    close() {},
    bytes() {
      const all = new Uint8Array(size);
      let offset = 0;
      for (const chunk of chunks) {
        all.set(chunk, offset);
        offset += chunk.length;
      }
      return all;
    },
  };
}

/** Options of {@link writableSink}. */
export interface WritableSinkOptions {
  /** Bytes that may be on their way at once, each write counted as 64 bytes more than it brings. @default 65_536 */
  readonly maxBufferedBytes?: number;
  /** Whether closing the sink leaves the web stream open, as one does for the output of a process. @default false */
  readonly preventClose?: boolean;
}

/** A sink that writes to a web stream and waits for it. An error of the stream reaches the guest as "the stream failed". */
export function writableSink(stream: WritableStream<Uint8Array>, options: WritableSinkOptions = {}): ByteSink {
  const maxBufferedBytes = options.maxBufferedBytes ?? 65_536;
  const writer = stream.getWriter();
  const space = new Gate();
  let lastWrite: Promise<void> | undefined;
  let buffered = 0;
  let failure: StreamFailure | undefined;
  let isClosed = false;

  function fail(error: unknown): void {
    failure ??= new StreamFailure('the stream failed', error);
    space.open();
  }

  function check(): void {
    if (failure !== undefined) throw failure;
  }

  writer.closed.then(
    () => {
      isClosed = true;
      space.open();
    },
    (error: unknown) => {
      // Releasing the lock rejects it too: by then nobody is interested.
      if (!isClosed) fail(error);
    },
  );

  return {
    capacity() {
      check();
      return isClosed ? undefined : Math.max(0, maxBufferedBytes - buffered);
    },
    write(bytes) {
      check();
      if (isClosed) return;
      if (buffered > maxBufferedBytes * maxOvercommit) throw new StreamFailure('too many streams write at once');
      const charge = bytes.length + writeOverhead;
      buffered += charge;
      lastWrite = writer.write(bytes).then(() => {
        buffered -= charge;
        space.open();
      }, fail);
    },
    flush() {
      check();
      return buffered === 0 || isClosed ? undefined : lastWrite?.then(check);
    },
    ready: () => (failure !== undefined || isClosed || buffered < maxBufferedBytes ? undefined : space.wait()),
    close() {
      if (isClosed) return;
      isClosed = true;
      space.open();
      if (options.preventClose === true) writer.releaseLock();
      else writer.close().catch(() => {});
    },
  };
}

import type { ByteSink } from '../io/byte-sink.js';
import type { ByteSource } from '../io/byte-source.js';
import { Gate } from '../io/gate.js';
import { writableSink } from '../io/sinks.js';
import { readableSource } from '../io/sources.js';

/** One end of a process-wide stream, for many guests. */
export interface Shared<T> {
  /** A new end. Closing it leaves the others. */
  open(): T;
  /** Lets go of the web stream. */
  close(): void;
}

/** Sources that share one web stream: each byte goes to whoever reads first. The web stream is locked by the first source. */
export function sharedSource(stream: ReadableStream<Uint8Array>): Shared<ByteSource> {
  let source: ByteSource | undefined;
  const gates = new Set<Gate>();
  let isArmed = false;

  function openGates(): void {
    isArmed = false;
    for (const gate of gates) gate.open();
    gates.clear();
  }

  function open(): ByteSource {
    source ??= readableSource(stream);
    const shared = source;
    const gate = new Gate();
    return {
      read: (max) => shared.read(max),
      ready() {
        const pending = shared.ready();
        if (pending === undefined) return undefined;
        gates.add(gate);
        if (!isArmed) pending.then(openGates, openGates);
        isArmed = true;
        return gate.wait();
      },
      close() {
        gates.delete(gate);
        gate.open();
      },
    };
  }

  return { open, close: () => source?.close() };
}

/** Sinks that share one web stream, which stays open when they are closed. The web stream is locked by the first sink. */
export function sharedSink(stream: WritableStream<Uint8Array>): Shared<ByteSink> {
  let sink: ByteSink | undefined;
  let isClosed = false;

  function open(): ByteSink {
    sink ??= writableSink(stream, { preventClose: true });
    const shared = sink;
    return {
      capacity: () => (isClosed ? undefined : shared.capacity()),
      write: (bytes) => shared.write(bytes),
      flush: () => shared.flush(),
      ready: () => shared.ready(),
      close() {},
    };
  }

  return {
    open,
    close() {
      isClosed = true;
      sink?.close();
    },
  };
}

/**
 * Where an output stream's bytes go: the host side of `wasi:io/streams.output-stream`, implemented by whoever takes
 * bytes from a guest. One stream writes to one sink.
 *
 * A {@link StreamFailure} thrown by any member, or rejecting a flush, reaches the guest as `last-operation-failed`, then `closed`.
 * Anything else traps the guest.
 */
export interface ByteSink {
  /** Bytes that one `write` may bring now. 0: none, wait for `ready`. `undefined`: closed, no more is taken. */
  capacity(): number | undefined;
  /** Takes bytes, never more than the last `capacity`. They are the sink's own: nobody changes them afterwards. Never waits. */
  write(bytes: Uint8Array): void;
  /** Begins to pass on what was written. `undefined` when nothing is left to pass on; else settles when it is done. */
  flush(): PromiseLike<void> | undefined;
  /**
   * `undefined` when `capacity` is not 0; else a promise that settles when that may be so. Give the same promise again while it is
   * pending. A rejection counts as settled: the next `capacity` tells why.
   */
  ready(): PromiseLike<void> | undefined;
  /** The guest has dropped its stream. Called once; lets go of everything, also of the promise of `ready`. */
  close(): void;
}

/**
 * Where an input stream's bytes come from: the host side of `wasi:io/streams.input-stream`, implemented by whoever has
 * bytes for a guest. One stream reads one source.
 */
export interface ByteSource {
  /**
   * Up to `max` bytes that are there now. Empty: none yet. `undefined`: the end. `max` may be 0, which asks only whether it has
   * ended. Never waits. The returned bytes are handed over: nobody changes them afterwards.
   *
   * @throws StreamFailure when the stream broke: the guest sees `last-operation-failed`, then `closed`. Anything else thrown
   *   traps the guest.
   */
  read(max: number): Uint8Array | undefined;
  /**
   * `undefined` when `read(1)` would answer with bytes, the end or a failure; else a promise that settles when it may do so. Give the
   * same promise again while it is pending. A rejection counts as settled: the next `read` tells why.
   */
  ready(): PromiseLike<void> | undefined;
  /** The guest is done with the stream. Called once; lets go of everything, also of the promise of `ready`. */
  close(): void;
}

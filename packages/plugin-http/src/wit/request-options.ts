/** Nanoseconds as a WIT `option<duration>`. */
type OptionalDuration = bigint | undefined;

/** `wasi:http/types`, `resource request-options`. Durations are nanoseconds. */
export class RequestOptions {
  #connect: OptionalDuration;
  #firstByte: OptionalDuration;
  #betweenBytes: OptionalDuration;

  /** `connect-timeout: func() -> option<duration>` */
  connectTimeout(): OptionalDuration {
    return this.#connect;
  }

  /** `set-connect-timeout: func(duration: option<duration>) -> result` */
  setConnectTimeout(duration: OptionalDuration): void {
    this.#connect = duration;
  }

  /** `first-byte-timeout: func() -> option<duration>` */
  firstByteTimeout(): OptionalDuration {
    return this.#firstByte;
  }

  /** `set-first-byte-timeout: func(duration: option<duration>) -> result` */
  setFirstByteTimeout(duration: OptionalDuration): void {
    this.#firstByte = duration;
  }

  /** `between-bytes-timeout: func() -> option<duration>` */
  betweenBytesTimeout(): OptionalDuration {
    return this.#betweenBytes;
  }

  /** `set-between-bytes-timeout: func(duration: option<duration>) -> result` */
  setBetweenBytesTimeout(duration: OptionalDuration): void {
    this.#betweenBytes = duration;
  }

  [Symbol.dispose](): void {}
}

/** Where the client writes what an operator may want to know: retries, a cache that cannot be used. Fits the host's logger. */
export interface OciLogger {
  log(
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error',
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ): void;
}

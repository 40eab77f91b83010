import { HostError } from '@lodge/core';

/** Bounds on what clients and upstreams can take of the host. */
export interface HttpLimits {
  /** Header fields of one message, its trailers likewise. More are answered with 431. @default 128 */
  readonly maxHeaderCount: number;
  /** Bytes of one header section, the request line included. More are answered with 431. @default 65_536 */
  readonly maxHeaderBytes: number;
  /** Requests that are being answered at the same time. More are answered with 503 and `retry-after`. @default 1_024 */
  readonly maxExchanges: number;
  /** Bytes held per direction of an exchange for a side that does not keep up. @default 65_536 */
  readonly maxBufferedBytes: number;
  /** Bytes of a request body that are thrown away, for the sake of the connection, when the guest answered without reading it. @default 1_048_576 */
  readonly maxDiscardedBytes: number;
  /** Milliseconds a client has for a request's head. @default 60_000 */
  readonly headTimeoutMs: number;
  /** Milliseconds a connection may be idle between requests. @default 5_000 */
  readonly idleTimeoutMs: number;
  /** Milliseconds from a request's head to the last byte of its answer. @default 600_000 */
  readonly deadlineMs: number;
  /** Milliseconds that `stop` leaves to running exchanges. @default 5_000 */
  readonly drainMs: number;
}

/** The defaults of {@link HttpLimits}. */
export const defaultHttpLimits: HttpLimits = Object.freeze({
  maxHeaderCount: 128,
  maxHeaderBytes: 65_536,
  maxExchanges: 1_024,
  maxBufferedBytes: 65_536,
  maxDiscardedBytes: 1_048_576,
  headTimeoutMs: 60_000,
  idleTimeoutMs: 5_000,
  deadlineMs: 600_000,
  drainMs: 5_000,
});

/** The defaults with `given` over them. @throws HostError `ERR_CONFIG_INVALID` for an unknown name or a value that is no whole number above 0. */
export function resolveHttpLimits(given: Partial<HttpLimits> = {}): HttpLimits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaultHttpLimits, name)) {
      const known = Object.keys(defaultHttpLimits).join(', ');
      throw invalid(name, `The HTTP limit ${JSON.stringify(name)} is unknown; the limits are ${known}.`);
    }
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1)) {
      throw invalid(name, `The HTTP limit ${name} must be a whole number above 0.`);
    }
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...defaultHttpLimits, ...set };
}

function invalid(name: string, message: string): HostError {
  return new HostError('ERR_CONFIG_INVALID', message, { details: { path: `limits.${name}` } });
}

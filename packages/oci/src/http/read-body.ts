import type { Hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { OciError } from '../oci-error.js';
import { networkError } from './network-error.js';
import { headerOf, type TransportResponse } from './transport.js';

/** Taken at a time. A socket that always has more would otherwise keep the event loop to itself for megabytes. */
const turnBytes = 256 * 1024;

/** How {@link readExactly} reads. */
export interface ExactBodyOptions {
  /** Bytes that the body must have. */
  readonly size: number;
  readonly hash: Hash;
  /** Called with the bytes so far. */
  readonly onProgress: (transferredBytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * A body of known size. One byte more ends the transfer.
 *
 * @throws OciError `ERR_DIGEST_MISMATCH` for any other size
 */
export async function readExactly(response: TransportResponse, options: ExactBodyOptions): Promise<Uint8Array> {
  const { size, hash, onProgress, signal } = options;
  const announced = headerOf(response, 'content-length');
  if (announced !== undefined && Number(announced) !== size) throw wrongSize(response, size, `${announced} bytes`);
  // Memory that nobody has touched yet costs nothing, so a size that is a lie does not either.
  const bytes = Buffer.allocUnsafeSlow(size);
  let length = 0;
  await read(response, signal, (chunk) => {
    if (length + chunk.length > size) throw wrongSize(response, size, 'more');
    bytes.set(chunk, length);
    hash.update(chunk);
    length += chunk.length;
    onProgress(length);
  });
  if (length !== size) throw wrongSize(response, size, `${length} bytes`);
  return bytes;
}

/**
 * A small body, whole.
 *
 * @param what For the message: `manifest`.
 * @throws OciError `ERR_REGISTRY_INVALID` when it exceeds `limit` bytes
 */
export async function readUpTo(
  response: TransportResponse,
  limit: number,
  what: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  await read(response, signal, (chunk) => {
    length += chunk.length;
    if (length > limit) {
      const text = `${response.url.origin} sends a ${what} of more than ${limit} bytes, which is not one.`;
      throw new OciError('ERR_REGISTRY_INVALID', text);
    }
    chunks.push(chunk);
  });
  return Buffer.concat(chunks);
}

async function read(
  response: TransportResponse,
  signal: AbortSignal,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  try {
    let taken = 0;
    for await (const chunk of response.body) {
      take(chunk);
      taken += chunk.length;
      if (taken < turnBytes) continue;
      taken = 0;
      await nextTurn();
    }
  } catch (error) {
    response.body.destroy();
    if (signal.aborted) throw signal.reason;
    throw networkError(error, response.url);
  }
}

function wrongSize({ url }: TransportResponse, size: number, actual: string): OciError {
  return new OciError(
    'ERR_DIGEST_MISMATCH',
    `${url.origin} sends ${actual} where the manifest says ${size} bytes: push the artifact again, or find who changes it on the way.`,
    { details: { origin: url.origin, size } },
  );
}

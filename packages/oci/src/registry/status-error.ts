import { readUpTo } from '../http/read-body.js';
import { headerOf, type TransportResponse } from '../http/transport.js';
import { OciError } from '../oci-error.js';

const maxBytes = 65_536;
const maxShown = 200;

/**
 * The error for a status that nothing good comes of. Reads the body for what the registry says about it.
 *
 * @param what For the message: `the manifest of acme/hello`.
 */
export async function unexpectedStatus(
  response: TransportResponse,
  what: string,
  signal: AbortSignal,
): Promise<OciError> {
  const { status, url } = response;
  const said = await reasonOf(response, signal);
  const details = { status, origin: url.origin, ...(said !== undefined && { said }) };
  const saying = said === undefined ? '' : ` and says ${JSON.stringify(said)}`;
  if (status === 429) {
    const retryAfterMs = retryAfter(headerOf(response, 'retry-after'));
    const when = retryAfterMs === undefined ? 'later' : `in ${Math.ceil(retryAfterMs / 1000)} s`;
    const text = `${url.origin} has had too many requests (429)${saying}: try again ${when}, with credentials if it gives more to known users.`;
    return new OciError('ERR_REGISTRY_BUSY', text, {
      details: { ...details, ...(retryAfterMs !== undefined && { retryAfterMs }) },
    });
  }
  if (status === 404) {
    return new OciError(
      'ERR_ARTIFACT_NOT_FOUND',
      `${url.origin} does not have ${what}${saying}: check the reference.`,
      { details },
    );
  }
  if (status === 403) {
    return new OciError(
      'ERR_ACCESS_DENIED',
      `${url.origin} refuses ${what} to this user (403)${saying}: ask its owner for access.`,
      { details },
    );
  }
  if (status >= 500) {
    const retryAfterMs = retryAfter(headerOf(response, 'retry-after'));
    return new OciError(
      'ERR_REGISTRY_FAILED',
      `${url.origin} failed on ${what} (${status})${saying}: try again, or look at its log.`,
      {
        details: { ...details, ...(retryAfterMs !== undefined && { retryAfterMs }) },
      },
    );
  }
  const text = `${url.origin} answers ${status} to a request for ${what}${saying}: check the address, and whether it is a registry for this.`;
  return new OciError('ERR_REGISTRY_INVALID', text, { details });
}

/** What the body of an error says, in the form of the specification; nothing that would break a line or a terminal. */
async function reasonOf(response: TransportResponse, signal: AbortSignal): Promise<string | undefined> {
  try {
    const bytes = await readUpTo(response, maxBytes, 'message', signal);
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    const [first] = (value as { errors?: readonly { code?: unknown; message?: unknown }[] }).errors ?? [];
    const parts = [first?.code, first?.message].filter((part) => typeof part === 'string' && part !== '');
    if (parts.length === 0) return undefined;
    return parts
      .join(': ')
      .replace(/[^\x20-\x7e]/g, '?')
      .slice(0, maxShown);
  } catch {
    if (signal.aborted) throw signal.reason;
    return undefined;
  }
}

/** Milliseconds of a `retry-after` header: seconds, or a date. */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

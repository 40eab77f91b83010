import { OciError } from '../oci-error.js';
import { AddressProhibited } from './agents.js';

const wrongProtocolCodes: ReadonlySet<string> = new Set(['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER']);
const certificatePattern = /^(?:ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/;

/** What a failed request or body means. @param url Of which only the origin is shown: paths and queries may be signed. */
export function networkError(error: unknown, url: URL): OciError {
  if (OciError.is(error)) return error;
  if (hasCause(error, (cause) => cause instanceof AddressProhibited)) return addressDenied(url, error);
  const code = codeOf(error);
  const fail = (text: string, isRetryable: boolean): OciError =>
    new OciError('ERR_REGISTRY_UNREACHABLE', text, {
      cause: error,
      details: { origin: url.origin, code },
      isRetryable,
    });
  if (certificatePattern.test(code)) {
    return fail(
      `${url.origin} has a certificate that is not trusted (${code}): give the one of its authority as ca.`,
      false,
    );
  }
  if (wrongProtocolCodes.has(code)) {
    return fail(
      `${url.origin} does not speak TLS (${code}): if that is intended, name ${url.host} in plainHttp.`,
      false,
    );
  }
  if (
    code === 'UND_ERR_SOCKET' ||
    code === 'ECONNRESET' ||
    code === 'EPIPE' ||
    code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
  ) {
    return fail(
      `${url.origin} ended the connection before it was done (${code}): try again, or look at its log.`,
      true,
    );
  }
  return fail(`${url.origin} cannot be reached (${code}): check the name, the network and whether it runs.`, true);
}

/** The error of a server that sends us where it must not. */
export function addressDenied(url: URL, cause?: unknown): OciError {
  return new OciError(
    'ERR_REDIRECT_DENIED',
    `A server on the network sends the client to ${url.origin}, which is an address of a private network, this machine or its link: if that is intended, name ${url.host} in plainHttp or use a registry in the same network.`,
    { details: { origin: url.origin }, ...(cause !== undefined && { cause }) },
  );
}

function codeOf(error: unknown): string {
  let code = 'unknown';
  hasCause(error, (cause) => {
    if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string') return false;
    code = cause.code;
    return true;
  });
  return code;
}

/** Whether an error, or one that led to it, is what `matches` looks for. */
function hasCause(error: unknown, matches: (cause: unknown) => boolean): boolean {
  let cause = error;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth++) {
    if (matches(cause)) return true;
    if (cause instanceof AggregateError && cause.errors.some(matches)) return true;
    cause = cause.cause;
  }
  return false;
}

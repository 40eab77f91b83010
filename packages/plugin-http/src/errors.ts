import { type ErrorCode, errorCode, HttpFailure } from './wit/error-code.js';

const timedOut = errorCode('connection-timeout');
const readTimedOut = errorCode('connection-read-timeout');
const terminated = errorCode('connection-terminated');
const unroutable = errorCode('destination-IP-unroutable');
const noCapacity = errorCode('connection-limit-reached');
const certificate = errorCode('TLS-certificate-error');
const protocol = errorCode('HTTP-protocol-error');
const headSize: ErrorCode = { tag: 'HTTP-response-header-section-size', val: undefined };
const internal: ErrorCode = { tag: 'internal-error', val: undefined };

/** Codes (where there is none, names) of errors of node:net, node:dns, node:tls and undici, and what a guest is told. Nothing else of a foreign error reaches a guest. */
export const foreignErrors: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['LODGE_ADDRESS_PROHIBITED', errorCode('destination-IP-prohibited')],
  ['ENOTFOUND', { tag: 'DNS-error', val: { rcode: 'address not available' } }],
  ['ENODATA', { tag: 'DNS-error', val: { rcode: 'address not available' } }],
  ['EAI_AGAIN', errorCode('DNS-timeout')],
  ['ETIMEOUT', errorCode('DNS-timeout')],
  ['ECONNREFUSED', errorCode('connection-refused')],
  ['ETIMEDOUT', timedOut],
  ['UND_ERR_CONNECT_TIMEOUT', timedOut],
  ['UND_ERR_HEADERS_TIMEOUT', readTimedOut],
  ['UND_ERR_BODY_TIMEOUT', readTimedOut],
  ['ECONNRESET', terminated],
  ['ECONNABORTED', terminated],
  ['EPIPE', terminated],
  ['UND_ERR_SOCKET', terminated],
  ['UND_ERR_ABORTED', terminated],
  ['UND_ERR_CLOSED', terminated],
  ['UND_ERR_DESTROYED', terminated],
  ['EHOSTUNREACH', unroutable],
  ['ENETUNREACH', unroutable],
  ['EADDRNOTAVAIL', unroutable],
  ['EHOSTDOWN', errorCode('destination-unavailable')],
  ['EMFILE', noCapacity],
  ['ENFILE', noCapacity],
  ['UND_ERR_MAX_ORIGINS_REACHED', noCapacity],
  ['UND_ERR_HEADERS_OVERFLOW', headSize],
  ['HPE_HEADER_OVERFLOW', headSize],
  ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', { tag: 'HTTP-request-body-size', val: undefined }],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', { tag: 'HTTP-response-body-size', val: undefined }],
  // Has a name but no code.
  ['HTTPParserError', protocol],
  ['UND_ERR_INVALID_ARG', protocol],
  ['UND_ERR_NOT_SUPPORTED', protocol],
  ['CERT_HAS_EXPIRED', certificate],
  ['CERT_NOT_YET_VALID', certificate],
  ['CERT_REVOKED', certificate],
  ['CERT_REJECTED', certificate],
  ['CERT_UNTRUSTED', certificate],
  ['CERT_SIGNATURE_FAILURE', certificate],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', certificate],
  ['SELF_SIGNED_CERT_IN_CHAIN', certificate],
  ['UNABLE_TO_GET_ISSUER_CERT', certificate],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', certificate],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', certificate],
  ['ERR_TLS_CERT_ALTNAME_INVALID', certificate],
  ['EPROTO', errorCode('TLS-protocol-error')],
  ['ERR_TLS_HANDSHAKE_TIMEOUT', timedOut],
]);

/** Families of codes, asked when no code of {@link foreignErrors} fits. */
export const foreignErrorPrefixes: readonly (readonly [string, ErrorCode])[] = [
  ['ERR_SSL_', errorCode('TLS-protocol-error')],
  ['ERR_TLS_', errorCode('TLS-protocol-error')],
  ['HPE_', protocol],
];

/** What a guest is told of an error that a request met: the most telling code of the error and its causes. */
export function toErrorCode(error: unknown): ErrorCode {
  let found: ErrorCode | undefined;
  let current = error;
  // Wrappers are few; the bound is for causes in a circle.
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    if (current instanceof HttpFailure) return current.code;
    const mapped = byCode('code' in current && typeof current.code === 'string' ? current.code : current.name);
    // "The other side closed" is how libraries wrap everything: a cause may know more.
    if (found === undefined || found === terminated) found = mapped ?? found;
    current = current.cause ?? (current instanceof AggregateError ? current.errors[0] : undefined);
  }
  return found ?? internal;
}

function byCode(code: string): ErrorCode | undefined {
  return foreignErrors.get(code) ?? foreignErrorPrefixes.find(([prefix]) => code.startsWith(prefix))?.[1];
}

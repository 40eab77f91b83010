import { describe, expect, test } from 'vitest';
import { foreignErrorPrefixes, foreignErrors, toErrorCode } from './errors.js';

function withCode(code: string, cause?: Error): Error {
  return Object.assign(new Error('a message that no guest sees', { cause }), { code });
}

/** What every row must give, written down a second time on purpose. */
const expected: Readonly<Record<string, string>> = {
  LODGE_ADDRESS_PROHIBITED: 'destination-IP-prohibited',
  ENOTFOUND: 'DNS-error',
  ENODATA: 'DNS-error',
  EAI_AGAIN: 'DNS-timeout',
  ETIMEOUT: 'DNS-timeout',
  ECONNREFUSED: 'connection-refused',
  ETIMEDOUT: 'connection-timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connection-timeout',
  UND_ERR_HEADERS_TIMEOUT: 'connection-read-timeout',
  UND_ERR_BODY_TIMEOUT: 'connection-read-timeout',
  ECONNRESET: 'connection-terminated',
  ECONNABORTED: 'connection-terminated',
  EPIPE: 'connection-terminated',
  UND_ERR_SOCKET: 'connection-terminated',
  UND_ERR_ABORTED: 'connection-terminated',
  UND_ERR_CLOSED: 'connection-terminated',
  UND_ERR_DESTROYED: 'connection-terminated',
  EHOSTUNREACH: 'destination-IP-unroutable',
  ENETUNREACH: 'destination-IP-unroutable',
  EADDRNOTAVAIL: 'destination-IP-unroutable',
  EHOSTDOWN: 'destination-unavailable',
  EMFILE: 'connection-limit-reached',
  ENFILE: 'connection-limit-reached',
  UND_ERR_MAX_ORIGINS_REACHED: 'connection-limit-reached',
  UND_ERR_HEADERS_OVERFLOW: 'HTTP-response-header-section-size',
  HPE_HEADER_OVERFLOW: 'HTTP-response-header-section-size',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'HTTP-request-body-size',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'HTTP-response-body-size',
  HTTPParserError: 'HTTP-protocol-error',
  UND_ERR_INVALID_ARG: 'HTTP-protocol-error',
  UND_ERR_NOT_SUPPORTED: 'HTTP-protocol-error',
  CERT_HAS_EXPIRED: 'TLS-certificate-error',
  CERT_NOT_YET_VALID: 'TLS-certificate-error',
  CERT_REVOKED: 'TLS-certificate-error',
  CERT_REJECTED: 'TLS-certificate-error',
  CERT_UNTRUSTED: 'TLS-certificate-error',
  CERT_SIGNATURE_FAILURE: 'TLS-certificate-error',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS-certificate-error',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS-certificate-error',
  UNABLE_TO_GET_ISSUER_CERT: 'TLS-certificate-error',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'TLS-certificate-error',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS-certificate-error',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS-certificate-error',
  EPROTO: 'TLS-protocol-error',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'connection-timeout',
};

describe('the table of foreign errors', () => {
  test('has a row for each code that is tested, and no other', () => {
    expect([...foreignErrors.keys()].sort()).toEqual(Object.keys(expected).sort());
  });

  test.each(Object.entries(expected))('%s is %s for the guest', (code, tag) => {
    expect(toErrorCode(withCode(code)).tag).toBe(tag);
  });

  test.each([
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS-protocol-error'],
    ['ERR_TLS_INVALID_PROTOCOL_VERSION', 'TLS-protocol-error'],
    ['HPE_INVALID_CONSTANT', 'HTTP-protocol-error'],
  ])('the family of %s is %s', (code, tag) => {
    expect(toErrorCode(withCode(code)).tag).toBe(tag);
    expect(foreignErrorPrefixes.some(([prefix]) => code.startsWith(prefix))).toBe(true);
  });

  test('a wrapper is looked through for what caused it', () => {
    expect(toErrorCode(withCode('UND_ERR_SOCKET', withCode('HPE_INVALID_CONSTANT'))).tag).toBe('HTTP-protocol-error');
    expect(toErrorCode(new AggregateError([withCode('ECONNREFUSED')])).tag).toBe('connection-refused');
  });

  test('anything else is an internal error without a word', () => {
    expect(toErrorCode(new Error('secret'))).toEqual({ tag: 'internal-error', val: undefined });
    expect(toErrorCode('secret')).toEqual({ tag: 'internal-error', val: undefined });
  });
});

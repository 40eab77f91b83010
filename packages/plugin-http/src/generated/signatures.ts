// Written from the WIT of this package. To change it, change the WIT and run
// `pnpm --filter @lodge-internal/wit-signatures generate`. A test compares the two.
import type { FunctionSignatures } from '@lodge/core';

const schemeType = 'variant { HTTP, HTTPS, other(string) }';
const headerErrorType = 'variant { invalid-syntax, forbidden, immutable }';
const dnsErrorPayloadType = 'record { rcode: option<string>, info-code: option<u16> }';
const tlsAlertReceivedPayloadType = 'record { alert-id: option<u8>, alert-message: option<string> }';
const fieldSizePayloadType = 'record { field-name: option<string>, field-size: option<u32> }';
const methodType = 'variant { get, head, post, put, delete, connect, options, trace, patch, other(string) }';
const errorCodeType = `variant { DNS-timeout, DNS-error(${dnsErrorPayloadType}), destination-not-found, destination-unavailable, destination-IP-prohibited, destination-IP-unroutable, connection-refused, connection-terminated, connection-timeout, connection-read-timeout, connection-write-timeout, connection-limit-reached, TLS-protocol-error, TLS-certificate-error, TLS-alert-received(${tlsAlertReceivedPayloadType}), HTTP-request-denied, HTTP-request-length-required, HTTP-request-body-size(option<u64>), HTTP-request-method-invalid, HTTP-request-URI-invalid, HTTP-request-URI-too-long, HTTP-request-header-section-size(option<u32>), HTTP-request-header-size(option<${fieldSizePayloadType}>), HTTP-request-trailer-section-size(option<u32>), HTTP-request-trailer-size(${fieldSizePayloadType}), HTTP-response-incomplete, HTTP-response-header-section-size(option<u32>), HTTP-response-header-size(${fieldSizePayloadType}), HTTP-response-body-size(option<u64>), HTTP-response-trailer-section-size(option<u32>), HTTP-response-trailer-size(${fieldSizePayloadType}), HTTP-response-transfer-coding(option<string>), HTTP-response-content-coding(option<string>), HTTP-response-timeout, HTTP-upgrade-failed, HTTP-protocol-error, loop-detected, configuration-error, internal-error(option<string>) }`;

/** What the functions of this package's interfaces take and return. */
export const signatures: {
  readonly 'wasi:http/types@0.2.12': FunctionSignatures;
  readonly 'wasi:http/outgoing-handler@0.2.12': FunctionSignatures;
  readonly 'wasi:http/incoming-handler@0.2.12': FunctionSignatures;
} = {
  'wasi:http/types@0.2.12': {
    '[constructor]fields': 'func() -> own<wasi:http/types.fields@0.2>',
    '[static]fields.from-list': `func(entries: list<tuple<string, list<u8>>>) -> result<own<wasi:http/types.fields@0.2>, ${headerErrorType}>`,
    '[method]fields.get': 'func(self: borrow<wasi:http/types.fields@0.2>, name: string) -> list<list<u8>>',
    '[method]fields.has': 'func(self: borrow<wasi:http/types.fields@0.2>, name: string) -> bool',
    '[method]fields.set': `func(self: borrow<wasi:http/types.fields@0.2>, name: string, value: list<list<u8>>) -> result<_, ${headerErrorType}>`,
    '[method]fields.delete': `func(self: borrow<wasi:http/types.fields@0.2>, name: string) -> result<_, ${headerErrorType}>`,
    '[method]fields.append': `func(self: borrow<wasi:http/types.fields@0.2>, name: string, value: list<u8>) -> result<_, ${headerErrorType}>`,
    '[method]fields.entries': 'func(self: borrow<wasi:http/types.fields@0.2>) -> list<tuple<string, list<u8>>>',
    '[method]fields.clone': 'func(self: borrow<wasi:http/types.fields@0.2>) -> own<wasi:http/types.fields@0.2>',
    '[method]incoming-request.method': `func(self: borrow<wasi:http/types.incoming-request@0.2>) -> ${methodType}`,
    '[method]incoming-request.path-with-query': 'func(self: borrow<wasi:http/types.incoming-request@0.2>) -> option<string>',
    '[method]incoming-request.scheme': `func(self: borrow<wasi:http/types.incoming-request@0.2>) -> option<${schemeType}>`,
    '[method]incoming-request.authority': 'func(self: borrow<wasi:http/types.incoming-request@0.2>) -> option<string>',
    '[method]incoming-request.headers': 'func(self: borrow<wasi:http/types.incoming-request@0.2>) -> own<wasi:http/types.fields@0.2>',
    '[method]incoming-request.consume': 'func(self: borrow<wasi:http/types.incoming-request@0.2>) -> result<own<wasi:http/types.incoming-body@0.2>>',
    '[constructor]outgoing-request': 'func(headers: own<wasi:http/types.fields@0.2>) -> own<wasi:http/types.outgoing-request@0.2>',
    '[method]outgoing-request.body': 'func(self: borrow<wasi:http/types.outgoing-request@0.2>) -> result<own<wasi:http/types.outgoing-body@0.2>>',
    '[method]outgoing-request.method': `func(self: borrow<wasi:http/types.outgoing-request@0.2>) -> ${methodType}`,
    '[method]outgoing-request.set-method': `func(self: borrow<wasi:http/types.outgoing-request@0.2>, method: ${methodType}) -> result`,
    '[method]outgoing-request.path-with-query': 'func(self: borrow<wasi:http/types.outgoing-request@0.2>) -> option<string>',
    '[method]outgoing-request.set-path-with-query': 'func(self: borrow<wasi:http/types.outgoing-request@0.2>, path-with-query: option<string>) -> result',
    '[method]outgoing-request.scheme': `func(self: borrow<wasi:http/types.outgoing-request@0.2>) -> option<${schemeType}>`,
    '[method]outgoing-request.set-scheme': `func(self: borrow<wasi:http/types.outgoing-request@0.2>, scheme: option<${schemeType}>) -> result`,
    '[method]outgoing-request.authority': 'func(self: borrow<wasi:http/types.outgoing-request@0.2>) -> option<string>',
    '[method]outgoing-request.set-authority': 'func(self: borrow<wasi:http/types.outgoing-request@0.2>, authority: option<string>) -> result',
    '[method]outgoing-request.headers': 'func(self: borrow<wasi:http/types.outgoing-request@0.2>) -> own<wasi:http/types.fields@0.2>',
    '[constructor]request-options': 'func() -> own<wasi:http/types.request-options@0.2>',
    '[method]request-options.connect-timeout': 'func(self: borrow<wasi:http/types.request-options@0.2>) -> option<u64>',
    '[method]request-options.set-connect-timeout': 'func(self: borrow<wasi:http/types.request-options@0.2>, duration: option<u64>) -> result',
    '[method]request-options.first-byte-timeout': 'func(self: borrow<wasi:http/types.request-options@0.2>) -> option<u64>',
    '[method]request-options.set-first-byte-timeout': 'func(self: borrow<wasi:http/types.request-options@0.2>, duration: option<u64>) -> result',
    '[method]request-options.between-bytes-timeout': 'func(self: borrow<wasi:http/types.request-options@0.2>) -> option<u64>',
    '[method]request-options.set-between-bytes-timeout': 'func(self: borrow<wasi:http/types.request-options@0.2>, duration: option<u64>) -> result',
    '[method]response-outparam.send-informational': `func(self: borrow<wasi:http/types.response-outparam@0.2>, status: u16, headers: own<wasi:http/types.fields@0.2>) -> result<_, ${errorCodeType}>`,
    '[static]response-outparam.set': `func(param: own<wasi:http/types.response-outparam@0.2>, response: result<own<wasi:http/types.outgoing-response@0.2>, ${errorCodeType}>)`,
    '[method]incoming-response.status': 'func(self: borrow<wasi:http/types.incoming-response@0.2>) -> u16',
    '[method]incoming-response.headers': 'func(self: borrow<wasi:http/types.incoming-response@0.2>) -> own<wasi:http/types.fields@0.2>',
    '[method]incoming-response.consume': 'func(self: borrow<wasi:http/types.incoming-response@0.2>) -> result<own<wasi:http/types.incoming-body@0.2>>',
    '[method]incoming-body.stream': 'func(self: borrow<wasi:http/types.incoming-body@0.2>) -> result<own<wasi:io/streams.input-stream@0.2>>',
    '[static]incoming-body.finish': 'func(this: own<wasi:http/types.incoming-body@0.2>) -> own<wasi:http/types.future-trailers@0.2>',
    '[method]future-trailers.subscribe': 'func(self: borrow<wasi:http/types.future-trailers@0.2>) -> own<wasi:io/poll.pollable@0.2>',
    '[method]future-trailers.get': `func(self: borrow<wasi:http/types.future-trailers@0.2>) -> option<result<result<option<own<wasi:http/types.fields@0.2>>, ${errorCodeType}>>>`,
    '[constructor]outgoing-response': 'func(headers: own<wasi:http/types.fields@0.2>) -> own<wasi:http/types.outgoing-response@0.2>',
    '[method]outgoing-response.status-code': 'func(self: borrow<wasi:http/types.outgoing-response@0.2>) -> u16',
    '[method]outgoing-response.set-status-code': 'func(self: borrow<wasi:http/types.outgoing-response@0.2>, status-code: u16) -> result',
    '[method]outgoing-response.headers': 'func(self: borrow<wasi:http/types.outgoing-response@0.2>) -> own<wasi:http/types.fields@0.2>',
    '[method]outgoing-response.body': 'func(self: borrow<wasi:http/types.outgoing-response@0.2>) -> result<own<wasi:http/types.outgoing-body@0.2>>',
    '[method]outgoing-body.write': 'func(self: borrow<wasi:http/types.outgoing-body@0.2>) -> result<own<wasi:io/streams.output-stream@0.2>>',
    '[static]outgoing-body.finish': `func(this: own<wasi:http/types.outgoing-body@0.2>, trailers: option<own<wasi:http/types.fields@0.2>>) -> result<_, ${errorCodeType}>`,
    '[method]future-incoming-response.subscribe': 'func(self: borrow<wasi:http/types.future-incoming-response@0.2>) -> own<wasi:io/poll.pollable@0.2>',
    '[method]future-incoming-response.get': `func(self: borrow<wasi:http/types.future-incoming-response@0.2>) -> option<result<result<own<wasi:http/types.incoming-response@0.2>, ${errorCodeType}>>>`,
    'http-error-code': `func(err: borrow<wasi:io/error.error@0.2>) -> option<${errorCodeType}>`,
  },
  'wasi:http/outgoing-handler@0.2.12': {
    handle: `func(request: own<wasi:http/types.outgoing-request@0.2>, options: option<own<wasi:http/types.request-options@0.2>>) -> result<own<wasi:http/types.future-incoming-response@0.2>, ${errorCodeType}>`,
  },
  'wasi:http/incoming-handler@0.2.12': {
    handle: 'func(request: own<wasi:http/types.incoming-request@0.2>, response-out: own<wasi:http/types.response-outparam@0.2>)',
  },
};

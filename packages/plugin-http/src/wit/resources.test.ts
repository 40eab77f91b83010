import { WitError } from '@lodge/core';
import { describe, expect, test } from 'vitest';
import { emptyBody } from '../empty-body.js';
import { fields, text, utf8 } from '../testing/guests.js';
import { Fields } from './fields.js';
import { IncomingBody } from './incoming-body.js';
import { IncomingRequest } from './incoming-request.js';
import { OutgoingBody } from './outgoing-body.js';
import { OutgoingRequest } from './outgoing-request.js';
import { OutgoingResponse } from './outgoing-response.js';
import { RequestOptions } from './request-options.js';
import { httpTypes } from './types.js';

function incoming(): IncomingRequest {
  return new IncomingRequest({
    method: 'GET',
    path: '/',
    scheme: 'http',
    authority: 'a',
    rawHeaders: ['x', '1'],
    receiveBody: () => emptyBody,
  });
}

function isErr(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch (error) {
    if (!WitError.is(error)) throw error;
    return true;
  }
}

describe('what can be taken once', () => {
  test('the body of an incoming request and its stream', () => {
    const request = incoming();
    const body = request.consume();
    expect(isErr(() => request.consume())).toBe(true);
    body.stream();
    expect(isErr(() => body.stream())).toBe(true);
  });

  test('the body of an outgoing message and its stream', () => {
    const response = new OutgoingResponse(new Fields());
    const body = response.body();
    expect(isErr(() => response.body())).toBe(true);
    body.write();
    expect(isErr(() => body.write())).toBe(true);
    const request = new OutgoingRequest(new Fields());
    request.body();
    expect(isErr(() => request.body())).toBe(true);
  });
});

describe('children go before their parents', () => {
  test('a body cannot be finished or dropped while its stream is there', () => {
    const outgoing = new OutgoingResponse(new Fields()).body();
    outgoing.write();
    expect(() => OutgoingBody.finish(outgoing, undefined)).toThrow(/before its output-stream/);
    const dropped = new OutgoingResponse(new Fields()).body();
    dropped.write();
    expect(() => dropped[Symbol.dispose]()).toThrow(/before its output-stream/);
    const body = incoming().consume();
    body.stream();
    expect(() => IncomingBody.finish(body)).toThrow(/before its input-stream/);
    const other = incoming().consume();
    other.stream();
    expect(() => other[Symbol.dispose]()).toThrow(/before its input-stream/);
  });

  test('a message cannot be dropped while its headers are there', () => {
    for (const message of [incoming(), new OutgoingResponse(new Fields()), new OutgoingRequest(new Fields())]) {
      const headers = message.headers();
      expect(() => message[Symbol.dispose]()).toThrow(/before its headers/);
      headers[Symbol.dispose]();
      expect(() => message[Symbol.dispose]()).not.toThrow();
    }
  });
});

describe('what a guest sets', () => {
  test('the headers of an outgoing message are immutable once it has them', () => {
    const headers = new OutgoingResponse(fields(['a', '1'])).headers();
    expect(headers.get('a').map(text)).toEqual(['1']);
    expect(isErr(() => headers.append('b', utf8('1')))).toBe(true);
  });

  test.each([0, 100, 101, 199, 1_000, 65_535])('%i is no final status', (status) => {
    expect(isErr(() => new OutgoingResponse(new Fields()).setStatusCode(status))).toBe(true);
  });

  test.each(['5x', '-1', '1e3', '', '99999999999999999'])('the content-length %j gives no body', (length) => {
    expect(isErr(() => new OutgoingResponse(fields(['content-length', length])).body())).toBe(true);
  });

  test('method, scheme, authority and path are checked', () => {
    const request = new OutgoingRequest(new Fields());
    expect(isErr(() => request.setMethod({ tag: 'other', val: 'A B' }))).toBe(true);
    expect(isErr(() => request.setScheme({ tag: 'other', val: 'ht tp' }))).toBe(true);
    for (const authority of ['user@a', 'a b', 'a:99999', 'a/b', 'a\r\nb']) {
      expect(isErr(() => request.setAuthority(authority))).toBe(true);
    }
    for (const path of ['/a b', 'a', '/\r\n', '/#x', '/ä'])
      expect(isErr(() => request.setPathWithQuery(path))).toBe(true);
    request.setPathWithQuery('/ok?x=1');
    request.setAuthority('[::1]:80');
    expect([request.pathWithQuery(), request.authority(), request.method()]).toEqual([
      '/ok?x=1',
      '[::1]:80',
      { tag: 'get' },
    ]);
  });

  test('request options keep what they are given', () => {
    const options = new RequestOptions();
    options.setConnectTimeout(1n);
    options.setFirstByteTimeout(2n);
    options.setBetweenBytesTimeout(undefined);
    expect([options.connectTimeout(), options.firstByteTimeout(), options.betweenBytesTimeout()]).toEqual([
      1n,
      2n,
      undefined,
    ]);
  });

  test('trailers that frame a message are refused', () => {
    const body = new OutgoingResponse(new Fields()).body();
    let payload: unknown;
    try {
      OutgoingBody.finish(body, fields(['content-length', '1']));
    } catch (error) {
      payload = WitError.is(error) ? error.payload : error;
    }
    expect(payload).toEqual({ tag: 'HTTP-protocol-error' });
  });
});

test('http-error-code tells the code behind a failed stream and nothing of other errors', () => {
  const output = new OutgoingResponse(fields(['content-length', '1'])).body().write();
  let code: unknown;
  output.checkWrite();
  try {
    output.write(utf8('two'));
  } catch (error) {
    if (WitError.is(error)) code = httpTypes.httpErrorCode((error.payload as { val: never }).val);
  }
  expect(code).toEqual({ tag: 'HTTP-response-body-size', val: 3n });
});

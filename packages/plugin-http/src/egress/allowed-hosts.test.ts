import { HostError } from '@lodge/core';
import { describe, expect, test } from 'vitest';
import { checkAllowedHosts, type Destination, parseAllowedHost, parseAllowedHosts } from './allowed-hosts.js';

function to(url: string): Destination {
  const match = /^(\w+):\/\/(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(url);
  const [, scheme = '', host = '', port] = match ?? [];
  return { scheme, host: host.toLowerCase(), port: port === undefined ? undefined : Number(port) };
}

describe('an entry of allowedHosts', () => {
  test.each([
    ['*', 'http://anything.example:1', true],
    ['example.com', 'https://example.com', true],
    ['Example.COM', 'http://eXample.com:8080', true],
    ['example.com', 'http://api.example.com', false],
    ['example.com', 'http://example.com.evil.net', false],
    ['example.com:8443', 'https://example.com:8443', true],
    ['example.com:8443', 'https://example.com:443', false],
    ['example.com:8443', 'https://example.com', false],
    ['example.com:443', 'https://example.com', true],
    ['example.com:443', 'http://example.com', false],
    ['https://example.com', 'https://example.com:9', true],
    ['https://example.com/', 'https://example.com', true],
    ['HTTPS://example.com', 'https://example.com', true],
    ['https://example.com', 'http://example.com', false],
    ['https://example.com:8443', 'https://example.com', false],
    ['*.example.com', 'http://api.example.com', true],
    ['*.Example.com', 'http://a.b.example.com:81', true],
    ['*.example.com', 'http://example.com', false],
    ['*.example.com', 'http://evilexample.com', false],
    ['*.example.com:8443', 'http://api.example.com:8443', true],
    ['*.example.com:8443', 'http://api.example.com', false],
    ['https://*.example.com:8443/', 'https://api.example.com:8443', true],
    ['https://*.example.com', 'http://api.example.com', false],
    ['[::1]:8080', 'http://[::1]:8080', true],
    ['[::1]:8080', 'http://[::1]:9090', false],
    ['[::1]', 'https://[::1]:443', true],
    ['127.0.0.1', 'http://127.0.0.1:3000', true],
    ['  example.com  ', 'http://example.com', true],
  ])('%s, asked for %s: %s', (entry, url, isAllowed) => {
    expect(checkAllowedHosts([parseAllowedHost(entry)], to(url)) !== 'denied').toBe(isAllowed);
  });

  test.each([
    ['', /empty/],
    ['   ', /empty/],
    ['*example.com', /dot after the star/],
    ['*com', /dot after the star/],
    ['http://*', /dot after the star/],
    ['*.', /no host/],
    ['*.*', /not valid/],
    ['*.example.com:', /port/],
    ['https://', /no host/],
    ['://example.com', /scheme/],
    ['1http://example.com', /scheme/],
    ['https://example.com/v1', /path.*\/v1/],
    ['https://*.example.com/v1', /path/],
    ['example.com/', /path/],
    ['https://example.com/?q=1', /query/],
    ['https://example.com/#top', /fragment/],
    ['https://user@example.com', /user information/],
    ['user:secret@example.com', /user information/],
    ['example.com:notaport', /port/],
    ['example.com:65536', /port/],
    ['[::1]:notaport', /port/],
    [':80', /no host/],
    ['exa mple.com', /not valid/],
    ['exämple.com', /not valid/],
    ['a,b', /not valid/],
  ])('%j is an error that says why', (entry, reason) => {
    expect(() => parseAllowedHost(entry)).toThrow(reason);
  });
});

test('an empty list denies all', () => {
  expect(checkAllowedHosts([], to('https://example.com'))).toBe('denied');
});

test('only an entry without a pattern names a host', () => {
  const hosts = parseAllowedHosts(['*', 'localhost:8080']);
  expect(checkAllowedHosts(hosts, to('http://localhost:8080'))).toBe('named');
  expect(checkAllowedHosts(hosts, to('http://localhost:8081'))).toBe('allowed');
});

test('a wrong entry in a list is told with its place', () => {
  let thrown: unknown;
  try {
    parseAllowedHosts(['ok.example', '*bad'], 'allowedHosts');
  } catch (error) {
    thrown = error;
  }
  expect(HostError.is(thrown, 'ERR_CONFIG_INVALID') && thrown.details['path']).toBe('allowedHosts[1]');
});

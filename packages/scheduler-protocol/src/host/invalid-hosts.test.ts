import { expect, test } from 'vitest';
import { workload } from '../messages/workload.js';
import { decodeMessage } from '../protojson/codec.js';
import { describeInvalidHosts } from './invalid-hosts.js';

function check(...allowedHosts: string[]): string | undefined {
  const components = [{ name: 'main', image: 'i', localResources: { allowedHosts } }];
  return describeInvalidHosts(decodeMessage(workload, JSON.stringify({ witWorld: { components } })));
}

test.each([
  '*',
  'example.com',
  'EXAMPLE.com:8080',
  'https://example.com',
  'https://example.com:443/',
  '*.example.com',
  '*.example.com:80',
  'http+unix://*.example.com/',
  '127.0.0.1:65535',
  '[::1]',
  'https://[2001:db8::1]:443/',
  ' example.com ',
])('%j is an entry', (entry) => {
  expect(check(entry)).toBeUndefined();
});

test.each([
  ['', 'empty'],
  ['example.com/', 'path'],
  ['https://example.com/a', 'path'],
  ['https://example.com//', 'path'],
  ['example.com?a=b', 'query'],
  ['example.com#a', 'fragment'],
  ['user@example.com', 'user information'],
  ['*example.com', 'wildcard'],
  ['*.', 'host'],
  ['a.*.com', 'host'],
  [':80', 'host'],
  ['https://', 'host'],
  ['example.com:', 'port'],
  ['example.com:99999', 'port'],
  ['example.com:80:80', 'port'],
  ['1http://example.com', 'scheme'],
])('%j is none: %s', (entry, problem) => {
  expect(check(entry)).toContain(problem);
});

test('every wrong entry is listed, with the component', () => {
  expect(check('a/b', 'fine', '*x')).toBe(
    "invalid local_resources for component main: invalid allowed_hosts:\n  - 'a/b': it must not include a path: hosts are allowed, not paths\n  - '*x': a wildcard must be of the form \"*.<rest>\"",
  );
});

test('the service has its own words, and a long list is cut short', () => {
  const allowedHosts = Array.from({ length: 1_000 }, () => '/'.repeat(1_000));
  const text = JSON.stringify({ service: { image: 'i', localResources: { allowedHosts } } });
  const problem = describeInvalidHosts(decodeMessage(workload, text)) ?? '';
  expect(problem).toMatch(/^invalid local_resources for service: invalid allowed_hosts:\n {2}- '\/+': it must not/);
  expect(problem).toContain('and 980 more');
  expect(problem.length).toBeLessThan(5_000);
});

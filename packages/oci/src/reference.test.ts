import { expect, test } from 'vitest';
import { formatReference, parseReference } from './reference.js';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

test.each([
  ['registry.example/acme/hello:1.0.0', { registry: 'registry.example', repository: 'acme/hello', tag: '1.0.0' }],
  ['registry.example/acme/hello', { registry: 'registry.example', repository: 'acme/hello', tag: 'latest' }],
  ['REGISTRY.example/acme/hello:V1', { registry: 'registry.example', repository: 'acme/hello', tag: 'V1' }],
  ['localhost/hello', { registry: 'localhost', repository: 'hello', tag: 'latest' }],
  ['localhost:5000/a/b/c:x', { registry: 'localhost:5000', repository: 'a/b/c', tag: 'x' }],
  ['[::1]:5000/hello', { registry: '[::1]:5000', repository: 'hello', tag: 'latest' }],
  ['127.0.0.1:5000/hello', { registry: '127.0.0.1:5000', repository: 'hello', tag: 'latest' }],
  [`registry.example/acme/hello@${digest}`, { registry: 'registry.example', repository: 'acme/hello', digest }],
  [
    `registry.example/acme/hello:1@${digest}`,
    { registry: 'registry.example', repository: 'acme/hello', tag: '1', digest },
  ],
  ['hello', { registry: 'docker.io', repository: 'library/hello', tag: 'latest' }],
  ['acme/hello:1', { registry: 'docker.io', repository: 'acme/hello', tag: '1' }],
  ['index.docker.io/acme/hello', { registry: 'docker.io', repository: 'acme/hello', tag: 'latest' }],
  ['registry.example/a__b/c-d.e---f', { registry: 'registry.example', repository: 'a__b/c-d.e---f', tag: 'latest' }],
])('%s is taken apart', (text, parts) => {
  expect(parseReference(text)).toEqual(parts);
  expect(parseReference(formatReference(parts))).toEqual(parts);
});

test.each([
  '',
  '/',
  'registry.example/',
  'registry.example//hello',
  'registry.example/../../etc/passwd',
  'registry.example/acme/../hello',
  'registry.example/Acme/hello',
  'registry.example/acme/hello:',
  'registry.example/acme/hello:-x',
  'registry.example/acme/hello:a b',
  'registry.example/acme/hello:a:b',
  'registry.example/acme/hello?x=1',
  'registry.example/acme/hello#x',
  'registry.example/acme/hello\n',
  'registry.example/acme/hello@sha256:abc',
  `registry.example/acme/hello@${digest}@${digest}`,
  `registry.example/acme/hello@md5:${'0'.repeat(32)}`,
  'https://registry.example/acme/hello',
  'oci://registry.example/acme/hello',
  'user:password@registry.example/acme/hello',
  'registry.example:0/acme/hello',
  'registry.example:99999/acme/hello',
  '-registry.example/acme/hello',
  '[::1/hello',
  '[::g]:1/hello',
  `registry.example/${'a'.repeat(250)}`,
  `registry.example/acme/hello:${'x'.repeat(129)}`,
  'a/'.repeat(5000),
])('%j is refused in one line', (text) => {
  expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'ERR_REFERENCE_INVALID' }));
  expect(() => parseReference(text)).toThrow(/^.{20,500}\.$/);
});

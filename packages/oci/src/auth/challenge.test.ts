import { expect, test } from 'vitest';
import { parseChallenge } from './challenge.js';

const bearer = { scheme: 'bearer', realm: 'https://auth.example/token', service: 'registry' };

test.each([
  ['Bearer realm="https://auth.example/token",service="registry"', bearer],
  ['bearer realm = "https://auth.example/token" , service=registry, scope="repository:a:pull,push"', bearer],
  ['Bearer realm="https://auth.example/\\token",service="registry"', bearer],
  ['Basic realm="x", Bearer realm="https://auth.example/token", service="registry"', bearer],
  ['Bearer realm="https://auth.example/token",service="registry", Basic realm="x"', bearer],
  ['Bearer service="a, Basic realm=b",realm="r"', { scheme: 'bearer', realm: 'r', service: 'a, Basic realm=b' }],
  ['Bearer realm="r",realm="second"', { scheme: 'bearer', realm: 'r', service: undefined }],
  ['Basic realm="x"', { scheme: 'basic' }],
  ['Basic', { scheme: 'basic' }],
  ['Digest realm="x", Basic', { scheme: 'basic' }],
  ['Digest realm="x"', undefined],
  ['Bearer', undefined],
  ['Bearer realm="never closed', undefined],
  ['', undefined],
  [undefined, undefined],
  [['Basic realm="x"', 'Bearer realm="https://auth.example/token",service="registry"'], bearer],
  [`Basic ${'x'.repeat(10_000)}`, undefined],
])('%j', (header, challenge) => {
  expect(parseChallenge(header)).toEqual(challenge);
});

test('a header made to be slow is not', () => {
  const started = performance.now();
  for (const part of ['a ', 'a="', '\\"', ', ', '=']) parseChallenge(part.repeat(8000 / part.length));
  expect(performance.now() - started).toBeLessThan(500);
});

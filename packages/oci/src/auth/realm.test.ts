import { expect, test } from 'vitest';
import { mayHaveCredentials } from './realm.js';

test.each([
  ['https://auth.docker.io/token', 'https://registry-1.docker.io', true],
  ['https://gitlab.com/jwt/auth', 'https://registry.gitlab.com', true],
  ['https://registry.example/token', 'https://registry.example', true],
  ['https://registry.example:8443/token', 'https://registry.example', true],
  ['http://127.0.0.1:5001/token', 'http://127.0.0.1:5000', true],
  ['http://127.0.0.2/token', 'http://127.0.0.1', false],
  ['https://evil.example/token', 'https://registry.example', false],
  ['https://registry.example.evil.example/token', 'https://registry.example', false],
  ['https://evil.co.uk/token', 'https://registry.co.uk', false],
  ['https://auth.acme.co.uk/token', 'https://registry.acme.co.uk', true],
  ['https://mallory.github.io/token', 'https://ann.github.io', false],
  ['https://trusted.example/token', 'https://registry.example', true],
  ['https://trusted.example:8443/token', 'https://registry.example', true],
])('%s for %s: %s', (realm, registry, expected) => {
  expect(mayHaveCredentials(new URL(realm), new URL(registry), new Set(['trusted.example']))).toBe(expected);
});

import { expect, test } from 'vitest';
import { describeMissingRuntime } from './runtime-support.js';

test('a Node.js with promise integration is good whatever its version says', () => {
  expect(describeMissingRuntime('24.21.0', true)).toBeUndefined();
});

test('a Node.js without promise integration is named in one sentence that says what to use', () => {
  expect(describeMissingRuntime('20.20.0', false)).toMatch(/^Node\.js 20\.20\.0 .* use Node\.js 24\.21 or newer\.$/);
});

import { expect, test } from 'vitest';
import { durableName } from './jetstream-subscription.js';

test.each(['wasmcloud.a.b.c.0123', 'größe', 'x'.repeat(256), '/\\..', '='])('group %s has a consumer name', (group) => {
  expect(durableName(group, 'a.>')).toMatch(/^[A-Za-z0-9_-]{1,145}$/);
});

test('each group and each subject has a consumer of its own', () => {
  const names = ['a.b', 'a_b', 'a-b'].flatMap((group) =>
    ['x', 'x.>', 'X'].map((subject) => durableName(group, subject)),
  );
  expect(new Set(names).size).toBe(names.length);
});

import { expect, test } from 'vitest';
import { checkHostGroup, checkLabels } from './labels.js';

test.each(['default', 'a', 'A1', 'eu-west_1.b', 'x'.repeat(63)])('%s is a host group', (group) => {
  expect(() => checkHostGroup(group)).not.toThrow();
});

test.each(['', '-a', 'a-', 'a b', 'a/b', 'ü', 'x'.repeat(64), 'a\n', '.'])('%j is no host group', (group) => {
  expect(() => checkHostGroup(group)).toThrow(
    expect.objectContaining({ code: 'ERR_CONFIG_INVALID', details: { path: 'hostGroup' } }),
  );
});

test.each(['zone', 'example.com/zone', 'a-b.c/D_e.F', `${'x'.repeat(63)}`])('%s is the key of a label', (key) => {
  expect(() => checkLabels({ [key]: '' })).not.toThrow();
});

test.each(['', '/zone', 'a/b/c', 'Example.com/zone', '-a', 'a b', '__proto__x ', `${'x'.repeat(254)}/a`, 'a/'])(
  '%j is no key of a label',
  (key) => {
    expect(() => checkLabels({ [key]: 'v' })).toThrow(/as Kubernetes wants it/);
  },
);

test('what is wrong with a value names its label', () => {
  expect(() => checkLabels({ ok: 'fine', zone: 'not fine' })).toThrow(
    expect.objectContaining({ code: 'ERR_CONFIG_INVALID', details: { path: 'labels.zone' } }),
  );
});

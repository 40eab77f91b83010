import { describe, expect, test } from 'vitest';
import { isInbox, isPattern, isReserved, isSubject, matchesPattern } from './subjects.js';

test.each(['a', 'a.b.c', 'größe.鍵', 'a-b_c=d', '$SYS.REQ', 'a*b', 'a>b', 'x'.repeat(1_024)])(
  '%s is a subject',
  (text) => {
    expect(isSubject(text)).toBe(true);
  },
);

test.each([
  '',
  '.',
  'a.',
  '.a',
  'a..b',
  'a b',
  ' a',
  'a\tb',
  'a\r\nPUB b 0\r\n',
  'a\0',
  'a\u007f',
  'a\u0085b',
  'a\u2028b',
  'a\u202eb',
  'a\u200bb',
  '*',
  'a.*',
  'a.>',
  'x'.repeat(1_025),
])('%j is no subject', (text) => {
  expect(isSubject(text)).toBe(false);
});

test.each(['*', '>', 'a.*', '*.b', 'a.*.>', 'a.>'])('%s is a pattern', (text) => {
  expect(isPattern(text)).toBe(true);
});

test.each(['>.a', 'a.>.b', 'a b.>', ''])('%j is no pattern', (text) => {
  expect(isPattern(text)).toBe(false);
});

test.each([
  ['a.b', 'a.b', true],
  ['a.b', 'a.B', false],
  ['a.b', 'a', false],
  ['a', 'a.b', false],
  ['a.*', 'a.b', true],
  ['a.*', 'a', false],
  ['a.*', 'a.b.c', false],
  ['*.b', 'a.b', true],
  ['>', 'a', true],
  ['>', 'a.b', true],
  ['a.>', 'a', false],
  ['a.>', 'a.b.c', true],
  ['a.*.c.>', 'a.b.c.d', true],
  ['a.*.c.>', 'a.b.c', false],
  ['a*', 'ab', false],
])('%s matches %s: %s', (pattern, subject, expected) => {
  expect(matchesPattern(pattern, subject)).toBe(expected);
});

describe('what is not for guests', () => {
  const reserved = ['$SYS.x', '$JS.API.INFO', '$KV.a.b', '$', 'runtime.host.x', 'runtime', '_INBOX.a', '_INBOX'];
  test.each([...reserved, 'lodge.logs', 'lodge.logs.shop.cart'])('%s', (text) => {
    expect(isReserved(text)).toBe(true);
  });

  test.each([
    'runtimes.a',
    'lodge',
    'lodge.log',
    'lodge.logsx.a',
    'a.lodge.logs',
    'a.runtime',
    'a.$SYS',
    '_INBOXES.a',
    '_inbox.a',
    '*',
    '>',
  ])('is not %s', (text) => {
    expect(isReserved(text)).toBe(false);
  });

  test('inboxes are told apart', () => {
    expect([isInbox('_INBOX.a.b'), isInbox('$SYS.a'), isInbox('a._INBOX.b')]).toEqual([true, false, false]);
  });
});

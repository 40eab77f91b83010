import { describe, expect, test } from 'vitest';
import { isSubjectPrefix, logSubject } from './subject.js';

const workload = { id: 'w', annotations: {} };

describe('logSubject', () => {
  test.each([
    ['shop', 'cart', 'logs.shop.cart'],
    ['a.b', 'c', 'logs.a=2Eb.c'],
    ['*', '>', 'logs.=2A.=3E'],
    ['ü', 'two words', 'logs.=C3=BC.two=20words'],
    ['', 'a=b', 'logs.=.a=3Db'],
  ])('of namespace %j and workload %j is %j', (namespace, name, expected) => {
    expect(logSubject('logs', { ...workload, namespace, name })).toBe(expected);
  });
});

describe('isSubjectPrefix', () => {
  test.each(['lodge.logs', 'a', 'A-b_1.c'])('takes %j', (text) => expect(isSubjectPrefix(text)).toBe(true));

  test.each(['', '.', 'a.', '.a', 'a..b', '$SYS', 'a.*', '>', 'a b', 'a\r\nPUB'])('refuses %j', (text) => {
    expect(isSubjectPrefix(text)).toBe(false);
  });
});

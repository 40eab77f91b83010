import { describe, expect, test } from 'vitest';
import { parseAddress, readAddress, readCount, readPairs } from './settings.js';
import { UsageError } from './usage-error.js';

describe('an address', () => {
  test.each([
    ['127.0.0.1:8000', { host: '127.0.0.1', port: 8000 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    [':9000', { host: '127.0.0.1', port: 9000 }],
    ['9000', { host: '127.0.0.1', port: 9000 }],
  ])('%s is read', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  test.each(['', 'localhost', '127.0.0.1:', '127.0.0.1:65536', '::1:80', 'http://localhost:80'])(
    '"%s" is refused',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
      expect(() => readAddress('--http', text)).toThrow(UsageError);
    },
  );
});

describe('a NAME=value pair', () => {
  test('may have an empty value and further equals signs', () => {
    expect(readPairs('--env', ['A=', 'B=x=y'])).toEqual({ A: '', B: 'x=y' });
  });

  test('without a name is refused, and its text is not repeated', () => {
    expect(() => readPairs('--env', ['s3cr3t'])).toThrow(/^((?!s3cr3t).)*NAME=value$/);
    expect(() => readPairs('--env', ['=s3cr3t'])).toThrow(UsageError);
  });

  test('may be named like a member of every object', () => {
    expect(Object.entries(readPairs('--env', ['__proto__=x']))).toEqual([['__proto__', 'x']]);
  });
});

test.each(['-1', '1.5', 'many', '1e3', ''])('"%s" is no count', (text) => {
  expect(() => readCount('--pool', text)).toThrow(UsageError);
});

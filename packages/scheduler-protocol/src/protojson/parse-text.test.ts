import { expect, test } from 'vitest';
import { parseText } from './parse-text.js';

/** Keys as they are parsed first, and as they are written next: those that V8 takes for each other, and some that look like it. */
const keys: readonly (readonly [string, string])[] = [
  ['\\\\', '\\"'],
  ['\\\\', '\\u0000'],
  ['b\\\\', 'b\\"'],
  ['\\\\nab', '\\nabc'],
  ['\\\\', '\\\\'],
  ['\\\\u00', '\\u003cb'],
  ['\ue0000', '\ue000'],
  ['a', '\\u0061'],
  ['\ue000', '\ue0000'],
];

test.each(keys)('keys are what is written, whatever was parsed before: %j, then %j', (before, written) => {
  const member = `member ${before} ${written}`.replaceAll(/[\\"]/g, '-');
  parseText(`{"${member}":"1","${before}":"2"}`);
  const parsed = parseText(`{"${member}":"1","${written}" \n:"2"}`) as object;
  expect(Object.entries(parsed)).toEqual([
    [member, '1'],
    [JSON.parse(`"${written}"`), '2'],
  ]);
});

test('of a key that is written twice the last one counts, in whatever spelling', () => {
  expect(parseText('{"a":1,"\\u0061":2}')).toEqual({ a: 2 });
});

test('only keys are touched', () => {
  const text = '{"\\"x":["\\":","\\\\","\\"",{"\\n":"\\ue000:"}],"y":"\\":\\""}';
  expect(parseText(text)).toEqual({ '"x': ['":', '\\', '"', { '\n': '\ue000:' }], y: '":"' });
});

test('__proto__ is a key like any other, also where keys are looked at', () => {
  const parsed = parseText('{"__proto__":{"a":1},"\\"":2}') as object;
  expect(Object.entries(parsed)).toEqual([
    ['__proto__', { a: 1 }],
    ['"', 2],
  ]);
});

test('whole numbers are exact, also where keys are looked at', () => {
  expect(parseText('[18446744073709551615,-9007199254740993,1.5,1e30]')).toEqual([
    18_446_744_073_709_551_615n,
    -9_007_199_254_740_993n,
    1.5,
    1e30,
  ]);
  expect(parseText('{"\\"":9007199254740993}')).toEqual({ '"': 9_007_199_254_740_993n });
});

test('a megabyte of quotes and escapes takes no time to speak of', () => {
  const started = performance.now();
  const quotes = '\\"'.repeat(500_000);
  expect(parseText(`{"${quotes}":"${quotes}"}`)).toEqual({ ['"'.repeat(500_000)]: '"'.repeat(500_000) });
  expect(() => parseText(`{"${quotes}`)).toThrow(SyntaxError);
  expect(() => parseText(`${'"\\'.repeat(500_000)}`)).toThrow(SyntaxError);
  expect(performance.now() - started).toBeLessThan(5_000);
});

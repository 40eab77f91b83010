import { describe, expect, test } from 'vitest';
import { bucketName, decodeKey, encodeKey } from './names.js';

describe('encodeKey', () => {
  test.each([
    ['plain/key_1.of-legal', 'plain/key_1.of-legal'],
    ['', '='],
    ['a b', 'a=20b'],
    ['a=b', 'a=3Db'],
    ['=20', '=3D20'],
    ['.', '=2E'],
    ['.a.', '=2Ea=2E'],
    ['a..b', 'a.=2Eb'],
    ['...', '=2E.=2E'],
    ['*', '=2A'],
    ['>', '=3E'],
    ['é', '=C3=A9'],
    ['🔑', '=F0=9F=94=91'],
    ['\u0000', '=00'],
  ])('of %j is %s, and back', (key, encoded) => {
    expect(encodeKey(key)).toBe(encoded);
    expect(decodeKey(encoded)).toBe(key);
  });

  test('tells any two keys apart, and gives only what NATS takes', () => {
    const alphabet = ['', '.', '=', ' ', 'a', '2', 'E', 'é'];
    const keys = alphabet.flatMap((a) => alphabet.flatMap((b) => alphabet.map((c) => a + b + c)));
    const distinct = new Set(keys);
    const encoded = new Set([...distinct].map(encodeKey));
    expect(encoded.size).toBe(distinct.size);
    for (const name of encoded) {
      expect(name).toMatch(/^[-/=.\w]+$/);
      expect(name).not.toMatch(/^\.|\.\.|\.$/);
    }
    for (const key of distinct) expect(decodeKey(encodeKey(key))).toBe(key);
  });

  test('refuses half a surrogate pair, which has no bytes of its own', () => {
    expect(() => encodeKey('\ud800')).toThrow(/well-formed/);
  });
});

describe('decodeKey', () => {
  test.each(['a=', 'a=2', 'a=2e', 'a=41', '=C3', '=FF', 'a=3D=', 'a..b=20', '..', 'a b'])(
    'of %j, which encodeKey never makes, is undefined',
    (encoded) => {
      expect(decodeKey(encoded)).toBeUndefined();
    },
  );
});

describe('bucketName', () => {
  test('has the parts of the address, escaped', () => {
    expect(bucketName({ namespace: 'shop', store: 'default', bucket: 'orders' })).toBe('shop__default__orders');
    expect(bucketName({ namespace: 'a_b', store: '', bucket: 'ü.x' })).toBe('a_5Fb_____C3_BC_2Ex');
  });

  test('of a shared bucket is its own', () => {
    expect(bucketName({ namespace: undefined, store: 'x', bucket: 'orders_1' })).toBe('orders_1');
  });

  test.each([
    { namespace: 'shop', store: 'default', bucket: 'orders' },
    { namespace: 'a_b', store: '', bucket: '' },
    { namespace: '', store: '', bucket: '' },
    { namespace: '_', store: '_', bucket: '_' },
  ])('of %j cannot be had as a shared bucket', (address) => {
    const bucket = bucketName(address);
    expect(() => bucketName({ namespace: undefined, store: 'x', bucket })).toThrow(
      expect.objectContaining({ kind: 'access-denied' }),
    );
  });

  test('refuses what NATS has no buckets for', () => {
    expect(() => bucketName({ namespace: undefined, store: 'x', bucket: 'a.b' })).toThrow(
      expect.objectContaining({ kind: 'no-such-store' }),
    );
    expect(() => bucketName({ namespace: 'a', store: 'b', bucket: 'c'.repeat(300) })).toThrow(
      expect.objectContaining({ kind: 'other' }),
    );
  });
});

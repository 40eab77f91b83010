import { describe, expect, test } from 'vitest';
import { bucketName, fromBucketKey, toBucketKey } from './names.js';

describe('bucketName', () => {
  test('is the namespace and the store where both are plain', () => {
    expect(bucketName({ namespace: 'default', store: 'config' })).toBe('default__config');
    expect(bucketName({ namespace: 'team-a', store: 'Feature-Flags' })).toBe('team-a__Feature-Flags');
    expect(bucketName({ namespace: undefined, store: 'config' })).toBe('__config');
  });

  test('escapes everything else, so that no two places meet', () => {
    expect(bucketName({ namespace: 'a_', store: 'b' })).toBe('a_5F__b');
    expect(bucketName({ namespace: 'a', store: '_b' })).toBe('a___5Fb');
    expect(bucketName({ namespace: 'a.*>', store: 'ü' })).toBe('a_2E_2A_3E___C3_BC');
  });

  test('is undefined for what a server could not store', () => {
    expect(bucketName({ namespace: 'a', store: 'b'.repeat(197) })).toHaveLength(200);
    expect(bucketName({ namespace: 'a', store: 'b'.repeat(198) })).toBeUndefined();
  });
});

describe('toBucketKey', () => {
  test.each([
    ['plain', 'plain'],
    ['a/b.c_d-E', 'a/b.c_d-E'],
    ['', '='],
    ['a=b', 'a=3Db'],
    ['two words', 'two=20words'],
    ['ü', '=C3=BC'],
    ['.a.', '=2Ea=2E'],
    ['a..b', 'a=2E.b'],
    ['.', '=2E'],
    ['...', '=2E=2E=2E'],
    ['*>', '=2A=3E'],
  ])('writes %j as %j, and back', (key, bucketKey) => {
    expect(toBucketKey(key)).toBe(bucketKey);
    expect(fromBucketKey(bucketKey)).toBe(key);
  });
});

describe('fromBucketKey', () => {
  test.each(['=41', '=ZZ', '=c3=bc', '=C3', 'a=', '=00=', '==', '=FF'])(
    'leaves %j as it is: nobody here wrote it',
    (key) => {
      expect(fromBucketKey(key)).toBe(key);
    },
  );
});

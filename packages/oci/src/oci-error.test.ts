import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { OciError, ociErrorCodes } from './oci-error.js';

test('the README has one row for each code, and no other', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `(ERR_[A-Z_]+)` \|/gm)].map(([, code]) => code);
  expect(rows.sort()).toEqual([...ociErrorCodes].sort());
});

test('an error of another copy of the package is recognised', () => {
  const other = Object.assign(new Error('x'), { name: 'OciError', code: 'ERR_DIGEST_MISMATCH' });
  expect(OciError.is(other)).toBe(true);
  expect(OciError.is(other, 'ERR_DIGEST_MISMATCH')).toBe(true);
  expect(OciError.is(other, 'ERR_ACCESS_DENIED')).toBe(false);
  expect(OciError.is(Object.assign(new Error('x'), { name: 'OciError', code: 'ERR_OTHER' }))).toBe(false);
  expect(OciError.is({ name: 'OciError', code: 'ERR_DIGEST_MISMATCH' })).toBe(false);
});

import { describe, expect, it } from 'vitest';
import { camelCase, checkExternName, checkLabel, pascalCase } from './names.js';

describe('names', () => {
  it('spells WIT names as JavaScript does', () => {
    expect(camelCase('get-random-bytes')).toBe('getRandomBytes');
    expect(camelCase('HTTP-request')).toBe('httpRequest');
    expect(pascalCase('input-stream')).toBe('InputStream');
  });

  it.each([
    'run',
    'wasi:io/poll@0.2.0',
    'wasi:keyvalue/store@0.2.0-draft',
    '[method]pollable.block',
    '[constructor]fields',
    'a:b/c',
  ])('accepts %s', (name) => {
    expect(checkExternName(name)).toBe(name);
  });

  it('refuses a name of unreasonable length without repeating it', () => {
    expect(() => checkExternName('a'.repeat(10_000))).toThrow(/has 10000 characters/);
    expect(() => checkLabel(`${'a'.repeat(5000)}`)).toThrow(/is not a valid label/);
  });
});

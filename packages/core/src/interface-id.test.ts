import { describe, expect, it } from 'vitest';
import { formatInterfaceId, matchesInterface, matchesVersion, parseInterfaceId } from './interface-id.js';

describe('parseInterfaceId', () => {
  it.each([
    ['wasi:io/poll@0.2.0', { namespace: 'wasi', package: 'io', interfaces: ['poll'], version: '0.2.0' }],
    ['a:b/c', { namespace: 'a', package: 'b', interfaces: ['c'], version: undefined }],
    [
      'wasi:http/types,incoming-handler@0.2.0-rc.1',
      { namespace: 'wasi', package: 'http', interfaces: ['types', 'incoming-handler'], version: '0.2.0-rc.1' },
    ],
    ['wasi:http/types,types', { namespace: 'wasi', package: 'http', interfaces: ['types'], version: undefined }],
  ])('reads %s', (text, parsed) => {
    expect(parseInterfaceId(text)).toEqual(parsed);
  });

  it.each([
    '',
    ':',
    'wasi',
    'wasi:io',
    'wasi:io/',
    'wasi:/poll',
    ':io/poll',
    'wasi:io/poll@',
    'wasi:io/poll@0.2',
    'wasi:io/poll@01.0.0',
    'wasi:io/poll@0.2.0 ',
    'wasi:io/po_ll',
    '__proto__:io/poll',
    'wasi:io/-poll',
    'wasi:io/poll-',
    'wasi:io/poll,',
    'wasi:io/poll\n',
    'wasi:io/poll@0.2.0\n',
    'wäsi:io/poll',
    'wasi:io/../../etc',
  ])('answers undefined for %j', (text) => {
    expect(parseInterfaceId(text)).toBeUndefined();
  });

  it('refuses a hostile name of 10 MB at once', () => {
    const startedAt = performance.now();
    expect(parseInterfaceId(`wasi:io/${'a-'.repeat(5_000_000)}`)).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(50);
  });

  it('takes no longer than a moment for the worst name that is short enough', () => {
    const startedAt = performance.now();
    for (const text of [`a:b/${'a-'.repeat(500)}!`, `${'a:'.repeat(500)}!`, `a:b/c@0.2.0-${'a.'.repeat(500)}!`]) {
      expect(parseInterfaceId(text)).toBeUndefined();
    }
    expect(performance.now() - startedAt).toBeLessThan(50);
  });

  it('is the inverse of formatInterfaceId', () => {
    for (const text of ['wasi:io/poll@0.2.0', 'a:b/c', 'wasi:http/types,handler@1.0.0-draft']) {
      const parsed = parseInterfaceId(text);
      expect(parsed && formatInterfaceId(parsed)).toBe(text);
    }
  });
});

describe('matchesVersion', () => {
  it.each([
    ['0.2.0', '0.2.6', true],
    ['0.2.6', '0.2.0', true],
    ['1.0.0', '1.9.3', true],
    ['0.2.0', '0.3.0', false],
    ['1.0.0', '2.0.0', false],
    ['0.0.1', '0.0.2', false],
    ['0.0.1', '0.0.1', true],
    ['0.2.0-draft', '0.2.0', false],
    ['0.2.0-draft', '0.2.0-draft', true],
    ['0.2.0-draft', '0.2.0-draft2', false],
    ['0.2.0-rc.1', '0.2.1-rc.1', false],
    ['0.2.0+build.1', '0.2.1', true],
    [undefined, '0.2.0-draft', true],
    ['3.1.0', undefined, true],
  ])('answers for %s and %s: %s', (wanted, offered, expected) => {
    expect(matchesVersion(wanted, offered)).toBe(expected);
  });
});

describe('matchesInterface', () => {
  const parsed = (text: string) => parseInterfaceId(text) ?? expect.unreachable();

  it.each([
    ['wasi:io/poll@0.2.0', 'wasi:io/poll@0.2.3', true],
    ['wasi:io/poll@0.2.0', 'wasi:io/streams@0.2.0', false],
    ['wasi:io/poll', 'wasi:io/streams,poll@0.2.0', true],
    ['wasi:io/poll', 'wasi:clocks/poll', false],
    ['wasi:io/poll', 'other:io/poll', false],
  ])('answers for %s and %s: %s', (wanted, offered, expected) => {
    expect(matchesInterface(parsed(wanted), parsed(offered))).toBe(expected);
  });
});

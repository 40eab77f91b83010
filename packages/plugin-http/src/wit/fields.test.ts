import { HostError, WitError } from '@lodge/core';
import { describe, expect, test } from 'vitest';
import { text, utf8 } from '../testing/guests.js';
import { Fields } from './fields.js';

function errorTag(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return WitError.is(error) ? (error.payload as { tag: string }).tag : error;
  }
  return undefined;
}

describe('fields', () => {
  test('keep repeated values in order under a name of any case', () => {
    const fields = new Fields();
    fields.append('X-One', utf8('1'));
    fields.append('x-one', utf8('2'));
    expect(fields.get('X-ONE').map(text)).toEqual(['1', '2']);
    expect(fields.has('x-One')).toBe(true);
    fields.set('x-one', [utf8('3')]);
    expect(fields.entries().map(([name, value]) => [name, text(value)])).toEqual([['x-one', '3']]);
    fields.delete('X-One');
    expect(fields.has('x-one')).toBe(false);
  });

  test.each(['', 'a b', 'a:b', 'ä', 'a\r\nb', 'a\0'])('refuse the name %j as invalid syntax', (name) => {
    expect(errorTag(() => new Fields().append(name, utf8('1')))).toBe('invalid-syntax');
    expect(errorTag(() => new Fields().set(name, []))).toBe('invalid-syntax');
    expect(errorTag(() => new Fields().delete(name))).toBe('invalid-syntax');
    expect(errorTag(() => Fields.fromList([[name, utf8('1')]]))).toBe('invalid-syntax');
  });

  test.each(['a\r\nb', 'a\nb', 'a\0b', '\x7f', '\x1b[1m'])('refuse the value %j as invalid syntax', (value) => {
    const fields = new Fields();
    expect(errorTag(() => fields.append('x', utf8(value)))).toBe('invalid-syntax');
    expect(errorTag(() => fields.set('x', [utf8('ok'), utf8(value)]))).toBe('invalid-syntax');
    expect(fields.entries()).toEqual([]);
  });

  test.each(['Connection', 'host', 'Keep-Alive', 'Transfer-Encoding', 'upgrade', 'Proxy-Connection', 'http2-settings'])(
    'refuse %s as forbidden',
    (name) => {
      expect(errorTag(() => new Fields().append(name, utf8('1')))).toBe('forbidden');
      expect(errorTag(() => Fields.fromList([[name, utf8('1')]]))).toBe('forbidden');
    },
  );

  test('of a received message are immutable, hide connection fields and give bytes above 127 unchanged', () => {
    const fields = Fields.received(['X-One', '\xe9', 'Connection', 'close']);
    expect(fields.entries()).toEqual([['x-one', Uint8Array.of(0xe9)]]);
    expect(errorTag(() => fields.append('a', utf8('1')))).toBe('immutable');
    expect(errorTag(() => fields.set('a', []))).toBe('immutable');
    expect(errorTag(() => fields.delete('a'))).toBe('immutable');
  });

  test('a clone of immutable fields can be changed without them', () => {
    const fields = Fields.received(['a', '1']);
    const copy = fields.clone();
    copy.append('a', utf8('2'));
    expect([fields.get('a').length, copy.get('a').length]).toEqual([1, 2]);
  });

  test('trap the guest past their bounds', () => {
    const many = new Fields();
    for (let index = 0; index < 4_096; index++) many.append('a', utf8('1'));
    expect(
      HostError.is(
        errorTag(() => many.append('a', utf8('1'))),
        'ERR_LIMIT_EXCEEDED',
      ),
    ).toBe(true);
    const large = new Fields();
    expect(
      HostError.is(
        errorTag(() => large.append('a', new Uint8Array(1_048_577).fill(65))),
        'ERR_LIMIT_EXCEEDED',
      ),
    ).toBe(true);
  });

  test('count as a child of their message until they are dropped', () => {
    const parent = { children: 0 };
    const fields = Fields.received([], parent);
    expect(parent.children).toBe(1);
    fields[Symbol.dispose]();
    fields[Symbol.dispose]();
    expect(parent.children).toBe(0);
  });
});

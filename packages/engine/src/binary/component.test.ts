import { HostError } from '@lodge/core';
import { describe, expect, it } from 'vitest';
import { parseComponent } from './component.js';

const header = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

function messageOf(bytes: Iterable<number>): string {
  try {
    parseComponent(Uint8Array.from(bytes));
  } catch (error) {
    if (HostError.is(error)) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'parsed';
}

describe('parseComponent', () => {
  it('reads an empty component', () => {
    expect(parseComponent(Uint8Array.from(header)).definitions).toEqual([]);
  });

  it('skips custom sections', () => {
    expect(parseComponent(Uint8Array.from([...header, 0, 2, 1, 0x78])).definitions).toEqual([]);
  });

  it.each([
    ['nothing', [], 'it is empty'],
    ['a core module', [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], 'it is a core WebAssembly module'],
    ['text', [...new TextEncoder().encode('(component)')], 'it is text'],
    ['something else', [0xff, 0xd8, 0xff, 0xe0], 'does not begin with the WebAssembly header'],
    ['half a header', header.slice(0, 6), 'the binary ends after 6 bytes'],
    ['another version', [0x00, 0x61, 0x73, 0x6d, 0x0e, 0x00, 0x01, 0x00], 'version 14 and layer 1'],
    ['a section that is too long', [...header, 7, 5, 1], 'reaches past the end'],
    ['an unknown section', [...header, 99, 0], 'unknown section 99'],
    [
      'a count beyond the bytes',
      [...header, 7, 5, 0xff, 0xff, 0xff, 0xff, 0x0f],
      'does not fit the bytes that are left',
    ],
    ['bytes after a section', [...header, 7, 3, 1, 0x7f, 0x7f], 'bytes too many'],
    ['an unknown type', [...header, 7, 2, 1, 0x01], 'unknown type 0x1'],
    ['an empty record', [...header, 7, 3, 1, 0x72, 0], 'a record type has no members'],
  ])('says what is wrong with %s', (_, bytes, reason) => {
    const message = messageOf(bytes);
    expect(message).toMatch(/^ERR_COMPONENT_INVALID This is not a valid component: /);
    expect(message).toContain(reason);
  });

  it('names the feature that it does not support', () => {
    expect(messageOf([...header, 8, 2, 1, 0x05])).toMatch(/^ERR_COMPONENT_UNSUPPORTED .*WASI 0\.3 built-ins/);
  });

  it('refuses component nesting that would exhaust the stack', () => {
    let bytes: number[] = [...header];
    for (let depth = 0; depth < 60; depth++) {
      const size = bytes.length;
      bytes = [...header, 4, ...(size < 0x80 ? [size] : [(size & 0x7f) | 0x80, size >> 7]), ...bytes];
    }
    expect(messageOf(bytes)).toContain('nested more than 50 deep');
  });

  it.each(['', '"', "'", '\\', 'a b', 'a\nb', 'A-', '-a', '__proto__', '\u2028', 'a:b', 'a`'])(
    'refuses %j as the name of an import',
    (name) => {
      const text = new TextEncoder().encode(name);
      // A function type, then an import of it.
      const types = [7, 5, 1, 0x40, 0x00, 0x01, 0x00];
      const imports = [1, 0x00, text.length, ...text, 0x01, 0x00];
      expect(messageOf([...header, ...types, 10, imports.length, ...imports])).toContain(
        'is not a valid import or export name',
      );
    },
  );
});

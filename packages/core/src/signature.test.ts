import { describe, expect, it } from 'vitest';
import { interfaceSignatures } from './interface-signatures.js';
import type { FunctionShape, TypeShape } from './shape.js';
import { SignatureWriter } from './signature.js';

const u8: TypeShape = { kind: 'u8' };

function write(result: TypeShape): string {
  const shape: FunctionShape = { name: 'f', kind: 'function', isAsync: false, params: [], result };
  return new SignatureWriter(({ resource }) => resource).write(shape).replace('func() -> ', '');
}

describe('a signature', () => {
  it.each<[TypeShape, string]>([
    [{ kind: 'list', element: u8 }, 'list<u8>'],
    [{ kind: 'list', element: u8, length: 4 }, 'list<u8, 4>'],
    [{ kind: 'map', key: { kind: 'string' }, value: u8 }, 'map<string, u8>'],
    [{ kind: 'tuple', elements: [u8, { kind: 'char' }] }, 'tuple<u8, char>'],
    [{ kind: 'option', some: u8 }, 'option<u8>'],
    [{ kind: 'result', ok: undefined, err: undefined }, 'result'],
    [{ kind: 'result', ok: u8, err: undefined }, 'result<u8>'],
    [{ kind: 'result', ok: undefined, err: u8 }, 'result<_, u8>'],
    [{ kind: 'result', ok: u8, err: u8 }, 'result<u8, u8>'],
    [{ kind: 'enum', cases: ['a', 'b'] }, 'enum { a, b }'],
    [{ kind: 'flags', names: ['a', 'b'] }, 'flags { a, b }'],
    [{ kind: 'record', fields: [{ name: 'a', type: u8 }] }, 'record { a: u8 }'],
    [
      {
        kind: 'variant',
        cases: [
          { name: 'a', type: u8 },
          { name: 'b', type: undefined },
        ],
      },
      'variant { a(u8), b }',
    ],
    [{ kind: 'own', resource: 'r', owner: undefined }, 'own<r>'],
    [{ kind: 'stream', element: u8 }, 'stream<u8>'],
    [{ kind: 'future', element: undefined }, 'future'],
  ])('writes %o as WIT does', (type, text) => {
    expect(write(type)).toBe(text);
  });

  it('tells a name that spells a type from that type', () => {
    expect(write({ kind: 'enum', cases: ['a, b'] })).toBe('enum { "a, b" }');
    expect(write({ kind: 'record', fields: [{ name: 'a: u8, b', type: u8 }] })).toBe('record { "a: u8, b": u8 }');
  });

  it('is cut where it gets too long, and then equals nothing that can be written', () => {
    const cases = Array.from({ length: 1_000_000 }, (_, index) => `case-${index}`);
    expect(write({ kind: 'list', element: { kind: 'enum', cases } })).toBe('list<…>');
  });
});

describe('the signatures of a component', () => {
  it('name each resource by its interface and what its versions have in common', () => {
    const type: TypeShape = {
      kind: 'own',
      resource: 'bucket',
      owner: { direction: 'import', externName: 'acme:kv/store@0.2.7' },
    };
    const open: FunctionShape = { name: 'open', kind: 'function', isAsync: false, params: [], result: type };
    const shape = {
      imports: [
        { externName: 'acme:kv/store@0.2.7', id: 'acme:kv/store@0.2.7', functions: [open], resources: ['bucket'] },
      ],
      exports: [{ externName: 'acme:kv/user@0.2.7', id: 'acme:kv/user@0.2.7', functions: [open], resources: [] }],
      importedFunctions: [],
      exportedFunctions: [],
    } as const;
    const signature = 'func() -> own<acme:kv/store.bucket@0.2>';
    expect(interfaceSignatures(shape)).toEqual({
      'acme:kv/store@0.2.7': { open: signature },
      'acme:kv/user@0.2.7': { open: signature },
    });
  });
});

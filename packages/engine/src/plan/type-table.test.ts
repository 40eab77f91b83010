import { describe, expect, it } from 'vitest';
import { coreSignature, offsetsOf, TypeTable } from './type-table.js';
import type { ValueType } from './types.js';

describe('TypeTable', () => {
  it('makes equal types the same object', () => {
    const table = new TypeTable();
    const u32 = table.intern({ kind: 'u32' });
    const list = (): ValueType => table.intern({ kind: 'list', element: u32 });
    expect(list()).toBe(list());
    expect(table.intern({ kind: 'option', some: list() })).not.toBe(list());
  });

  it('lays out records with padding', () => {
    const table = new TypeTable();
    const fields = (['u8', 'u32', 'u16', 'u64'] as const).map((kind) => table.intern({ kind }));
    expect(offsetsOf(fields)).toEqual({ offsets: [0, 4, 8, 16], size: 24, align: 8 });
  });

  it('joins the core values of variant cases', () => {
    const table = new TypeTable();
    const [f32, u64, text] = [
      table.intern({ kind: 'f32' }),
      table.intern({ kind: 'u64' }),
      table.intern({ kind: 'string' }),
    ];
    const variant = table.intern({
      kind: 'variant',
      cases: [f32, u64, text].map((type, index) => ({ name: `c${index}`, type })),
    });
    expect(variant).toMatchObject({ size: 16, align: 8, flat: ['i32', 'i64', 'i32'] });
  });

  it('passes more than 16 parameters, and more than one result, through memory', () => {
    const table = new TypeTable();
    const u32 = table.intern({ kind: 'u32' });
    const params = (count: number): { name: string; type: ValueType }[] =>
      Array.from({ length: count }, (_, index) => ({ name: `p${index}`, type: u32 }));
    expect(coreSignature({ params: params(16), result: u32 }, 'lift').params).toHaveLength(16);
    expect(coreSignature({ params: params(17), result: u32 }, 'lift')).toEqual({ params: ['i32'], results: ['i32'] });
    const text = table.intern({ kind: 'string' });
    expect(coreSignature({ params: [], result: text }, 'lift')).toEqual({ params: [], results: ['i32'] });
    expect(coreSignature({ params: [], result: text }, 'lower')).toEqual({ params: ['i32'], results: [] });
  });

  it('refuses a type whose parts multiply beyond any real number', () => {
    const table = new TypeTable();
    let type = table.intern({ kind: 'u64' });
    const doubled = (): void => {
      for (let depth = 0; depth < 60; depth++) type = table.intern({ kind: 'tuple', elements: [type, type] });
    };
    expect(doubled).toThrow(/more than 10000 parts/);
  });

  it('refuses types nested beyond any real depth', () => {
    const table = new TypeTable();
    let type = table.intern({ kind: 'u8' });
    const nested = (): void => {
      for (let depth = 0; depth < 200; depth++) type = table.intern({ kind: 'option', some: type });
    };
    expect(nested).toThrow(/nested more than 100 deep/);
  });
});

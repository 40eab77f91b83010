import { invalid, unsupported } from '../invalid.js';
import type { AliasAst, CoreSort, ExternName, ExternTypeAst, Sort, SortIndex } from './ast.js';
import { checkExternName } from './names.js';
import type { Reader } from './reader.js';

const coreSorts: ReadonlyMap<number, CoreSort> = new Map([
  [0x00, 'func'],
  [0x01, 'table'],
  [0x02, 'memory'],
  [0x03, 'global'],
  [0x04, 'tag'],
  [0x10, 'type'],
  [0x11, 'module'],
  [0x12, 'instance'],
]);

const sorts: ReadonlyMap<number, Sort> = new Map([
  [0x01, 'func'],
  [0x02, 'value'],
  [0x03, 'type'],
  [0x04, 'component'],
  [0x05, 'instance'],
]);

export function parseCoreSort(reader: Reader): CoreSort {
  const byte = reader.byte();
  const sort = coreSorts.get(byte);
  if (sort === undefined) throw invalid(`unknown core sort 0x${byte.toString(16)} at byte ${reader.position - 1}`);
  return sort;
}

function parseSort(reader: Reader): { sort: Sort; core: CoreSort | undefined } {
  const byte = reader.byte();
  if (byte === 0x00) return { sort: 'core', core: parseCoreSort(reader) };
  const sort = sorts.get(byte);
  if (sort === undefined) throw invalid(`unknown sort 0x${byte.toString(16)} at byte ${reader.position - 1}`);
  if (sort === 'value') throw unsupported('component values');
  return { sort, core: undefined };
}

export function parseSortIndex(reader: Reader): SortIndex {
  const { sort, core } = parseSort(reader);
  return { sort, core, index: reader.u32() };
}

export function parseAlias(reader: Reader): AliasAst {
  const { sort, core } = parseSort(reader);
  const target = reader.byte();
  switch (target) {
    case 0x00:
    case 0x01: {
      const item = { sort, core, index: reader.u32() };
      return { target: target === 0x00 ? 'export' : 'core-export', item, name: reader.name() };
    }
    case 0x02: {
      const depth = reader.u32();
      return { target: 'outer', depth, item: { sort, core, index: reader.u32() } };
    }
    default:
      throw invalid(`unknown alias target 0x${target.toString(16)} at byte ${reader.position - 1}`);
  }
}

/** An import or export name with its attributes. */
export function parseExternName(reader: Reader): ExternName {
  const form = reader.byte();
  if (form > 0x02) throw invalid(`unknown form of name 0x${form.toString(16)} at byte ${reader.position - 1}`);
  const name = checkExternName(reader.name());
  let implemented: string | undefined;
  if (form === 0x02) {
    reader.vector(() => {
      const attribute = reader.byte();
      if (attribute > 0x02)
        throw invalid(`unknown name attribute 0x${attribute.toString(16)} at byte ${reader.position - 1}`);
      const value = reader.name();
      if (attribute === 0x00) implemented = checkExternName(value);
    });
  }
  return { name, implements: implemented };
}

export function parseExternType(reader: Reader): ExternTypeAst {
  const kind = reader.byte();
  switch (kind) {
    case 0x00:
      reader.expect(0x11, 'a core module type');
      return { kind: 'core-module', type: reader.u32() };
    case 0x01:
      return { kind: 'func', type: reader.u32() };
    case 0x02:
      throw unsupported('component values');
    case 0x03: {
      const bound = reader.byte();
      if (bound === 0x00) return { kind: 'type', bound: { kind: 'eq', type: reader.u32() } };
      if (bound === 0x01) return { kind: 'type', bound: { kind: 'sub-resource' } };
      throw invalid(`unknown type bound 0x${bound.toString(16)} at byte ${reader.position - 1}`);
    }
    case 0x04:
      return { kind: 'component', type: reader.u32() };
    case 0x05:
      return { kind: 'instance', type: reader.u32() };
    default:
      throw invalid(`unknown kind of import or export 0x${kind.toString(16)} at byte ${reader.position - 1}`);
  }
}

import { invalid } from '../invalid.js';
import { type Allowance, Reader } from './reader.js';

/** A core value type as the canonical ABI knows them; `ref` is any reference type. */
export type CoreValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'ref';

export interface CoreFuncType {
  readonly params: readonly CoreValueType[];
  readonly results: readonly CoreValueType[];
}

export type CoreExternKind = 'func' | 'table' | 'memory' | 'global' | 'tag';

export interface CoreImport {
  readonly module: string;
  readonly name: string;
  readonly kind: CoreExternKind;
  /** Of a function. */
  readonly type: CoreFuncType | undefined;
}

export interface CoreExport {
  readonly kind: CoreExternKind;
  readonly index: number;
  /** Of a function. */
  readonly type: CoreFuncType | undefined;
}

/** What the planner must know of a core module. V8 validates the rest. */
export interface CoreModule {
  readonly imports: readonly CoreImport[];
  readonly exports: ReadonlyMap<string, CoreExport>;
  /** Memories and tables that the module defines itself. */
  readonly memoryCount: number;
  readonly tableCount: number;
  readonly hasStart: boolean;
  /** Bodies of the functions it defines, as ranges of its bytes; for small modules only. */
  readonly bodies: readonly Uint8Array[];
  readonly importedFuncCount: number;
  /** Of a small module, active element segments of function indices at a constant offset of table 0; undefined when there is any other. */
  readonly elements: readonly { readonly offset: number; readonly funcs: readonly number[] }[] | undefined;
}

/** Modules up to this size may be `wit-component`'s shims, whose bodies the planner reads. */
const maxShimSize = 64 * 1024;

const numericTypes: ReadonlyMap<number, CoreValueType> = new Map([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
]);

const kinds: readonly CoreExternKind[] = ['func', 'table', 'memory', 'global', 'tag'];

/**
 * Reads the sections of a core module that say how it fits together with others.
 *
 * @param items how many types, imports and exports it may have
 */
export function readCoreModule(bytes: Uint8Array, items: Allowance): CoreModule {
  const each = (section: Reader, item: () => unknown): void => {
    items.items -= section.vector(item, items.items).length;
  };
  const isSmall = bytes.length <= maxShimSize;
  const reader = new Reader(bytes);
  for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])
    reader.expect(byte, 'the header of a core module');
  const types: (CoreFuncType | undefined)[] = [];
  const imports: CoreImport[] = [];
  const exports = new Map<string, CoreExport>();
  const funcTypes: (CoreFuncType | undefined)[] = [];
  const bodies: Uint8Array[] = [];
  let memoryCount = 0;
  let tableCount = 0;
  let hasStart = false;
  let elements: CoreModule['elements'] = [];
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const section = reader.slice(reader.u32());
    if (id === 1) each(section, () => readTypes(section, types));
    else if (id === 2) each(section, () => imports.push(readImport(section, types, funcTypes)));
    else if (id === 3) section.vector(() => funcTypes.push(types[section.u32()]));
    else if (id === 4) tableCount = section.u32();
    else if (id === 5) memoryCount = section.u32();
    else if (id === 7) each(section, () => readExport(section, funcTypes, exports));
    else if (id === 8) hasStart = true;
    else if (id === 9) elements = isSmall ? readElements(section) : undefined;
    else if (id === 10 && isSmall) section.vector(() => bodies.push(section.slice(section.u32()).rest()));
  }
  const importedFuncCount = imports.filter((item) => item.kind === 'func').length;
  return { imports, exports, memoryCount, tableCount, hasStart, bodies, importedFuncCount, elements };
}

function readTypes(reader: Reader, types: (CoreFuncType | undefined)[]): void {
  if (reader.peek() === 0x4e) {
    reader.byte();
    reader.vector(() => types.push(readSubType(reader)));
    return;
  }
  types.push(readSubType(reader));
}

function readSubType(reader: Reader): CoreFuncType | undefined {
  let form = reader.byte();
  if (form === 0x50 || form === 0x4f) {
    reader.vector(() => reader.u32());
    form = reader.byte();
  }
  switch (form) {
    case 0x60: {
      const params = reader.vector(() => readValueType(reader));
      return { params, results: reader.vector(() => readValueType(reader)) };
    }
    case 0x5f:
      reader.vector(() => readFieldType(reader));
      return undefined;
    case 0x5e:
      readFieldType(reader);
      return undefined;
    default:
      throw invalid(`a core module has an unknown type 0x${form.toString(16)}`);
  }
}

function readFieldType(reader: Reader): void {
  if (reader.peek() === 0x78 || reader.peek() === 0x77) reader.byte();
  else readValueType(reader);
  reader.byte();
}

function readValueType(reader: Reader): CoreValueType {
  const byte = reader.byte();
  if (byte === 0x63 || byte === 0x64) reader.s33();
  return numericTypes.get(byte) ?? 'ref';
}

function readImport(
  reader: Reader,
  types: readonly (CoreFuncType | undefined)[],
  funcTypes: (CoreFuncType | undefined)[],
): CoreImport {
  const module = reader.name();
  const name = reader.name();
  const kind = readKind(reader);
  if (kind === 'func') {
    const type = types[reader.u32()];
    funcTypes.push(type);
    return { module, name, kind, type };
  }
  if (kind === 'table') {
    readValueType(reader);
    skipLimits(reader);
  } else if (kind === 'memory') skipLimits(reader);
  else if (kind === 'global') {
    readValueType(reader);
    reader.byte();
  } else {
    reader.byte();
    reader.u32();
  }
  return { module, name, kind, type: undefined };
}

function readExport(
  reader: Reader,
  funcTypes: readonly (CoreFuncType | undefined)[],
  exports: Map<string, CoreExport>,
): void {
  const name = reader.name();
  const kind = readKind(reader);
  const index = reader.u32();
  if (exports.has(name)) throw invalid('a core module exports a name twice');
  exports.set(name, { kind, index, type: kind === 'func' ? funcTypes[index] : undefined });
}

function readKind(reader: Reader): CoreExternKind {
  const byte = reader.byte();
  const kind = kinds[byte];
  if (kind === undefined) throw invalid(`a core module has an unknown kind of import or export 0x${byte.toString(16)}`);
  return kind;
}

function skipLimits(reader: Reader): void {
  const flags = reader.byte();
  reader.skipLeb();
  if (flags & 0x01) reader.skipLeb();
  if (flags & 0x08) reader.skipLeb();
}

/** The segments, when all of them are the plain active kind that `wit-component` writes; undefined otherwise. */
function readElements(reader: Reader): CoreModule['elements'] {
  const elements: { offset: number; funcs: number[] }[] = [];
  const count = reader.u32();
  for (let index = 0; index < count; index++) {
    if (reader.byte() !== 0x00 || reader.byte() !== 0x41) return undefined;
    const offset = reader.u32();
    if (reader.byte() !== 0x0b) return undefined;
    elements.push({ offset, funcs: reader.vector(() => reader.u32()) });
  }
  return elements;
}

import { Reader } from '../binary/reader.js';
import { invalid } from '../invalid.js';

/** One section of a core module: its payload, without id and size. */
export interface Section {
  readonly id: number;
  readonly payload: Uint8Array;
}

/** A global that the module defines. */
export interface DefinedGlobal {
  readonly index: number;
  /** Its value type as encoded: one byte, or more for a typed reference. */
  readonly type: Uint8Array;
  readonly isMutable: boolean;
}

/** A memory that the module defines, in 64 KiB pages. */
export interface DefinedMemory {
  readonly index: number;
  readonly minimum: number;
  readonly maximum: number | undefined;
  /** Shared, 64-bit or with a custom page size: rewriting leaves it alone. */
  readonly isSpecial: boolean;
}

/** A table that the module defines, in elements. */
export interface DefinedTable {
  /** Its element type as encoded, with what may stand before it. */
  readonly type: Uint8Array;
  readonly minimum: number;
  readonly maximum: number | undefined;
  /** The expression its elements begin with, as encoded; empty for none. */
  readonly initial: Uint8Array;
  /** Shared, or with 64-bit indices. */
  readonly isSpecial: boolean;
}

/** The parts of a core module that rewriting looks at or adds to. */
export interface ModuleLayout {
  readonly sections: readonly Section[];
  readonly typeCount: number;
  readonly funcCount: number;
  readonly importedFuncCount: number;
  /** Parameters of each function that it defines. */
  readonly paramCounts: readonly number[];
  readonly tableCount: number;
  readonly tables: readonly DefinedTable[];
  readonly globalCount: number;
  readonly globals: readonly DefinedGlobal[];
  /** Imported memories come first in the numbering. */
  readonly importedMemoryCount: number;
  readonly memories: readonly DefinedMemory[];
  /** The start function. */
  readonly start: number | undefined;
  readonly exportNames: ReadonlySet<string>;
  /** Whether it defines struct or array types, whose values no snapshot can restore. */
  readonly hasHeapTypes: boolean;
}

/** Reads the layout of a module that V8 has accepted or will. */
export function readLayout(bytes: Uint8Array): ModuleLayout {
  const reader = new Reader(bytes, 8);
  const sections: Section[] = [];
  let typeCount = 0;
  let hasHeapTypes = false;
  let typeParams: readonly number[] = [];
  let paramCounts: number[] = [];
  let importedFuncCount = 0;
  let tableCount = 0;
  let globalCount = 0;
  let importedMemoryCount = 0;
  let globals: DefinedGlobal[] = [];
  let memories: DefinedMemory[] = [];
  let tables: DefinedTable[] = [];
  let start: number | undefined;
  const exportNames = new Set<string>();
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const section = reader.slice(reader.u32());
    sections.push({ id, payload: section.bytes.subarray(section.position, section.end) });
    switch (id) {
      case 1: {
        const types = readTypes(section);
        typeCount = types.params.length;
        typeParams = types.params;
        hasHeapTypes = types.hasHeapTypes;
        break;
      }
      case 2:
        section.vector(() => {
          const kind = skipImport(section);
          if (kind === 0) importedFuncCount++;
          else if (kind === 1) tableCount++;
          else if (kind === 2) importedMemoryCount++;
          else if (kind === 3) globalCount++;
        });
        break;
      case 3:
        paramCounts = section.vector(() => typeParams[section.u32()] ?? 0);
        break;
      case 4:
        tables = section.vector(() => readTable(section));
        tableCount += tables.length;
        break;
      case 5: {
        let index = importedMemoryCount;
        memories = section.vector(() => readMemory(section, index++));
        break;
      }
      case 6:
        globals = section.vector(() => readGlobal(section, globalCount++));
        break;
      case 7:
        section.vector(() => {
          exportNames.add(section.name());
          section.byte();
          section.u32();
        });
        break;
      case 8:
        start = section.u32();
        break;
      default:
    }
  }
  const funcCount = importedFuncCount + paramCounts.length;
  return {
    sections,
    typeCount,
    funcCount,
    importedFuncCount,
    paramCounts,
    tableCount,
    tables,
    globalCount,
    globals,
    importedMemoryCount,
    memories,
    start,
    exportNames,
    hasHeapTypes,
  };
}

/** How many parameters each type has, if it is one of functions. */
function readTypes(reader: Reader): { params: number[]; hasHeapTypes: boolean } {
  const params: number[] = [];
  let hasHeapTypes = false;
  const subType = (): void => {
    let form = reader.byte();
    if (form === 0x50 || form === 0x4f) {
      reader.vector(() => reader.u32());
      form = reader.byte();
    }
    if (form === 0x60) {
      params.push(reader.vector(() => skipValueType(reader)).length);
      reader.vector(() => skipValueType(reader));
      return;
    }
    params.push(0);
    hasHeapTypes = true;
    if (form === 0x5f) reader.vector(() => skipField(reader));
    else if (form === 0x5e) skipField(reader);
    else throw invalid(`a core module has an unknown type 0x${form.toString(16)}`);
  };
  reader.vector(() => {
    if (reader.peek() !== 0x4e) return subType();
    reader.byte();
    reader.vector(subType);
  });
  return { params, hasHeapTypes };
}

function skipField(reader: Reader): void {
  if (reader.peek() === 0x78 || reader.peek() === 0x77) reader.byte();
  else skipValueType(reader);
  reader.byte();
}

function skipValueType(reader: Reader): void {
  const byte = reader.byte();
  if (byte === 0x63 || byte === 0x64) reader.s33();
}

function skipImport(reader: Reader): number {
  reader.name();
  reader.name();
  const kind = reader.byte();
  if (kind === 0) reader.u32();
  else if (kind === 1) {
    skipValueType(reader);
    readLimits(reader);
  } else if (kind === 2) readLimits(reader);
  else if (kind === 3) {
    skipValueType(reader);
    reader.byte();
  } else {
    reader.byte();
    reader.u32();
  }
  return kind;
}

function readLimits(reader: Reader): { flags: number; minimum: number; maximum: number | undefined } {
  const flags = reader.byte();
  if (flags & 0x04 || flags & 0x08) {
    reader.skipLeb();
    if (flags & 0x01) reader.skipLeb();
    if (flags & 0x08) reader.skipLeb();
    return { flags, minimum: 0, maximum: undefined };
  }
  return { flags, minimum: reader.u32(), maximum: flags & 0x01 ? reader.u32() : undefined };
}

function readMemory(reader: Reader, index: number): DefinedMemory {
  const { flags, minimum, maximum } = readLimits(reader);
  return { index, minimum, maximum, isSpecial: (flags & 0x0e) !== 0 };
}

function readTable(reader: Reader): DefinedTable {
  const start = reader.position;
  const hasInitial = reader.peek() === 0x40;
  if (hasInitial) reader.slice(2);
  skipValueType(reader);
  const type = reader.bytes.subarray(start, reader.position);
  const { flags, minimum, maximum } = readLimits(reader);
  const initialStart = reader.position;
  if (hasInitial) skipConstantExpression(reader);
  const initial = reader.bytes.subarray(initialStart, reader.position);
  return { type, minimum, maximum, initial, isSpecial: (flags & 0x06) !== 0 };
}

function readGlobal(reader: Reader, index: number): DefinedGlobal {
  const start = reader.position;
  skipValueType(reader);
  const type = reader.bytes.subarray(start, reader.position);
  const isMutable = (reader.byte() & 0x01) !== 0;
  skipConstantExpression(reader);
  return { index, type, isMutable };
}

function skipConstantExpression(reader: Reader): void {
  for (;;) {
    const opcode = reader.byte();
    switch (opcode) {
      case 0x0b:
        return;
      case 0x41:
      case 0x42:
      case 0x23:
      case 0xd0:
      case 0xd2:
        reader.skipLeb();
        break;
      case 0x43:
        reader.slice(4);
        break;
      case 0x44:
        reader.slice(8);
        break;
      case 0xfd:
        reader.u32();
        reader.slice(16);
        break;
      case 0xfb:
        skipHeapConstant(reader);
        break;
      case 0x6a:
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        break;
      default:
        throw invalid(`a core module has an unknown constant instruction 0x${opcode.toString(16)}`);
    }
  }
}

function skipHeapConstant(reader: Reader): void {
  const opcode = reader.u32();
  if (opcode <= 0x01 || opcode === 0x06 || opcode === 0x07) reader.u32();
  else if (opcode === 0x08) {
    reader.u32();
    reader.u32();
  }
}

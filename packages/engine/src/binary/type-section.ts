import { invalid, unsupported } from '../invalid.js';
import type { Declaration, LabelledType, PrimitiveName, TypeAst, ValueTypeRef } from './ast.js';
import { parseAlias, parseExternName, parseExternType } from './externs.js';
import { checkLabel } from './names.js';
import type { Reader } from './reader.js';

/** Deeper nesting of type definitions than any toolchain writes. */
const maxTypeNesting = 50;

/** As many fields, cases or elements as the reference tools allow. */
const maxMembers = 1000;

const primitives: ReadonlyMap<number, PrimitiveName> = new Map([
  [0x7f, 'bool'],
  [0x7e, 's8'],
  [0x7d, 'u8'],
  [0x7c, 's16'],
  [0x7b, 'u16'],
  [0x7a, 's32'],
  [0x79, 'u32'],
  [0x78, 's64'],
  [0x77, 'u64'],
  [0x76, 'f32'],
  [0x75, 'f64'],
  [0x74, 'char'],
  [0x73, 'string'],
  [0x64, 'error-context'],
]);

/** One `deftype` of the component binary format. */
export function parseType(reader: Reader, nesting = 0): TypeAst {
  if (nesting > maxTypeNesting) throw invalid(`types are nested more than ${maxTypeNesting} deep`);
  const opcode = reader.byte();
  const primitive = primitives.get(opcode);
  if (primitive !== undefined) return { kind: 'primitive', name: primitive };
  switch (opcode) {
    case 0x72:
      return {
        kind: 'record',
        fields: nonEmpty(
          reader.vector(() => labelledType(reader), maxMembers),
          'record',
        ),
      };
    case 0x71:
      return {
        kind: 'variant',
        cases: nonEmpty(
          reader.vector(() => variantCase(reader), maxMembers),
          'variant',
        ),
      };
    case 0x70:
      return { kind: 'list', element: valueType(reader) };
    case 0x6f:
      return {
        kind: 'tuple',
        elements: nonEmpty(
          reader.vector(() => valueType(reader), maxMembers),
          'tuple',
        ),
      };
    case 0x6e:
      return { kind: 'flags', names: flagNames(reader) };
    case 0x6d:
      return {
        kind: 'enum',
        names: nonEmpty(
          reader.vector(() => checkLabel(reader.name()), maxMembers),
          'enum',
        ),
      };
    case 0x6b:
      return { kind: 'option', some: valueType(reader) };
    case 0x6a:
      return { kind: 'result', ok: optional(reader, valueType), err: optional(reader, valueType) };
    case 0x69:
      return { kind: 'own', resource: reader.u32() };
    case 0x68:
      return { kind: 'borrow', resource: reader.u32() };
    case 0x67:
      valueType(reader);
      reader.u32();
      return { kind: 'unsupported', feature: 'lists of a fixed length' };
    case 0x66:
      return { kind: 'stream', element: optional(reader, valueType) };
    case 0x65:
      return { kind: 'future', element: optional(reader, valueType) };
    case 0x63:
      valueType(reader);
      valueType(reader);
      return { kind: 'unsupported', feature: 'the map type' };
    case 0x40:
    case 0x43:
      return funcType(reader, opcode === 0x43);
    case 0x3f:
    case 0x3e:
      return resourceType(reader, opcode === 0x3e);
    case 0x41:
      reader.vector(() => declaration(reader, nesting, true));
      return { kind: 'component-type' };
    case 0x42:
      return { kind: 'instance-type', declarations: declarations(reader, nesting) };
    default:
      throw invalid(`unknown type 0x${opcode.toString(16)} at byte ${reader.position - 1}`);
  }
}

/** A reference to a value type: a primitive or the index of a definition. */
export function valueType(reader: Reader): ValueTypeRef {
  const primitive = primitives.get(reader.peek());
  if (primitive !== undefined) {
    reader.byte();
    return primitive;
  }
  const index = reader.s33();
  if (index < 0) throw invalid(`unknown value type before byte ${reader.position}`);
  return index;
}

function labelledType(reader: Reader): LabelledType {
  return { name: checkLabel(reader.name()), type: valueType(reader) };
}

function variantCase(reader: Reader): { name: string; type: ValueTypeRef | undefined } {
  const name = checkLabel(reader.name());
  const type = optional(reader, valueType);
  reader.expect(0x00, 'the end of a variant case');
  return { name, type };
}

function flagNames(reader: Reader): string[] {
  const names = nonEmpty(
    reader.vector(() => checkLabel(reader.name()), maxMembers),
    'flags',
  );
  if (names.length > 32) throw invalid(`flags with ${names.length} members: at most 32 are allowed`);
  return names;
}

function funcType(reader: Reader, isAsync: boolean): TypeAst {
  const params = reader.vector(() => labelledType(reader), maxMembers);
  const form = reader.byte();
  if (form === 0x00) return { kind: 'func', isAsync, params, result: valueType(reader) };
  if (form !== 0x01 || reader.byte() !== 0x00)
    throw invalid(`a function type before byte ${reader.position} has a malformed result`);
  return { kind: 'func', isAsync, params, result: undefined };
}

function resourceType(reader: Reader, isAsync: boolean): TypeAst {
  if (reader.byte() !== 0x7f) throw unsupported('a resource whose representation is not i32');
  const destructor = optional(reader, (from) => from.u32());
  if (isAsync) throw unsupported('asynchronous destructors');
  return { kind: 'resource', destructor };
}

function declarations(reader: Reader, nesting: number): Declaration[] {
  return reader.vector(() => declaration(reader, nesting, false)).filter((item) => item !== undefined);
}

function declaration(reader: Reader, nesting: number, isComponent: boolean): Declaration | undefined {
  const kind = reader.byte();
  switch (kind) {
    case 0x00:
      throw unsupported('core type definitions');
    case 0x01:
      return { kind: 'type', type: parseType(reader, nesting + 1) };
    case 0x02:
      return { kind: 'alias', alias: parseAlias(reader) };
    case 0x04:
      return { kind: 'export', name: parseExternName(reader), extern: parseExternType(reader) };
    case 0x03:
      if (!isComponent) break;
      parseExternName(reader);
      parseExternType(reader);
      return undefined;
    default:
  }
  throw invalid(`unknown declaration 0x${kind.toString(16)} at byte ${reader.position - 1}`);
}

/** A one-byte flag, and what follows it when it is set. */
export function optional<T>(reader: Reader, item: (reader: Reader) => T): T | undefined {
  const flag = reader.byte();
  if (flag === 0x00) return undefined;
  if (flag === 0x01) return item(reader);
  throw invalid(`expected a 0 or 1 flag at byte ${reader.position - 1}`);
}

function nonEmpty<T>(items: T[], what: string): T[] {
  if (items.length === 0) throw invalid(`a ${what} type has no members`);
  return items;
}

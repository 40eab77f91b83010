import type { CoreValueType } from '../binary/core-module.js';
import { camelCase } from '../binary/names.js';
import { discriminantSize, offsetsOf, payloadOffset, payloadsOf } from '../plan/type-table.js';
import type { Resource, ValueType } from '../plan/types.js';
import { type Code, literal, plus } from './code.js';
import type { Helpers } from './helpers.js';
import { casesOf, isTaggedOption, numberArrays, type Side, splitFlat } from './values.js';

/** Core values that are left to lift, in order. */
export interface FlatValues {
  next(): string;
}

export function flatValues(names: readonly string[]): FlatValues {
  let index = 0;
  return { next: () => names[index++] ?? '0' };
}

/** Emits code that makes a JavaScript value of core values; answers an expression for it. */
export function liftFlat(code: Code, type: ValueType, flat: FlatValues, side: Side, helpers: Helpers): string {
  switch (type.kind) {
    case 'string':
      return code.hold(`liftString(${side.memory}, ${flat.next()}, ${flat.next()})`);
    case 'list':
      return code.hold(liftList(type.element, flat.next(), flat.next(), side, helpers));
    case 'record':
    case 'tuple': {
      const types = type.kind === 'record' ? type.fields.map((field) => field.type) : type.elements;
      return compose(
        type,
        types.map((part) => liftFlat(code, part, flat, side, helpers)),
      );
    }
    case 'variant':
    case 'option':
    case 'result': {
      const discriminant = code.hold(flat.next());
      const joined = (type.flat ?? []).slice(1).map((kind) => ({ kind, name: flat.next() }));
      return liftCases(code, type, discriminant, (block, payload) => {
        return liftFlat(block, payload, splitValues(joined, payload.flat ?? []), side, helpers);
      });
    }
    default:
      return liftScalar(code, type, flat.next(), side, helpers);
  }
}

/** Emits code that makes a JavaScript value of guest memory at `pointer`, which is known to be in bounds. */
export function load(code: Code, type: ValueType, pointer: string, side: Side, helpers: Helpers): string {
  const { memory } = side;
  switch (type.kind) {
    case 'string':
      return code.hold(
        `liftString(${memory}, ${read(memory, 'Int32', pointer)}, ${read(memory, 'Int32', plus(pointer, 4))})`,
      );
    case 'list':
      return code.hold(
        liftList(type.element, read(memory, 'Int32', pointer), read(memory, 'Int32', plus(pointer, 4)), side, helpers),
      );
    case 'record':
    case 'tuple':
    case 'variant':
    case 'option':
    case 'result':
      return code.hold(helpers.load(type, side, pointer));
    default:
      return liftScalar(code, type, readScalar(memory, type, pointer), side, helpers);
  }
}

/** The body of a helper that loads a compound type: `m` is the memory, `p` the pointer. */
export function loadCompound(code: Code, type: ValueType, side: Side, helpers: Helpers): string {
  if (type.kind === 'record' || type.kind === 'tuple') {
    const types = type.kind === 'record' ? type.fields.map((field) => field.type) : type.elements;
    const { offsets } = offsetsOf(types);
    return compose(
      type,
      types.map((part, index) => load(code, part, plus('p', offsets[index] ?? 0), side, helpers)),
    );
  }
  const payloads = payloadsOf(type);
  const discriminant = code.hold(read(side.memory, discriminantReaders[discriminantSize(payloads.length)], 'p'));
  const offset = payloadOffset(payloads);
  return liftCases(code, type, discriminant, (block, payload) =>
    load(block, payload, plus('p', offset), side, helpers),
  );
}

/** The body of a helper that lifts the elements of a list: `m`, `p`, `n`. */
export function liftElements(code: Code, element: ValueType, side: Side, helpers: Helpers): void {
  code.line(`n >>>= 0; p = m.elements(p, n, ${element.size}, ${element.align});`);
  code.line('const list = new Array(n);');
  const body = code.block();
  const value = load(body, element, 'p', side, helpers);
  code.line(`for (let i = 0; i < n; i++, p += ${element.size}) {\n${body.text}\nlist[i] = ${value};\n}`);
  code.line('return list;');
}

function liftList(element: ValueType, pointer: string, length: string, { ...side }: Side, helpers: Helpers): string {
  const { memory } = side;
  if (element.kind === 'u8') return `liftBytes(${memory}, ${pointer}, ${length})`;
  const array = numberArrays.get(element.kind);
  if (array !== undefined) return `liftNumbers(${memory}, ${pointer}, ${length}, ${array})`;
  return helpers.liftElements(element, side, pointer, length);
}

/** Emits a switch over the cases of a variant; answers the name that holds the value. */
function liftCases(
  code: Code,
  type: ValueType,
  discriminant: string,
  liftPayload: (block: Code, payload: ValueType) => string,
): string {
  const result = code.name();
  const isBare = type.kind === 'option' && !isTaggedOption(type);
  code.line(`let ${result};\nswitch (${discriminant}) {`);
  casesOf(type).forEach(({ name, type: payload }, index) => {
    const block = code.block();
    const value = payload === undefined ? undefined : liftPayload(block, payload);
    const made = isBare
      ? (value ?? 'undefined')
      : value === undefined
        ? `{ tag: ${literal(name)} }`
        : `{ tag: ${literal(name)}, val: ${value} }`;
    code.line(`case ${index}: {\n${block.text}\n${result} = ${made}; break;\n}`);
  });
  code.line(`default: trap('a discriminant is out of range');\n}`);
  return result;
}

function liftScalar(code: Code, type: ValueType, flat: string, side: Side, helpers: Helpers): string {
  switch (type.kind) {
    case 'bool':
      return `(${flat} !== 0)`;
    case 'u8':
      return `(${flat} & 255)`;
    case 'u16':
      return `(${flat} & 65535)`;
    case 's8':
      return `(${flat} << 24 >> 24)`;
    case 's16':
      return `(${flat} << 16 >> 16)`;
    case 'u32':
      return `(${flat} >>> 0)`;
    case 'u64':
      return `BigInt.asUintN(64, ${flat})`;
    case 'char':
      return `liftChar(${flat})`;
    case 'enum':
      return code.hold(`(${helpers.enumNames(type)}[${flat} >>> 0] ?? trap('a discriminant is out of range'))`);
    case 'flags': {
      const bits = code.hold(flat);
      const entries = type.names.map((name, index) => `${literal(camelCase(name))}: (${bits} & ${2 ** index}) !== 0`);
      return `{ ${entries.join(', ')} }`;
    }
    case 'own':
    case 'borrow':
      return code.hold(liftHandle(type.kind, type.resource, flat, side));
    default:
      return flat;
  }
}

function liftHandle(kind: 'own' | 'borrow', { id, owner }: Resource, handle: string, side: Side): string {
  const table = `${side.memory}.component`;
  const take = owner === undefined ? 'giveOut' : 'takeOwn';
  const lend = side.isMixed === true ? 'lend' : 'rep';
  const rep = `${table}.${kind === 'own' ? take : lend}(${handle}, ${id})`;
  if (owner === undefined || side.handles === 'graph') return rep;
  if (kind === 'own') return `${side.memory}.life.guest(${id}).wrap(${rep})`;
  return `trap('a borrow of a resource of the guest cannot be passed to the host')`;
}

function compose(type: ValueType, parts: readonly string[]): string {
  if (type.kind !== 'record') return `[${parts.join(', ')}]`;
  return `{ ${type.fields.map((field, index) => `${literal(camelCase(field.name))}: ${parts[index]}`).join(', ')} }`;
}

function splitValues(
  joined: readonly { kind: CoreValueType; name: string }[],
  wanted: readonly CoreValueType[],
): FlatValues {
  return flatValues(
    wanted.map((to, index) => {
      const from = joined[index];
      return from === undefined ? '0' : splitFlat(from.name, from.kind, to);
    }),
  );
}

const discriminantReaders = { 1: 'Uint8', 2: 'Uint16', 4: 'Uint32' } as const;

type Reader = 'Uint8' | 'Int8' | 'Uint16' | 'Int16' | 'Uint32' | 'Int32' | 'BigInt64' | 'Float32' | 'Float64';

function read(memory: string, reader: Reader, pointer: string): string {
  return reader === 'Uint8' ? `${memory}.dv.getUint8(${pointer})` : `${memory}.dv.get${reader}(${pointer}, true)`;
}

function readScalar(memory: string, type: ValueType, pointer: string): string {
  switch (type.kind) {
    case 'f32':
      return read(memory, 'Float32', pointer);
    case 'f64':
      return read(memory, 'Float64', pointer);
    default:
      return read(
        memory,
        type.size === 8 ? 'BigInt64' : type.size === 4 ? 'Int32' : type.size === 2 ? 'Uint16' : 'Uint8',
        pointer,
      );
  }
}

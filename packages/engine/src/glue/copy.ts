import { discriminantSize, offsetsOf, payloadOffset, payloadsOf } from '../plan/type-table.js';
import type { ValueType } from '../plan/types.js';
import { type Code, plus } from './code.js';
import type { Helpers } from './helpers.js';
import { type FlatValues, liftFlat } from './lift.js';
import { lowerFlat } from './lower.js';
import { numberArrays, type Side } from './values.js';

/** From one component to another: values without handles are copied as they lie in memory, and never become JavaScript values. */
export interface Crossing {
  readonly from: Side;
  readonly to: Side;
}

/** Emits code that copies core values; answers an expression for each that the other side gets. */
export function copyFlat(
  code: Code,
  type: ValueType,
  flat: FlatValues,
  { from, to }: Crossing,
  helpers: Helpers,
): string[] {
  switch (type.kind) {
    case 'string':
    case 'list': {
      const target = code.hold(copySequence(type, flat.next(), flat.next(), from.memory, to.memory, helpers));
      return [target, code.hold(`${to.memory}.length`)];
    }
    case 'record':
    case 'tuple': {
      const types = type.kind === 'record' ? type.fields.map((field) => field.type) : type.elements;
      return types.flatMap((part) => copyFlat(code, part, flat, { from, to }, helpers));
    }
    case 'variant':
    case 'option':
    case 'result':
    case 'own':
    case 'borrow':
      return lowerFlat(code, type, liftFlat(code, type, flat, from, helpers), to, helpers);
    default:
      return [code.hold(number(type, flat.next()))];
  }
}

/** Emits code that copies a value without handles from `source` in one memory to `target` in the other; both are known to be in bounds. */
export function copyValue(
  code: Code,
  type: ValueType,
  source: string,
  target: string,
  { from, to }: Crossing,
  helpers: Helpers,
): void {
  switch (type.kind) {
    case 'string':
    case 'list': {
      const int = (pointer: string): string => `${from.memory}.dv.getInt32(${pointer}, true)`;
      const copied = copySequence(type, int(source), int(plus(source, 4)), from.memory, to.memory, helpers);
      const held = code.hold(copied);
      code.line(`${to.memory}.dv.setInt32(${target}, ${held}, true);`);
      code.line(`${to.memory}.dv.setInt32(${plus(target, 4)}, ${to.memory}.length, true);`);
      return;
    }
    case 'record':
    case 'tuple':
    case 'variant':
    case 'option':
    case 'result':
      code.line(`${helpers.copy(type, from.memory, to.memory, source, target)};`);
      return;
    default: {
      const accessor = accessorOf(type);
      const order = accessor === 'Uint8' ? '' : ', true';
      const value = number(type, `${from.memory}.dv.get${accessor}(${source}${order})`);
      code.line(`${to.memory}.dv.set${accessor}(${target}, ${value}${order});`);
    }
  }
}

/** The body of a helper that copies a compound value: from `p` in the memory `m` to `q` in the memory `w`. */
export function copyCompound(code: Code, type: ValueType, crossing: Crossing, helpers: Helpers): void {
  if (type.kind === 'record' || type.kind === 'tuple') {
    const types = type.kind === 'record' ? type.fields.map((field) => field.type) : type.elements;
    const { offsets } = offsetsOf(types);
    types.forEach((part, index) => {
      const offset = offsets[index] ?? 0;
      copyValue(code, part, plus('p', offset), plus('q', offset), crossing, helpers);
    });
    return;
  }
  const payloads = payloadsOf(type);
  const accessor = discriminants[discriminantSize(payloads.length)];
  const order = accessor === 'Uint8' ? '' : ', true';
  const offset = payloadOffset(payloads);
  code.line(`const tag = m.dv.get${accessor}(p${order});`);
  code.line('switch (tag) {');
  payloads.forEach((payload, index) => {
    const block = code.block();
    if (payload !== undefined) copyValue(block, payload, plus('p', offset), plus('q', offset), crossing, helpers);
    code.line(`case ${index}: {\n${block.text}\nbreak;\n}`);
  });
  code.line(`default: trap('a discriminant is out of range');\n}`);
  code.line(`w.dv.set${accessor}(q, tag${order});`);
}

/** The body of a helper that copies a list one element at a time: `n` elements at `p`. */
export function copyElements(code: Code, element: ValueType, crossing: Crossing, helpers: Helpers): void {
  const { size, align } = element;
  code.line(`n >>>= 0; p = m.elements(p, n, ${size}, ${align});`);
  code.line(`const start = w.alloc(${align}, n * ${size});`);
  const body = code.block();
  copyValue(body, element, 'p', 'q', crossing, helpers);
  code.line(`for (let i = 0, q = start; i < n; i++, p += ${size}, q += ${size}) {\n${body.text}\n}`);
  code.line('w.length = n;\nreturn start;');
}

function copySequence(
  type: ValueType,
  pointer: string,
  length: string,
  from: string,
  to: string,
  helpers: Helpers,
): string {
  if (type.kind !== 'list') return `copyString(${from}, ${to}, ${pointer}, ${length})`;
  const { element } = type;
  if (element.kind === 'u8' || numberArrays.has(element.kind))
    return `copyNumbers(${from}, ${to}, ${pointer}, ${length}, ${element.size})`;
  return helpers.copyElements(element, from, to, pointer, length);
}

/** A number brought into the range of its type. */
function number(type: ValueType, value: string): string {
  switch (type.kind) {
    case 'bool':
      return `(${value} === 0 ? 0 : 1)`;
    case 'u8':
      return `(${value} & 255)`;
    case 'u16':
      return `(${value} & 65535)`;
    case 's8':
      return `(${value} << 24 >> 24)`;
    case 's16':
      return `(${value} << 16 >> 16)`;
    case 'flags':
      return type.names.length < 32 ? `(${value} & ${2 ** type.names.length - 1})` : value;
    case 'enum':
      return `checkCase(${value}, ${type.names.length})`;
    case 'char':
      return `checkChar(${value})`;
    default:
      return value;
  }
}

const discriminants = { 1: 'Uint8', 2: 'Uint16', 4: 'Uint32' } as const;

function accessorOf(type: ValueType): 'Uint8' | 'Uint16' | 'Int32' | 'BigInt64' | 'Float64' {
  if (type.kind === 'f64') return 'Float64';
  return type.size === 8 ? 'BigInt64' : type.size === 4 ? 'Int32' : type.size === 2 ? 'Uint16' : 'Uint8';
}

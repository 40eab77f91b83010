import type { CoreValueType } from '../binary/core-module.js';
import { camelCase } from '../binary/names.js';
import { discriminantSize, offsetsOf, payloadOffset, payloadsOf } from '../plan/type-table.js';
import type { Resource, ValueType } from '../plan/types.js';
import { type Code, literal, member, plus } from './code.js';
import type { Helpers } from './helpers.js';
import { type CaseShape, casesOf, isTaggedOption, joinFlat, numberArrays, type Side, zeroOf } from './values.js';

/**
 * How the case of a value is found. With a `tag`, a switch over it, which V8 does by hash however wide the variant is; without one, the first of
 * two cases is chosen by `isFirst`.
 */
interface Choice {
  readonly cases: readonly CaseShape[];
  readonly tag: string | undefined;
  readonly isFirst: string;
  readonly payload: string;
}

/** Emits code that makes core values of a JavaScript value; answers an expression for each. */
export function lowerFlat(code: Code, type: ValueType, value: string, side: Side, helpers: Helpers): string[] {
  switch (type.kind) {
    case 'string':
    case 'list': {
      const pointer = code.hold(lowerSequence(type, value, side, helpers));
      return [pointer, code.hold(`${side.memory}.length`)];
    }
    case 'record':
    case 'tuple':
      return parts(code, type, value).flatMap((part) => lowerFlat(code, part.type, part.value, side, helpers));
    case 'variant':
    case 'option':
    case 'result': {
      const held = code.hold(value);
      return lowerCasesFlat(code, type, choiceByValue(type, held), side, helpers);
    }
    default:
      return [code.hold(lowerScalar(code, type, code.hold(value), side, helpers))];
  }
}

/** As {@link lowerFlat}, for a `result` whose case is known from how a host function ended. */
export function lowerOutcomeFlat(
  code: Code,
  type: ValueType,
  failed: string,
  value: string,
  side: Side,
  helpers: Helpers,
): string[] {
  return lowerCasesFlat(code, type, choiceByOutcome(type, failed, value), side, helpers);
}

/** Emits code that writes a JavaScript value to guest memory at `pointer`, which is known to be in bounds. */
export function store(code: Code, type: ValueType, value: string, pointer: string, side: Side, helpers: Helpers): void {
  const { memory } = side;
  switch (type.kind) {
    case 'string':
    case 'list': {
      const target = code.hold(lowerSequence(type, value, side, helpers));
      code.line(`${memory}.dv.setInt32(${pointer}, ${target}, true);`);
      code.line(`${memory}.dv.setInt32(${plus(pointer, 4)}, ${memory}.length, true);`);
      return;
    }
    case 'record':
    case 'tuple':
    case 'variant':
    case 'option':
    case 'result':
      code.line(`${helpers.store(type, side, value, pointer)};`);
      return;
    default: {
      const scalar = lowerScalar(code, type, code.hold(value), side, helpers);
      code.line(`${memory}.dv.${writer(type)}(${pointer}, ${scalar}, true);`);
    }
  }
}

/** As {@link store}, for a `result` whose case is known from how a host function ended. */
export function storeOutcome(
  code: Code,
  type: ValueType,
  failed: string,
  value: string,
  pointer: string,
  side: Side,
  helpers: Helpers,
): void {
  storeCases(code, type, choiceByOutcome(type, failed, value), pointer, side, helpers);
}

const wideLowers = { u64: 'lowerU64', s64: 'lowerS64', char: 'lowerChar' } as const;

/** The body of a helper that stores a compound type: `m` is the memory, `v` the value, `p` the pointer. */
export function storeCompound(code: Code, type: ValueType, side: Side, helpers: Helpers): void {
  if (type.kind === 'record' || type.kind === 'tuple') {
    const members = parts(code, type, 'v');
    const { offsets } = offsetsOf(members.map((part) => part.type));
    members.forEach((part, index) => {
      store(code, part.type, part.value, plus('p', offsets[index] ?? 0), side, helpers);
    });
    return;
  }
  storeCases(code, type, choiceByValue(type, 'v'), 'p', side, helpers);
}

/** The body of a helper that lowers a list one element at a time: `m`, `v`. */
export function lowerElements(code: Code, element: ValueType, side: Side, helpers: Helpers): void {
  code.line('const list = listItems(v), n = list.length;');
  code.line(`const start = m.alloc(${element.align}, n * ${element.size});`);
  const body = code.block();
  store(body, element, 'item', 'p', side, helpers);
  code.line(`for (let i = 0, p = start; i < n; i++, p += ${element.size}) {\nconst item = list[i];\n${body.text}\n}`);
  code.line('m.length = n;\nreturn start;');
}

function lowerSequence(type: ValueType, value: string, side: Side, helpers: Helpers): string {
  const { memory } = side;
  if (type.kind !== 'list') return `lowerString(${memory}, ${value})`;
  const { element } = type;
  if (element.kind === 'u8') return `lowerBytes(${memory}, ${value})`;
  const array = numberArrays.get(element.kind);
  if (array === undefined) return helpers.lowerElements(element, side, value);
  return `lowerNumbers(${memory}, ${value}, ${array}, ${helpers.checkNumber(element)})`;
}

function lowerCasesFlat(code: Code, type: ValueType, choice: Choice, side: Side, helpers: Helpers): string[] {
  const joined = (type.flat ?? []).slice(1);
  const discriminant = code.name();
  const slots = joined.map((kind) => ({ kind, name: code.name() }));
  code.line(`let ${[discriminant, ...slots.map(({ kind, name }) => `${name} = ${zeroOf(kind)}`)].join(', ')};`);
  emitCases(code, choice, (block, payload, index) => {
    block.line(`${discriminant} = ${index};`);
    if (payload === undefined) return;
    const own: readonly CoreValueType[] = payload.flat ?? [];
    lowerFlat(block, payload, choice.payload, side, helpers).forEach((expression, position) => {
      const slot = slots[position];
      const kind = own[position];
      if (slot !== undefined && kind !== undefined)
        block.line(`${slot.name} = ${joinFlat(expression, kind, slot.kind)};`);
    });
  });
  return [discriminant, ...slots.map((slot) => slot.name)];
}

function storeCases(code: Code, type: ValueType, choice: Choice, pointer: string, side: Side, helpers: Helpers): void {
  const payloads = payloadsOf(type);
  const write = discriminantWriters[discriminantSize(payloads.length)];
  const offset = payloadOffset(payloads);
  emitCases(code, choice, (block, payload, index) => {
    block.line(`${side.memory}.dv.${write}(${pointer}, ${index}, true);`);
    if (payload !== undefined) store(block, payload, choice.payload, plus(pointer, offset), side, helpers);
  });
}

/** Emits one branch per case, and an error where none fits. */
function emitCases(
  code: Code,
  { cases, tag, isFirst }: Choice,
  emit: (block: Code, payload: ValueType | undefined, index: number) => void,
): void {
  const branches = cases.map(({ type }, index) => {
    const block = code.block();
    emit(block, type, index);
    return block.text;
  });
  if (tag === undefined) {
    code.line(`if (${isFirst}) {\n${branches[0]}\n} else {\n${branches[1]}\n}`);
    return;
  }
  code.line(`switch (${tag}) {`);
  cases.forEach(({ name }, index) => {
    code.line(`case ${literal(name)}: {\n${branches[index]}\nbreak;\n}`);
  });
  code.line(`default: wrongType(${literal(`a tag of ${listed(cases.map((item) => item.name))}`)}, ${tag});\n}`);
}

function choiceByValue(type: ValueType, value: string): Choice {
  const cases = casesOf(type);
  if (type.kind === 'option' && !isTaggedOption(type)) {
    return { cases, tag: undefined, isFirst: `${value} === undefined || ${value} === null`, payload: value };
  }
  return { cases, tag: `tagOf(${value})`, isFirst: '', payload: `${value}.val` };
}

function choiceByOutcome(type: ValueType, failed: string, value: string): Choice {
  return { cases: casesOf(type), tag: undefined, isFirst: `!${failed}`, payload: value };
}

/** Names for a message; the first ones of many. */
function listed(names: readonly string[]): string {
  return names.slice(0, 20).join(', ');
}

/** An expression for the one core value of a scalar, checked. */
export function lowerScalar(code: Code, type: ValueType, value: string, side: Side, helpers: Helpers): string {
  switch (type.kind) {
    case 'bool':
      return `(${value} === true ? 1 : lowerBool(${value}))`;
    case 'u8':
      return `((${value} & 255) === ${value} ? ${value} : wrongType('a u8', ${value}))`;
    case 's8':
      return `((${value} << 24 >> 24) === ${value} ? ${value} : wrongType('an s8', ${value}))`;
    case 'u16':
      return `((${value} & 65535) === ${value} ? ${value} : wrongType('a u16', ${value}))`;
    case 's16':
      return `((${value} << 16 >> 16) === ${value} ? ${value} : wrongType('an s16', ${value}))`;
    case 'u32':
      return `((${value} >>> 0) === ${value} ? ${value} : wrongType('a u32', ${value}))`;
    case 's32':
      return `((${value} | 0) === ${value} ? ${value} : wrongType('an s32', ${value}))`;
    case 'u64':
    case 's64':
    case 'char':
      return `${wideLowers[type.kind]}(${value})`;
    case 'f32':
    case 'f64':
      return `(typeof ${value} === 'number' ? ${value} : wrongType('a number', ${value}))`;
    case 'enum':
      return `(${helpers.enumIndices(type)}[${value}] ?? wrongType(${literal(`one of ${listed(type.names)}`)}, ${value}))`;
    case 'flags': {
      const object = code.hold(checkedObject(code.hold(value), 'objectOf'));
      return `(${type.names.map((name, index) => `(${member(object, camelCase(name))} ? ${2 ** index} : 0)`).join(' | ')})`;
    }
    case 'own':
    case 'borrow':
      return lowerHandle(type.kind, type.resource, value, side);
    default:
      return value;
  }
}

function lowerHandle(kind: 'own' | 'borrow', { id, owner }: Resource, value: string, side: Side): string {
  const table = `${side.memory}.component`;
  const isGuest = owner !== undefined;
  const take = kind === 'own' ? 'take' : 'borrow';
  const rep =
    side.handles === 'graph'
      ? value
      : isGuest
        ? `${side.memory}.life.guest(${id}).${take}(${value})`
        : checkedObject(value, 'resourceOf');
  // A component borrows its own resource as the bare representation.
  if (kind === 'borrow' && owner === side.component) return rep;
  return `${table}.${kind === 'own' ? 'addOwn' : 'addBorrow'}(${id}, ${rep})`;
}

/**
 * What a function of the runtime allows without it where there is nothing to look into: each place has seen few classes, which makes it several times as fast as
 * a function that sees all.
 */
function checkedObject(value: string, check: 'objectOf' | 'resourceOf'): string {
  return `(typeof ${value} === 'object' && ${value} !== null && ${value}.then === undefined ? ${value} : ${check}(${value}))`;
}

/** The members of a record or tuple with expressions for their values. */
function parts(code: Code, type: ValueType, value: string): { type: ValueType; value: string }[] {
  if (type.kind === 'record') {
    const object = code.hold(checkedObject(code.hold(value), 'objectOf'));
    return type.fields.map((field) => ({ type: field.type, value: member(object, camelCase(field.name)) }));
  }
  if (type.kind !== 'tuple') return [];
  const list = code.hold(`tupleOf(${value}, ${type.elements.length})`);
  return type.elements.map((element, index) => ({ type: element, value: `${list}[${index}]` }));
}

const discriminantWriters = { 1: 'setUint8', 2: 'setUint16', 4: 'setUint32' } as const;

function writer(type: ValueType): string {
  switch (type.kind) {
    case 'f32':
      return 'setFloat32';
    case 'f64':
      return 'setFloat64';
    default:
      return type.size === 8 ? 'setBigInt64' : type.size === 4 ? 'setInt32' : type.size === 2 ? 'setInt16' : 'setInt8';
  }
}

import type { CoreFuncType, CoreValueType } from '../binary/core-module.js';
import { invalid } from '../invalid.js';
import type { FuncType, TypeForm, TypeLayout, ValueType } from './types.js';

/** Canonical ABI: at most so many parameters pass as core values, the rest through memory. */
export const maxFlatParams = 16;
/** Canonical ABI: at most so many results pass as core values. */
export const maxFlatResults = 1;
const maxTypeDepth = 100;
/** Types share their parts, the code for them does not: fifteen lines can describe a type of a billion cases. */
const maxTypeWeight = 10_000;

type Measured = Omit<TypeLayout, 'id' | 'depth' | 'weight' | 'hasHandle'>;

/** Interns value types and computes their layout once. */
export class TypeTable {
  readonly #types = new Map<string, ValueType>();

  intern(form: TypeForm): ValueType {
    const key = keyOf(form);
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    const parts = partsOf(form);
    const depth = 1 + Math.max(0, ...parts.map((part) => part.depth));
    if (depth > maxTypeDepth) throw invalid(`a type is nested more than ${maxTypeDepth} deep`);
    const weight = parts.reduce((sum, part) => sum + part.weight, 1);
    if (weight > maxTypeWeight) throw invalid(`a type has more than ${maxTypeWeight} parts`);
    const measured = measure(form);
    const hasHandle = form.kind === 'own' || form.kind === 'borrow' || parts.some((part) => part.hasHandle);
    const type: ValueType = { ...form, ...measured, id: this.#types.size, depth, weight, hasHandle };
    this.#types.set(key, type);
    return type;
  }
}

/** The core signature of a function, lifted or lowered. */
export function coreSignature(type: FuncType, direction: 'lift' | 'lower'): CoreFuncType {
  const flatParams = flatten(type.params.map((param) => param.type));
  const params: CoreValueType[] = flatParams === undefined ? ['i32'] : [...flatParams];
  const result = type.result === undefined ? [] : type.result.flat;
  if (result !== undefined && result.length <= maxFlatResults) return { params, results: result };
  if (direction === 'lift') return { params, results: ['i32'] };
  return { params: [...params, 'i32'], results: [] };
}

/** The core values of several types in a row; undefined: more than pass in registers. */
export function flatten(types: readonly ValueType[]): CoreValueType[] | undefined {
  const flat: CoreValueType[] = [];
  for (const type of types) {
    if (type.flat === undefined || flat.length + type.flat.length > maxFlatParams) return undefined;
    flat.push(...type.flat);
  }
  return flat;
}

/** Where the members of a record, in order, lie in memory. */
export function offsetsOf(types: readonly ValueType[]): { offsets: number[]; size: number; align: number } {
  let position = 0;
  let align = 1;
  const offsets: number[] = [];
  for (const type of types) {
    position = alignTo(position, type.align);
    offsets.push(position);
    position += type.size;
    align = Math.max(align, type.align);
  }
  return { offsets, size: alignTo(position, align), align };
}

/** Bytes of a variant's discriminant. */
export function discriminantSize(cases: number): 1 | 2 | 4 {
  return cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
}

/** Where a variant's payload lies in memory. */
export function payloadOffset(payloads: readonly (ValueType | undefined)[]): number {
  const align = Math.max(1, ...payloads.map((type) => type?.align ?? 1));
  return alignTo(discriminantSize(payloads.length), align);
}

/** The payload types of anything that is a variant underneath. */
export function payloadsOf(type: TypeForm): readonly (ValueType | undefined)[] {
  switch (type.kind) {
    case 'variant':
      return type.cases.map((item) => item.type);
    case 'enum':
      return type.names.map(() => undefined);
    case 'option':
      return [undefined, type.some];
    case 'result':
      return [type.ok, type.err];
    default:
      return [];
  }
}

export function alignTo(position: number, align: number): number {
  return Math.ceil(position / align) * align;
}

function measure(form: TypeForm): Measured {
  switch (form.kind) {
    case 'bool':
    case 's8':
    case 'u8':
      return scalar(1, 'i32');
    case 's16':
    case 'u16':
      return scalar(2, 'i32');
    case 's32':
    case 'u32':
    case 'char':
    case 'own':
    case 'borrow':
      return scalar(4, 'i32');
    case 's64':
    case 'u64':
      return scalar(8, 'i64');
    case 'f32':
      return scalar(4, 'f32');
    case 'f64':
      return scalar(8, 'f64');
    case 'string':
    case 'list':
      return { size: 8, align: 4, flat: ['i32', 'i32'], hasPointer: true };
    case 'flags': {
      const size = form.names.length <= 8 ? 1 : form.names.length <= 16 ? 2 : 4;
      return scalar(size, 'i32');
    }
    case 'record':
    case 'tuple': {
      const types = form.kind === 'record' ? form.fields.map((field) => field.type) : form.elements;
      const { size, align } = offsetsOf(types);
      return { size, align, flat: flatten(types), hasPointer: types.some((type) => type.hasPointer) };
    }
    case 'variant':
    case 'enum':
    case 'option':
    case 'result':
      return measureVariant(payloadsOf(form));
  }
}

function measureVariant(payloads: readonly (ValueType | undefined)[]): Measured {
  const present = payloads.filter((type) => type !== undefined);
  const align = Math.max(discriminantSize(payloads.length), ...present.map((type) => type.align));
  const size = alignTo(payloadOffset(payloads) + Math.max(0, ...present.map((type) => type.size)), align);
  return { size, align, flat: flattenVariant(present), hasPointer: present.some((type) => type.hasPointer) };
}

function flattenVariant(payloads: readonly ValueType[]): CoreValueType[] | undefined {
  const joined: CoreValueType[] = [];
  for (const { flat } of payloads) {
    if (flat === undefined) return undefined;
    flat.forEach((type, index) => {
      const other = joined[index];
      joined[index] = other === undefined ? type : join(other, type);
    });
  }
  return joined.length < maxFlatParams ? ['i32', ...joined] : undefined;
}

function join(a: CoreValueType, b: CoreValueType): CoreValueType {
  if (a === b) return a;
  const isWord = (type: CoreValueType): boolean => type === 'i32' || type === 'f32';
  return isWord(a) && isWord(b) ? 'i32' : 'i64';
}

function scalar(size: number, flat: CoreValueType): Measured {
  return { size, align: size, flat: [flat], hasPointer: false };
}

function partsOf(form: TypeForm): readonly ValueType[] {
  switch (form.kind) {
    case 'list':
      return [form.element];
    case 'record':
      return form.fields.map((field) => field.type);
    case 'tuple':
      return form.elements;
    default:
      return payloadsOf(form).filter((type) => type !== undefined);
  }
}

/** Labels hold no space, comma or colon, and parts are interned, so the key is exact and short. */
function keyOf(form: TypeForm): string {
  const id = (type: ValueType | undefined): string => (type === undefined ? '_' : String(type.id));
  switch (form.kind) {
    case 'list':
      return `list ${id(form.element)}`;
    case 'record':
      return `record ${form.fields.map((field) => `${field.name}:${id(field.type)}`).join()}`;
    case 'tuple':
      return `tuple ${form.elements.map(id).join()}`;
    case 'variant':
      return `variant ${form.cases.map((item) => `${item.name}:${id(item.type)}`).join()}`;
    case 'enum':
    case 'flags':
      return `${form.kind} ${form.names.join()}`;
    case 'option':
      return `option ${id(form.some)}`;
    case 'result':
      return `result ${id(form.ok)},${id(form.err)}`;
    case 'own':
    case 'borrow':
      return `${form.kind} ${form.resource.id}`;
    default:
      return form.kind;
  }
}

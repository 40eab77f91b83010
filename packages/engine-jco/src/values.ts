import type { TypeShape } from '@lodge/core';
import { camelCase } from './names.js';

/** What becomes of a handle on its way; everything else is walked. */
export type HandleMapper = (type: TypeShape & { kind: 'own' | 'borrow' }, value: unknown) => unknown;

const integerBounds: Readonly<Record<string, readonly [number, number]>> = {
  u8: [0, 0xff],
  s8: [-0x80, 0x7f],
  u16: [0, 0xffff],
  s16: [-0x8000, 0x7fff],
  u32: [0, 0xffff_ffff],
  s32: [-0x8000_0000, 0x7fff_ffff],
};

/**
 * Copies `value` as a value of `type`, with its handles mapped. Throws before the guest has seen anything.
 *
 * @throws TypeError when it is none
 */
export function mapValue(type: TypeShape, value: unknown, map: HandleMapper): unknown {
  switch (type.kind) {
    case 'own':
    case 'borrow':
      return map(type as TypeShape & { kind: 'own' | 'borrow' }, value);
    case 'list': {
      if (ArrayBuffer.isView(value)) return value;
      if (!Array.isArray(value)) throw mismatch(type, value);
      return value.map((element: unknown) => mapValue(type.element, element, map));
    }
    case 'tuple': {
      if (!Array.isArray(value) || value.length !== type.elements.length) throw mismatch(type, value);
      return type.elements.map((element, index) => mapValue(element, value[index], map));
    }
    case 'record': {
      const from = asObject(type, value);
      return Object.fromEntries(
        type.fields.map((field) => [camelCase(field.name), mapValue(field.type, from[camelCase(field.name)], map)]),
      );
    }
    case 'variant': {
      const { tag, val } = asObject(type, value);
      const found = type.cases.find((one) => one.name === tag);
      if (found === undefined) throw mismatch(type, value);
      return found.type ? { tag, val: mapValue(found.type, val, map) } : { tag };
    }
    case 'result': {
      const { tag, val } = asObject(type, value);
      if (tag !== 'ok' && tag !== 'err') throw mismatch(type, value);
      const payload = tag === 'ok' ? type.ok : type.err;
      return { tag, val: payload ? mapValue(payload, val, map) : undefined };
    }
    case 'option': {
      if (type.some.kind !== 'option')
        return value === undefined || value === null ? undefined : mapValue(type.some, value, map);
      const { tag, val } = asObject(type, value);
      if (tag !== 'none' && tag !== 'some') throw mismatch(type, value);
      return tag === 'none' ? { tag } : { tag, val: mapValue(type.some, val, map) };
    }
    default:
      if (!isScalar(type, value)) throw mismatch(type, value);
      return value;
  }
}

function isScalar(type: TypeShape, value: unknown): boolean {
  const bounds = integerBounds[type.kind];
  if (bounds !== undefined) {
    return typeof value === 'number' && Number.isInteger(value) && value >= bounds[0] && value <= bounds[1];
  }
  switch (type.kind) {
    case 'bool':
      return typeof value === 'boolean';
    case 'u64':
      return typeof value === 'bigint' && BigInt.asUintN(64, value) === value;
    case 's64':
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
    case 'f32':
    case 'f64':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'char':
      return typeof value === 'string' && [...value].length === 1 && value.isWellFormed();
    case 'enum':
      return typeof value === 'string' && type.cases.includes(value);
    case 'flags':
      return typeof value === 'object' && value !== null;
    default:
      return true;
  }
}

function asObject(type: TypeShape, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw mismatch(type, value);
  return value as Record<string, unknown>;
}

function mismatch(type: TypeShape, value: unknown): TypeError {
  return new TypeError(`Expected a value of the WIT type ${type.kind}, got ${value === null ? 'null' : typeof value}.`);
}

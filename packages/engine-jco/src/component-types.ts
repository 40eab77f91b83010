import type { PrimitiveKind, ResourceOwner, TypeShape } from '@lodge/core';
import type { ByteReader } from './byte-reader.js';

/** A resource type. It has a name as soon as an interface exports it. */
export interface Resource {
  name: string | undefined;
  /** The interface of the component that defines it, known once all of them are read. */
  owner?: ResourceOwner;
}

/** A value type as the binary defines it: like a `TypeShape`, but with resources by identity. */
export type ValueType = () => TypeShape;

/** What a type index may stand for. */
export type TypeItem =
  | { readonly kind: 'value'; readonly shape: ValueType }
  | { readonly kind: 'resource'; readonly resource: Resource }
  | FunctionItem
  | { readonly kind: 'instance-type' | 'component-type'; readonly instantiate: () => Exports };

/** A function with its type. */
export interface FunctionItem {
  readonly kind: 'function';
  readonly isAsync: boolean;
  readonly params: readonly { readonly name: string; readonly type: ValueType }[];
  readonly result: ValueType | undefined;
}

/** What a name may stand for in an instance. */
export type Item =
  | FunctionItem
  | { readonly kind: 'type'; readonly type: TypeItem }
  | { readonly kind: 'instance'; readonly exports: Exports }
  | { readonly kind: 'component'; readonly instantiate: (given: Exports) => Exports }
  | { readonly kind: 'other' };

/** The exports of an instance, in order. */
export type Exports = ReadonlyMap<string, Item>;

const primitives: Readonly<Record<number, PrimitiveKind>> = {
  127: 'bool',
  126: 's8',
  125: 'u8',
  124: 's16',
  123: 'u16',
  122: 's32',
  121: 'u32',
  120: 's64',
  119: 'u64',
  118: 'f32',
  117: 'f64',
  116: 'char',
  115: 'string',
  100: 'error-context',
};

/** Reads a value type: a primitive, or an index into `types`. */
export function readValueType(reader: ByteReader, types: readonly TypeItem[]): ValueType {
  const primitive = primitives[reader.peek()];
  if (primitive !== undefined) {
    reader.byte();
    return () => ({ kind: primitive });
  }
  const item = types[reader.u32()];
  if (item?.kind !== 'value') throw new RangeError('a type index does not name a value type');
  return item.shape;
}

/** Reads the definition of a value type whose first byte was `opcode`; `undefined`: no such definition. */
export function readDefinedType(opcode: number, reader: ByteReader, types: readonly TypeItem[]): ValueType | undefined {
  const type = (): ValueType => readValueType(reader, types);
  const primitive = primitives[opcode];
  if (primitive !== undefined) return () => ({ kind: primitive });
  switch (opcode) {
    case 0x72: {
      const fields = reader.list(() => ({ name: reader.name(), type: type() }));
      return () => ({ kind: 'record', fields: fields.map((field) => ({ name: field.name, type: field.type() })) });
    }
    case 0x71: {
      const cases = reader.list(() => {
        const one = { name: reader.name(), type: reader.optional(type) };
        reader.byte();
        return one;
      });
      return () => ({ kind: 'variant', cases: cases.map((one) => ({ name: one.name, type: one.type?.() })) });
    }
    case 0x70: {
      const element = type();
      return () => ({ kind: 'list', element: element() });
    }
    case 0x67: {
      const element = type();
      const length = reader.u32();
      return () => ({ kind: 'list', element: element(), length });
    }
    case 0x6f: {
      const elements = reader.list(type);
      return () => ({ kind: 'tuple', elements: elements.map((element) => element()) });
    }
    case 0x6e: {
      const names = reader.list(() => reader.name());
      return () => ({ kind: 'flags', names });
    }
    case 0x6d: {
      const cases = reader.list(() => reader.name());
      return () => ({ kind: 'enum', cases });
    }
    case 0x6b: {
      const some = type();
      return () => ({ kind: 'option', some: some() });
    }
    case 0x6a: {
      const ok = reader.optional(type);
      const err = reader.optional(type);
      return () => ({ kind: 'result', ok: ok?.(), err: err?.() });
    }
    case 0x69:
    case 0x68: {
      const item = types[reader.u32()];
      if (item?.kind !== 'resource') throw new RangeError('a handle type does not name a resource');
      const { resource } = item;
      const kind = opcode === 0x69 ? 'own' : 'borrow';
      return () => ({ kind, resource: resource.name ?? '', owner: resource.owner });
    }
    case 0x66:
    case 0x65: {
      const element = reader.optional(type);
      return () => ({ kind: opcode === 0x66 ? 'stream' : 'future', element: element?.() });
    }
    case 0x63: {
      const key = type();
      const value = type();
      return () => ({ kind: 'map', key: key(), value: value() });
    }
    default:
      return undefined;
  }
}

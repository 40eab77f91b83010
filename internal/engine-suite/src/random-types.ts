import type { ScalarKind, ValueType } from '@lodge-internal/fixtures';

const scalars: readonly ScalarKind[] = [
  'bool',
  's8',
  'u8',
  's16',
  'u16',
  's32',
  'u32',
  's64',
  'u64',
  'f32',
  'f64',
  'char',
  'string',
];
const typedArrays: Readonly<Record<string, { from(values: never[]): unknown }>> = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};

/** A small generator of numbers, the same for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }
}

/** Makes WIT types, and values of them. */
export class RandomTypes {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** A type that nests at most `depth` deep. */
  type(depth: number): ValueType {
    const random = this.#random;
    if (depth === 0) return { kind: random.pick(scalars) };
    const inner = (): ValueType => this.type(depth - 1);
    const optionalInner = (): ValueType | undefined => (random.below(3) === 0 ? undefined : inner());
    const some = <T>(make: (index: number) => T): T[] =>
      Array.from({ length: 1 + random.below(5) }, (_, index) => make(index));
    const name = (index: number): string => `m${String.fromCharCode(97 + index)}`;
    switch (random.below(9)) {
      case 0:
        return { kind: 'list', element: inner() };
      case 1:
        return { kind: 'record', fields: some((index) => ({ name: name(index), type: inner() })) };
      case 2:
        return { kind: 'tuple', elements: some(inner) };
      case 3:
        return { kind: 'variant', cases: some((index) => ({ name: name(index), type: optionalInner() })) };
      case 4:
        return { kind: 'enum', cases: some(name) };
      case 5:
        return { kind: 'option', some: this.#atMostOneOption(inner()) };
      case 6:
        return { kind: 'result', ok: optionalInner(), err: optionalInner() };
      case 7:
        return { kind: 'flags', names: some(name) };
      default:
        return { kind: random.pick(scalars) };
    }
  }

  /** The conventions say how an option in an option is spelled, and nothing of a third one around it. */
  #atMostOneOption(type: ValueType): ValueType {
    return type.kind === 'option' && type.some.kind === 'option' ? type.some : type;
  }

  /** A value of `type` in the conventions of the engine interface. */
  value(type: ValueType): unknown {
    const random = this.#random;
    switch (type.kind) {
      case 'list': {
        const values = Array.from({ length: random.below(6) }, () => this.value(type.element));
        return typedArrays[type.element.kind]?.from(values as never[]) ?? values;
      }
      case 'record':
        return Object.fromEntries(type.fields.map((field) => [field.name, this.value(field.type)]));
      case 'tuple':
        return type.elements.map((element) => this.value(element));
      case 'variant': {
        const one = random.pick(type.cases);
        return { tag: one.name, val: one.type && this.value(one.type) };
      }
      case 'enum':
        return random.pick(type.cases);
      case 'option': {
        if (type.some.kind !== 'option') return random.below(2) ? this.value(type.some) : undefined;
        return random.below(2) ? { tag: 'some', val: this.value(type.some) } : { tag: 'none' };
      }
      case 'result': {
        const tag = random.below(2) ? 'ok' : 'err';
        const payload = type[tag];
        return { tag, val: payload && this.value(payload) };
      }
      case 'flags':
        return Object.fromEntries(type.names.map((name) => [name, random.below(2) === 1]));
      default:
        return this.#scalar(type.kind);
    }
  }

  #scalar(kind: ScalarKind): unknown {
    const random = this.#random;
    const bits = random.below(0xffff_ffff);
    switch (kind) {
      case 'bool':
        return bits % 2 === 1;
      case 'u8':
        return bits & 0xff;
      case 's8':
        return (bits << 24) >> 24;
      case 'u16':
        return bits & 0xffff;
      case 's16':
        return (bits << 16) >> 16;
      case 'u32':
        return bits;
      case 's32':
        return bits | 0;
      case 'u64':
        return (BigInt(bits) << 32n) | BigInt(random.below(0xffff_ffff));
      case 's64':
        return BigInt.asIntN(64, BigInt(bits) << 31n);
      case 'f32':
        return Math.fround(bits / 7);
      case 'f64':
        return bits / 7;
      case 'char':
        return random.pick(['a', 'é', '日', '🦊']);
      case 'string':
        return random.pick(['', 'text', 'é', '日本 🦊', 'longer text '.repeat(1 + random.below(20))]);
    }
  }
}

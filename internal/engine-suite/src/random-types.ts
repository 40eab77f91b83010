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

/** What {@link RandomTypes} makes. */
export interface RandomTypesOptions {
  /**
   * Whether names may be words of JavaScript and have hyphens, options may nest three deep, lists may be long, and values may be the
   * least, the largest and the odd ones of their type. @default false
   */
  readonly isRich?: boolean;
  /** Whether to leave out what jco is known to do otherwise: options three deep, texts that begin with a byte order mark. @default not `isRich` */
  readonly isShared?: boolean;
}

const richNames: readonly string[] = [
  'plain',
  'two-words',
  'then',
  'constructor',
  'to-string',
  'x9',
  'value-of',
  'class',
];
const manyNames: readonly string[] = Array.from({ length: 300 }, (_, index) => `case-n${index}`);

/** Makes WIT types, and values of them. */
export class RandomTypes {
  readonly #random: Random;
  readonly #isRich: boolean;
  readonly #isShared: boolean;

  constructor(seed: number, { isRich = false, isShared = !isRich }: RandomTypesOptions = {}) {
    this.#random = new Random(seed);
    this.#isRich = isRich;
    this.#isShared = isShared;
  }

  /** A type that nests at most `depth` deep. */
  type(depth: number): ValueType {
    const random = this.#random;
    if (depth === 0) return { kind: random.pick(scalars) };
    const inner = (): ValueType => this.type(depth - 1);
    const optionalInner = (): ValueType | undefined => (random.below(3) === 0 ? undefined : inner());
    const some = <T>(make: (index: number) => T): T[] =>
      Array.from({ length: 1 + random.below(5) }, (_, index) => make(index));
    const name = (index: number): string =>
      this.#isRich ? (richNames[index] ?? '') : `m${String.fromCharCode(97 + index)}`;
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
        // More than 256 cases take two bytes.
        if (this.#isRich && random.below(8) === 0) return { kind: 'enum', cases: manyNames };
        return { kind: 'enum', cases: some(name) };
      case 5:
        return { kind: 'option', some: this.#isShared ? this.#atMostOneOption(inner()) : inner() };
      case 6:
        return { kind: 'result', ok: optionalInner(), err: optionalInner() };
      case 7:
        if (this.#isRich && random.below(3) === 0) {
          return { kind: 'flags', names: manyNames.slice(0, random.pick([8, 9, 16, 17, 32])) };
        }
        return { kind: 'flags', names: some(name) };
      default:
        return { kind: random.pick(scalars) };
    }
  }

  /** jco spells a third option around an option in an option differently: it tags every second level. */
  #atMostOneOption(type: ValueType): ValueType {
    return type.kind === 'option' && type.some.kind === 'option' ? type.some : type;
  }

  /** A value of `type` in the conventions of the engine interface. */
  value(type: ValueType): unknown {
    const random = this.#random;
    switch (type.kind) {
      case 'list': {
        const isLong = this.#isRich && random.below(20) === 0;
        const values = Array.from({ length: random.below(isLong ? 40 : 6) }, () => this.value(type.element));
        return typedArrays[type.element.kind]?.from(values as never[]) ?? values;
      }
      case 'record':
        return Object.fromEntries(type.fields.map((field) => [memberName(field.name), this.value(field.type)]));
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
        return Object.fromEntries(type.names.map((name) => [memberName(name), random.below(2) === 1]));
      default:
        return this.#isRich && random.below(4) === 0 ? this.#edge(type.kind) : this.#scalar(type.kind);
    }
  }

  #edge(kind: ScalarKind): unknown {
    const edge = this.#random.pick(edges[kind]);
    // jco loses a byte order mark at the beginning of a text.
    return this.#isShared && edge === textWithMark ? '' : edge;
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

/** A WIT name as JavaScript spells members: `two-words` is `twoWords`. */
export function memberName(witName: string): string {
  return witName.replace(/-(.)/g, (_, first: string) => first.toUpperCase());
}

const textWithMark = '\ufeff bom';

/** Values at the limits of their types. */
const edges: Readonly<Record<ScalarKind, readonly unknown[]>> = {
  bool: [true, false],
  s8: [-128, 127, -1, 0],
  u8: [0, 255, 128],
  s16: [-32_768, 32_767, -1, 0],
  u16: [0, 65_535, 32_768],
  s32: [-(2 ** 31), 2 ** 31 - 1, -1, 0],
  u32: [0, 2 ** 32 - 1, 2 ** 31],
  s64: [-(2n ** 63n), 2n ** 63n - 1n, -1n, 0n],
  u64: [0n, 2n ** 64n - 1n, 2n ** 63n],
  f32: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, Math.fround(1e-45), Math.fround(3.4e38)],
  f64: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, Number.MIN_VALUE, Number.MAX_VALUE],
  char: ['\0', '\x7f', '\x80', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'],
  string: [
    '\0',
    '\ufffd',
    textWithMark,
    '\u{10ffff}',
    '\x80\xff',
    'exactly eight'.slice(0, 8),
    'ni\xf1e bytes',
    `${'a'.repeat(23)}\u0100`,
    '\xff'.repeat(24),
    'long '.repeat(400),
  ],
};

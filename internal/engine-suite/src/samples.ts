import type { ScalarKind, ValueType } from '@lodge-internal/fixtures';

/** A type, the WIT name of its echo function, and values that must survive the way. */
export interface Sample {
  readonly name: string;
  readonly type: ValueType;
  readonly values: readonly unknown[];
}

const scalar = (kind: ScalarKind): ValueType => ({ kind });
const list = (element: ValueType): ValueType => ({ kind: 'list', element });
const option = (some: ValueType): ValueType => ({ kind: 'option', some });
const tuple = (...elements: ValueType[]): ValueType => ({ kind: 'tuple', elements });
const record = (fields: Record<string, ValueType>): ValueType => ({
  kind: 'record',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});
const variant = (cases: Record<string, ValueType | undefined>): ValueType => ({
  kind: 'variant',
  cases: Object.entries(cases).map(([name, type]) => ({ name, type })),
});
const flags = (count: number): ValueType => ({ kind: 'flags', names: flagNames(count) });
const flagNames = (count: number): string[] => Array.from({ length: count }, (_, index) => `flag-${letters(index)}`);
const letters = (index: number): string =>
  String.fromCharCode(97 + Math.trunc(index / 26)) + String.fromCharCode(97 + (index % 26));

const u8 = scalar('u8');
const u32 = scalar('u32');
const u64 = scalar('u64');
const f32 = scalar('f32');
const f64 = scalar('f64');
const string = scalar('string');

/** Texts that tell the encodings apart, of lengths on both sides of any fast path. */
export const texts: readonly string[] = [
  '',
  'a',
  'plain ascii',
  'é',
  'grüße, ñandú ÿ',
  'Ā is the first letter past latin1',
  '日本語',
  '🦊🦊',
  'mixed é 日 🦊 text',
  'nul\0inside',
  '\u{fffd} is a legal character',
  'x'.repeat(70_000),
  'é'.repeat(40_000),
  `${'y'.repeat(40_000)}日`,
  '🦊'.repeat(20_000),
];

const flagsValue = (count: number, isSet: (index: number) => boolean): Record<string, boolean> =>
  Object.fromEntries(
    flagNames(count).map((name, index) => [
      name.replace(/-(.)/, (_, first: string) => first.toUpperCase()),
      isSet(index),
    ]),
  );

const shape = variant({
  nothing: undefined,
  whole: u32,
  real: f32,
  'long-whole': u64,
  'long-real': f64,
  text: string,
  pair: tuple(u8, f32),
});

/** Every kind of type with values at its edges. */
export const samples: readonly Sample[] = [
  { name: 'bool', type: scalar('bool'), values: [true, false] },
  { name: 'u8', type: u8, values: [0, 1, 255] },
  { name: 's8', type: scalar('s8'), values: [-128, -1, 127] },
  { name: 'u16', type: scalar('u16'), values: [0, 65_535] },
  { name: 's16', type: scalar('s16'), values: [-32_768, -1, 32_767] },
  { name: 'u32', type: u32, values: [0, 2_147_483_648, 4_294_967_295] },
  { name: 's32', type: scalar('s32'), values: [-2_147_483_648, -1, 2_147_483_647] },
  { name: 'u64', type: u64, values: [0n, 2n ** 63n, 2n ** 64n - 1n] },
  { name: 's64', type: scalar('s64'), values: [-(2n ** 63n), -1n, 2n ** 63n - 1n] },
  { name: 'f32', type: f32, values: [0, -0, 1.5, -3.25, Infinity, -Infinity, NaN] },
  { name: 'f64', type: f64, values: [0, -0, Math.PI, 5e-324, Number.MAX_VALUE, -Infinity, NaN] },
  { name: 'char', type: scalar('char'), values: ['a', '\0', 'é', '\ud7ff', '\ue000', '🦊', '\u{10ffff}'] },
  { name: 'list-bool', type: list(scalar('bool')), values: [[], [true, false, true]] },
  { name: 'list-char', type: list(scalar('char')), values: [['a', '🦊', '\u{10ffff}']] },
  {
    name: 'list-u8',
    type: list(u8),
    values: [new Uint8Array(), Uint8Array.of(0, 1, 255), new Uint8Array(70_001).fill(7)],
  },
  { name: 'list-s8', type: list(scalar('s8')), values: [Int8Array.of(-128, 0, 127)] },
  { name: 'list-u16', type: list(scalar('u16')), values: [Uint16Array.of(0, 65_535)] },
  { name: 'list-s16', type: list(scalar('s16')), values: [Int16Array.of(-32_768, 32_767)] },
  { name: 'list-u32', type: list(u32), values: [new Uint32Array(), Uint32Array.of(0, 4_294_967_295)] },
  { name: 'list-s32', type: list(scalar('s32')), values: [Int32Array.of(-2_147_483_648, 2_147_483_647)] },
  { name: 'list-u64', type: list(u64), values: [BigUint64Array.of(0n, 2n ** 64n - 1n)] },
  { name: 'list-s64', type: list(scalar('s64')), values: [BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)] },
  { name: 'list-f32', type: list(f32), values: [Float32Array.of(-0, 1.5, Infinity)] },
  { name: 'list-f64', type: list(f64), values: [Float64Array.of(-0, Math.PI, 5e-324)] },
  {
    name: 'list-string',
    type: list(string),
    values: [[], ['', 'a', 'é', '日本語'], Array.from({ length: 500 }, (_, i) => `entry ${i}`)],
  },
  { name: 'list-list', type: list(list(u8)), values: [[], [Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3)]] },
  {
    name: 'list-tuple',
    type: list(tuple(u8, u64)),
    values: [
      [
        [1, 2n],
        [255, 2n ** 64n - 1n],
      ],
    ],
  },
  { name: 'list-option', type: list(option(string)), values: [[undefined, 'text', undefined]] },
  {
    name: 'record',
    type: record({ id: u32, 'full-name': string, weight: f64, 'is-new': scalar('bool'), tag: u8, big: u64 }),
    values: [{ id: 1, fullName: 'a name', weight: 0.5, isNew: true, tag: 9, big: 3n }],
  },
  {
    name: 'list-record',
    type: list(record({ key: string, values: list(string), at: option(u64) })),
    values: [
      [
        { key: 'a', values: ['b', 'c'], at: 5n },
        { key: '', values: [], at: undefined },
      ],
    ],
  },
  { name: 'tuple', type: tuple(u8, string, u64), values: [[1, 'two', 3n]] },
  {
    name: 'variant',
    type: shape,
    values: [
      { tag: 'nothing' },
      { tag: 'whole', val: 4_294_967_295 },
      { tag: 'real', val: 1.5 },
      { tag: 'long-whole', val: 2n ** 64n - 1n },
      { tag: 'long-real', val: Math.PI },
      { tag: 'text', val: 'text' },
      { tag: 'pair', val: [7, -0.5] },
    ],
  },
  {
    name: 'list-variant',
    type: list(shape),
    values: [[{ tag: 'text', val: 'a' }, { tag: 'nothing' }, { tag: 'long-real', val: 2.5 }]],
  },
  {
    name: 'enum',
    type: { kind: 'enum', cases: ['first', 'second-case', 'third'] },
    values: ['first', 'second-case', 'third'],
  },
  ...[1, 8, 9, 17, 32].map((count) => ({
    name: `flags-${letters(count)}`,
    type: flags(count),
    values: [
      flagsValue(count, () => false),
      flagsValue(count, () => true),
      flagsValue(count, (index) => index % 3 === 0),
    ],
  })),
  { name: 'option', type: option(u32), values: [undefined, 0, 7] },
  { name: 'option-string', type: option(string), values: [undefined, '', 'text'] },
  {
    name: 'option-option',
    type: option(option(u32)),
    values: [{ tag: 'none' }, { tag: 'some', val: undefined }, { tag: 'some', val: 7 }],
  },
  {
    name: 'tuple-result',
    type: tuple({ kind: 'result', ok: u32, err: string }, { kind: 'result', ok: undefined, err: undefined }),
    values: [
      [{ tag: 'ok', val: 1 }, { tag: 'ok' }],
      [{ tag: 'err', val: 'no' }, { tag: 'err' }],
    ],
  },
  {
    name: 'tuple-results-half',
    type: tuple({ kind: 'result', ok: f64, err: undefined }, { kind: 'result', ok: undefined, err: u64 }),
    values: [
      [
        { tag: 'ok', val: 0.5 },
        { tag: 'err', val: 3n },
      ],
    ],
  },
  {
    name: 'wide-tuple',
    type: tuple(...Array.from({ length: 20 }, (_, index) => (index % 2 ? u64 : u8))),
    values: [Array.from({ length: 20 }, (_, index) => (index % 2 ? BigInt(index) : index))],
  },
  {
    name: 'deep',
    type: option(list(record({ inner: variant({ a: list(option(tuple(u8, string))), b: undefined }) }))),
    values: [undefined, [{ inner: { tag: 'a', val: [undefined, [1, 'x']] } }, { inner: { tag: 'b' } }]],
  },
];

/** Values that are none of the type, whoever reads them. */
export const wrongValues: readonly { readonly name: string; readonly value: unknown }[] = [
  { name: 'u32', value: 'text' },
  { name: 'u64', value: 'text' },
  { name: 'char', value: 'two' },
  { name: 'list-string', value: 7 },
  { name: 'list-u8', value: undefined },
  { name: 'record', value: undefined },
  { name: 'tuple', value: 7 },
  { name: 'variant', value: { tag: 'unknown-case' } },
  { name: 'enum', value: 'unknown-case' },
];

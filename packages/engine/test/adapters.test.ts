import { HostError } from '@lodge/core';
import { describe, expect, it } from 'vitest';
import { compileText, type Opened } from './start.js';

/**
 * Component `inner` is called by `outer` with whatever core values its caller likes: the adapters between them are all that stands in between. `wait` makes calls
 * that may suspend; unused, everything is a direct call.
 */
const text = `(component
  (import "wait" (func $wait))
  (component $Inner
    (import "wait" (func $wait))
    (core func $w (canon lower (func $wait)))
    (core module $m
      (import "" "wait" (func $wait))
      (tag $oops)
      (global $seen (mut i32) (i32.const 0))
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
      (func (export "same") (param i32) (result i32) (local.get 0))
      (func (export "add") (param i64 f64) (result f64) (f64.add (f64.convert_i64_u (local.get 0)) (local.get 1)))
      (func (export "length") (param i32 i32) (result i32) (local.get 1))
      (func (export "throw") (throw $oops))
      (func (export "trap") unreachable)
      (func (export "nap") (param i32) (result i32) (call $wait) (i32.add (local.get 0) (i32.const 1))))
    (core instance $i (instantiate $m (with "" (instance (export "wait" (func $w))))))
    (func (export "bool") (param "x" bool) (result u32) (canon lift (core func $i "same")))
    (func (export "u8") (param "x" u8) (result u32) (canon lift (core func $i "same")))
    (func (export "s8") (param "x" s8) (result s32) (canon lift (core func $i "same")))
    (func (export "u16") (param "x" u16) (result u32) (canon lift (core func $i "same")))
    (func (export "s16") (param "x" s16) (result s32) (canon lift (core func $i "same")))
    (func (export "char") (param "x" char) (result u32) (canon lift (core func $i "same")))
    (type $color (enum "red" "green" "blue"))
    (export $color' "color" (type $color))
    (func (export "enum") (param "x" $color') (result u32) (canon lift (core func $i "same")))
    (type $bits (flags "a" "b" "c"))
    (export $bits' "bits" (type $bits))
    (func (export "flags") (param "x" $bits') (result u32) (canon lift (core func $i "same")))
    (func (export "to-u8") (param "x" u32) (result u8) (canon lift (core func $i "same")))
    (func (export "to-char") (param "x" u32) (result char) (canon lift (core func $i "same")))
    (func (export "add") (param "x" (tuple u64 f64)) (result f64) (canon lift (core func $i "add")))
    (func (export "length") (param "x" string) (result u32)
      (canon lift (core func $i "length") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (func (export "throw") (canon lift (core func $i "throw")))
    (func (export "trap") (canon lift (core func $i "trap")))
    (func (export "nap") (param "x" u32) (result u32) (canon lift (core func $i "nap"))))
  (instance $inner (instantiate $Inner (with "wait" (func $wait))))
  (component $Outer
    ITS_IMPORTS
    (core module $m
      CORE_IMPORTS
      (memory (export "memory") 1)
      (data (i32.const 0) "ok\\ff")
      (func (export "u8") (param i32) (result i32) (call $u8 (local.get 0)))
      (func (export "bool") (param i32) (result i32) (call $bool (local.get 0)))
      (func (export "s8") (param i32) (result i32) (call $s8 (local.get 0)))
      (func (export "u16") (param i32) (result i32) (call $u16 (local.get 0)))
      (func (export "s16") (param i32) (result i32) (call $s16 (local.get 0)))
      (func (export "char") (param i32) (result i32) (call $char (local.get 0)))
      (func (export "enum") (param i32) (result i32) (call $enum (local.get 0)))
      (func (export "flags") (param i32) (result i32) (call $flags (local.get 0)))
      (func (export "to-u8") (param i32) (result i32) (call $to-u8 (local.get 0)))
      (func (export "to-char") (param i32) (result i32) (call $to-char (local.get 0)))
      (func (export "add") (param i32) (result f64) (call $add (i64.extend_i32_u (local.get 0)) (f64.const 0.5)))
      (func (export "length") (param i32) (result i32) (call $length (i32.const 0) (local.get 0)))
      (func (export "catch") (param i32) (result i32)
        (block $caught
          (try_table (catch_all $caught) (if (local.get 0) (then (call $throw)) (else (call $trap))))
          (return (i32.const 0)))
        (i32.const 1))
      (func (export "nap") (param i32) (result i32) (call $nap (local.get 0)))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $u8 (i32.const 7)))
      (func (export "take") (param i32 i32) (result i32) (local.get 0))
      (func (export "after") (param i32) (drop (call $u8 (i32.const 7)))))
    (core instance $i (instantiate $m (with "" (instance CORE_EXPORTS))))
    OUTER_EXPORTS
    (func (export "take") (param "x" string) (result u32)
      (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (func (export "after") (param "x" u32) (result u32)
      (canon lift (core func $i "u8") (post-return (core func $i "after")))))
  (instance $outer (instantiate $Outer OUTER_ARGUMENTS))
  ALL_EXPORTS)`;

const signatures: readonly (readonly [string, string, string])[] = [
  ['bool', '(param "x" bool) (result u32)', '(param i32) (result i32)'],
  ['u8', '(param "x" u8) (result u32)', '(param i32) (result i32)'],
  ['s8', '(param "x" s8) (result s32)', '(param i32) (result i32)'],
  ['u16', '(param "x" u16) (result u32)', '(param i32) (result i32)'],
  ['s16', '(param "x" s16) (result s32)', '(param i32) (result i32)'],
  ['char', '(param "x" char) (result u32)', '(param i32) (result i32)'],
  ['enum', `(param "x" $color') (result u32)`, '(param i32) (result i32)'],
  ['flags', `(param "x" $bits') (result u32)`, '(param i32) (result i32)'],
  ['to-u8', '(param "x" u32) (result u8)', '(param i32) (result i32)'],
  ['to-char', '(param "x" u32) (result char)', '(param i32) (result i32)'],
  ['add', '(param "x" (tuple u64 f64)) (result f64)', '(param i64 f64) (result f64)'],
  ['length', '(param "x" string) (result u32)', '(param i32 i32) (result i32)'],
  ['throw', '', ''],
  ['trap', '', ''],
  ['nap', '(param "x" u32) (result u32)', '(param i32) (result i32)'],
];
const called = [
  'bool',
  'u8',
  's8',
  'u16',
  's16',
  'char',
  'enum',
  'flags',
  'to-u8',
  'to-char',
  'length',
  'catch',
  'nap',
];

function composed(): string {
  const types = `
    (type $color (enum "red" "green" "blue")) (import "color" (type $color' (eq $color)))
    (type $bits (flags "a" "b" "c")) (import "bits" (type $bits' (eq $bits)))`;
  const imports = signatures.map(([name, type]) => `(import "${name}" (func $${name} ${type}))`);
  const memory =
    '(core module $mem (memory (export "memory") 1) (data (i32.const 0) "ok\\ff")) (core instance $mi (instantiate $mem))';
  const lowers = signatures.map(
    ([name]) => `(core func $${name} (canon lower (func $${name}) (memory (core memory $mi "memory"))))`,
  );
  return text
    .replace('ITS_IMPORTS', [types, ...imports, memory, ...lowers].join('\n'))
    .replace(
      'CORE_IMPORTS',
      signatures.map(([name, , core]) => `(import "" "${name}" (func $${name} ${core}))`).join('\n'),
    )
    .replace('CORE_EXPORTS', signatures.map(([name]) => `(export "${name}" (func $${name}))`).join(' '))
    .replace(
      'OUTER_EXPORTS',
      [
        ...called.map(
          (name) => `(func (export "${name}") (param "x" u32) (result u32) (canon lift (core func $i "${name}")))`,
        ),
        '(func (export "add") (param "x" u32) (result f64) (canon lift (core func $i "add")))',
      ].join('\n'),
    )
    .replace(
      'OUTER_ARGUMENTS',
      [
        `(with "color" (type $inner "color")) (with "bits" (type $inner "bits"))`,
        ...signatures.map(([name]) => `(with "${name}" (func $inner "${name}"))`),
      ].join(' '),
    )
    .replace(
      'ALL_EXPORTS',
      [...called, 'add', 'take', 'after'].map((name) => `(export "${name}" (func $outer "${name}"))`).join('\n'),
    );
}

const ways = [
  ['that cannot suspend', {}],
  ['that may suspend', { suspendingImports: new Set(['#wait']) }],
  ['that can be interrupted', { isInterruptible: true }],
] as const;

for (const [what, options] of ways) {
  describe(`A call between components of a graph ${what}`, () => {
    const open = async (wait: () => unknown = () => undefined): Promise<Opened> =>
      (await compileText(composed(), options)).open({ wait });

    it('brings numbers that are out of range into that of their type', async () => {
      const { call } = await open();
      expect(await call('bool', 2)).toBe(1);
      expect(await call('u8', 0x1ff)).toBe(0xff);
      expect(await call('s8', 0x1ff)).toBe(0xffff_ffff);
      expect(await call('u16', 0x1_ffff)).toBe(0xffff);
      expect(await call('s16', 0x1_8000)).toBe(0xffff_8000);
      expect(await call('flags', 0xff)).toBe(7);
      expect(await call('toU8', 0x1ff)).toBe(0xff);
      expect(await call('char', 0xd7ff)).toBe(0xd7ff);
      expect(await call('char', 0x10_ffff)).toBe(0x10_ffff);
      expect(await call('enum', 2)).toBe(2);
      expect(await call('add', 3)).toBe(3.5);
      expect(await call('length', 2)).toBe(2);
    });

    for (const [name, value, message] of [
      ['char', 0xd800, 'not a Unicode scalar value'],
      ['char', 0xdfff, 'not a Unicode scalar value'],
      ['char', 0x11_0000, 'not a Unicode scalar value'],
      ['char', 0xffff_ffff, 'not a Unicode scalar value'],
      ['toChar', 0xd800, 'not a Unicode scalar value'],
      ['enum', 3, 'discriminant is out of range'],
      ['enum', 0xffff_ffff, 'discriminant is out of range'],
      ['length', 3, 'not valid UTF-8'],
      ['length', 0xffff_ffff, ''],
    ] as const) {
      it(`traps at ${value.toString(16)} for ${name}`, async () => {
        const { call, instance } = await open();
        const error = await failureOf(() => call(name, value));
        expect(error).toSatisfy(HostError.is);
        expect((error as HostError).message).toContain(message);
        expect(instance.isPoisoned).toBe(true);
      });
    }

    it('lets no component catch the exception or the trap of another, and says whose it was', async () => {
      for (const [argument, message] of [
        [1, 'threw an exception'],
        [0, 'unreachable'],
      ] as const) {
        const { call } = await open();
        const error = (await failureOf(() => call('catch', argument))) as HostError;
        expect(error.code).toBe('ERR_GUEST_TRAPPED');
        expect(error.message).toContain(message);
      }
    });

    it('is refused from realloc and post-return', async () => {
      for (const [name, argument] of [
        ['take', 'text'],
        ['after', 1],
      ] as const) {
        const { call } = await open();
        const error = (await failureOf(() => call(name, argument))) as HostError;
        expect(error.message).toContain('it called out of the component from realloc, post-return');
      }
    });

    if (what === 'that may suspend') {
      it('waits with its caller for what the callee waits for', async () => {
        let release = (): void => undefined;
        const { call } = await open(() => new Promise<void>((resolve) => (release = resolve)));
        const answer = call('nap', 41);
        release();
        expect(await answer).toBe(42);
      });
    }
  });
}

async function failureOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return undefined;
}

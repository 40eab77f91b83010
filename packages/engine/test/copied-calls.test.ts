import { lodgeEngine } from '@lodge/engine';
import { describe, expect, it, vi } from 'vitest';
import { failureOf, nextTurn, pair, ways } from './pair.js';
import { compileText, type Opened } from './start.js';

/** Enough calls for a graph to carry strings and lists without JavaScript. */
const manyCalls = 600;

/** What `realloc` or post-return do, by the number in `mode`. */
const modes = {
  ok: 0,
  outside: 1,
  misaligned: 2,
  callsOut: 3,
  throws: 4,
  traps: 5,
  overflows: 6,
  postCallsOut: 7,
  postTraps: 8,
} as const;

/** A memory with an allocator that does as it is told, and grows each time. */
const memory = `
  (memory (export "memory") 1)
  (tag $oops)
  (global $mode (mut i32) (i32.const 0))
  (global $next (mut i32) (i32.const 4096))
  (func (export "set-mode") (param i32) (global.set $mode (local.get 0)))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $pointer i32)
    (if (i32.eq (global.get $mode) (i32.const ${modes.outside})) (then (return (i32.shl (memory.size) (i32.const 16)))))
    (if (i32.eq (global.get $mode) (i32.const ${modes.misaligned})) (then (return (i32.const 4097))))
    (if (i32.eq (global.get $mode) (i32.const ${modes.callsOut})) (then (call $wait)))
    (if (i32.eq (global.get $mode) (i32.const ${modes.throws})) (then (throw $oops)))
    (if (i32.eq (global.get $mode) (i32.const ${modes.traps})) (then unreachable))
    (if (i32.eq (global.get $mode) (i32.const ${modes.overflows})) (then (return (i32.const -4))))
    (if (i32.gt_u (global.get $next) (i32.const 32768)) (then (global.set $next (i32.const 4096)) (drop (memory.grow (i32.const 1)))))
    (local.set $pointer (global.get $next))
    (global.set $next (i32.add (local.get $pointer) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))
    (local.get $pointer))`;

const mixed =
  '(result (tuple string u8 (option (list u16)) char bool) (error (variant (case "none") (case "some" string))))';
const mixedParam = '(param "a" (option string)) (param "b" u8) (param "c" (tuple char bool)) (param "d" (list f64))';
const between = {
  echo: '(param "x" string) (result string)',
  numbers: '(param "x" (list u32)) (result (list u32))',
  mixed: `${mixedParam} (result ${mixed})`,
  pick: '(param "v" (variant (case "byte" u8) (case "text" string) (case "nothing"))) (result u32)',
  'set-inner': '(param "mode" u32)',
  answer: '(param "x" u32) (result string)',
};
const inside = '(memory (core memory $i "memory")) (realloc (core func $i "realloc"))';
const outside = '(memory (core memory $mem "memory")) (realloc (core func $mem "realloc"))';
const raw = '(param "at" u32) (param "length" u32) (result u32)';

/** `echo` and `numbers` go from the host through both components and back; `raw-` functions pass any pointer and length. */
const text = pair({
  innerCore: `${memory}
    (data (i32.const 64) "fine")
    (func $back (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))
    (func (export "echo") (param i32 i32) (result i32)
      (if (i32.eq (local.get 1) (i32.const 3)) (then (call $wait)))
      (call $back (local.get 0) (local.get 1)))
    (func (export "mixed") (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
      (i32.store8 (i32.const 128) (i32.eq (local.get 3) (i32.const 255)))
      (i32.store8 (i32.const 132) (local.get 0))
      (i32.store (i32.const 136) (local.get 1))
      (i32.store (i32.const 140) (local.get 2))
      (if (i32.eqz (i32.load8_u (i32.const 128))) (then
        (i32.store (i32.const 132) (i32.const 64)) (i32.store (i32.const 136) (i32.const 4))
        (i32.store8 (i32.const 140) (local.get 3))
        (i32.store8 (i32.const 144) (i32.ne (local.get 7) (i32.const 0)))
        (i32.store (i32.const 148) (local.get 6)) (i32.store (i32.const 152) (local.get 7))
        (i32.store (i32.const 156) (local.get 4))
        (i32.store8 (i32.const 160) (local.get 5))))
      (i32.const 128))
    (func (export "pick") (param i32 i32 i32) (result i32)
      (i32.or (i32.ne (local.get 1) (i32.const 0)) (i32.shl (i32.ne (local.get 2) (i32.const 0)) (i32.const 1))))
    (func (export "answer") (param i32) (result i32)
      (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (i32.const 8)) (i32.const 16))
    (func (export "post") (param i32)
      (if (i32.eq (global.get $mode) (i32.const ${modes.postCallsOut})) (then (call $wait)))
      (if (i32.eq (global.get $mode) (i32.const ${modes.postTraps})) (then unreachable))
      (i64.store (local.get 0) (i64.const -1)))`,
  innerExports: `
    (func (export "echo") (param "x" string) (result string)
      (canon lift (core func $i "echo") ${inside} (post-return (core func $i "post"))))
    (func (export "numbers") (param "x" (list u32)) (result (list u32))
      (canon lift (core func $i "echo") ${inside} (post-return (core func $i "post"))))
    (func (export "mixed") ${mixedParam} (result ${mixed})
      (canon lift (core func $i "mixed") ${inside} (post-return (core func $i "post"))))
    (func (export "pick") ${between.pick} (canon lift (core func $i "pick") ${inside}))
    (func (export "set-inner") (param "mode" u32) (canon lift (core func $i "set-mode")))
    (func (export "answer") (param "x" u32) (result string) (canon lift (core func $i "answer") ${inside}))`,
  between,
  core: {
    echo: '(param i32 i32 i32)',
    numbers: '(param i32 i32 i32)',
    mixed: '(param i32 i32 i32 i32 i32 i32 i32 i32 i32)',
    pick: '(param i32 i32 i32) (result i32)',
    'set-inner': '(param i32)',
    answer: '(param i32 i32)',
  },
  outerMemory: memory,
  outerCore: `
    (func (export "echo") (param i32 i32) (result i32) (call $echo (local.get 0) (local.get 1) (i32.const 32)) (i32.const 32))
    (func (export "numbers") (param i32 i32) (result i32)
      (call $numbers (local.get 0) (local.get 1) (i32.const 32)) (i32.const 32))
    (func (export "mixed") (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
      (call $mixed (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5) (local.get 6) (local.get 7)
        (i32.const 256))
      (i32.const 256))
    (func (export "set-inner") (param i32) (call $set-inner (local.get 0)))
    (func (export "raw-echo") (param i32 i32) (result i32)
      (call $echo (local.get 0) (local.get 1) (i32.const 32)) (i32.load (i32.const 36)))
    (func (export "raw-numbers") (param i32 i32) (result i32)
      (call $numbers (local.get 0) (local.get 1) (i32.const 32)) (i32.load (i32.const 36)))
    (func (export "raw-option") (param i32 i32) (result i32)
      (call $mixed (local.get 0) (i32.const 0) (i32.const 0) (i32.const 1) (local.get 1) (i32.const 1) (i32.const 0) (i32.const 0)
        (i32.const 256))
      (i32.load8_u (i32.const 256)))
    (func (export "raw-pick") (param i32 i32) (result i32) (call $pick (local.get 0) (local.get 1) (i32.const 4)))
    (func (export "poke") (param i32 i32) (result i32) (i32.store8 (local.get 0) (local.get 1)) (i32.const 0))
    (func (export "raw-place") (param i32 i32) (result i32) (call $echo (i32.const 0) (i32.const 0) (local.get 0)) (i32.const 0))
    (func (export "raw-answer") (param i32 i32) (result i32)
      (call $answer (local.get 0) (i32.const 32)) (i32.load (i32.const 36)))
    (func (export "caught") (param i32 i32) (result i32)
      (block $caught
        (try_table (catch_all $caught) (call $echo (i32.const 0) (i32.const 4) (i32.const 32)))
        (return (i32.const 0)))
      (i32.const 1))`,
  outerExports: `
    (func (export "echo") (param "x" string) (result string) (canon lift (core func $i "echo") ${outside}))
    (func (export "numbers") (param "x" (list u32)) (result (list u32)) (canon lift (core func $i "numbers") ${outside}))
    (func (export "mixed") ${mixedParam} (result ${mixed}) (canon lift (core func $i "mixed") ${outside}))
    (func (export "set-inner") (param "mode" u32) (canon lift (core func $i "set-inner")))
    (func (export "set-outer") (param "mode" u32) (canon lift (core func $mem "set-mode")))
    ${['raw-echo', 'raw-numbers', 'raw-option', 'raw-pick', 'poke', 'raw-place', 'raw-answer', 'caught']
      .map((name) => `(func (export "${name}") ${raw} (canon lift (core func $i "${name}")))`)
      .join('\n')}`,
  exports: [
    ...['echo', 'numbers', 'mixed', 'set-inner', 'set-outer'],
    ...['raw-echo', 'raw-numbers', 'raw-option', 'raw-pick', 'poke', 'raw-place', 'raw-answer', 'caught'],
  ],
});

/** `mixed` makes of its arguments a result without an error, or, for 255, an error of the first of them. */
const mixedCalls = [
  [
    [undefined, 1, ['x', true], []],
    ['fine', 1, undefined, 'x', true],
  ],
  [
    ['unused', 2, ['\u{10ffff}', false], []],
    ['fine', 2, undefined, '\u{10ffff}', false],
  ],
] as const;

for (const [what, options] of ways) {
  const wait = (): unknown => ('suspendingImports' in options ? nextTurn() : undefined);
  const opener = async (): Promise<() => Promise<Opened>> => {
    const { open } = await compileText(text, options);
    return async () => {
      const opened = open({ wait });
      for (let call = 0; call < manyCalls; call++) await opened.call('rawEcho', 64, 4);
      return opened;
    };
  };

  describe(`After many calls between components of a graph ${what}`, () => {
    it('strings of every length come back as they were, be they ASCII or not', async () => {
      const { call } = await (await opener())();
      const lengths = [...Array(140).keys(), 255, 256, 257, 1023, 1024, 4095, 4096, 4097, 20_000];
      for (const length of lengths) {
        const ascii = Array.from({ length }, (_, index) => String.fromCharCode(33 + (index % 90))).join('');
        expect(await call('echo', ascii)).toBe(ascii);
        for (const at of new Set([0, length >> 1, length - 1])) {
          if (at < 0 || at >= length) continue;
          const other = `${ascii.slice(0, at)}é${ascii.slice(at + 1)}`;
          expect(await call('echo', other)).toBe(other);
        }
      }
    });

    it('lists of every length come back as they were', async () => {
      const { call } = await (await opener())();
      for (const length of [...Array(40).keys(), 1023, 1024, 1025, 5000]) {
        const list = Uint32Array.from({ length }, (_, index) => (index * 2_654_435_761) >>> 0);
        expect(await call('numbers', list)).toEqual(list);
      }
    });

    it('records, options and variants arrive whole, in every case', async () => {
      const { call } = await (await opener())();
      for (const [args, expected] of mixedCalls) {
        expect(await call('mixed', ...args)).toEqual(expected);
      }
      const [full] = mixedCalls;
      const floats = Float64Array.of(1, 2);
      const [, , , char, bool] = full[1];
      expect(await call('mixed', 'x', 7, [char, bool], floats)).toEqual(['fine', 7, Uint16Array.of(0, 0), char, bool]);
      for (const error of ['an error', '', 'ü']) {
        expect((await failureOfWit(() => call('mixed', error, 255, ['x', true], []))).payload).toEqual({
          tag: 'some',
          val: error,
        });
      }
      expect((await failureOfWit(() => call('mixed', undefined, 255, ['x', true], []))).payload).toEqual({
        tag: 'none',
      });
    });

    it('a case gets what is its own, and zeros for the rest', async () => {
      const { call } = await (await opener())();
      expect(await call('rawPick', 0, 64)).toBe(0b01);
      expect(await call('rawPick', 0, 256)).toBe(0b00);
      expect(await call('rawPick', 1, 1024)).toBe(0b11);
      expect(await call('rawPick', 2, 64)).toBe(0b00);
    });

    it('no byte of a string goes unchecked', async () => {
      const open = await opener();
      for (const length of [...Array(17).keys(), 31, 32, 33, 64, 65, 97]) {
        for (let at = 0; at < length; at++) {
          const { call, instance } = await open();
          await call('poke', 1024 + at, 0xff);
          expect((await failureOf(() => call('rawEcho', 1024, length))).message).toContain('not valid UTF-8');
          instance.dispose();
        }
      }
    });

    it.each([
      ['rawPick', 3, 0, 'discriminant is out of range'],
      ['rawEcho', 0xffff_fffc, 8, 'outside of the memory'],
      ['rawEcho', 0x7fff_0000, 8, 'outside of the memory'],
      ['rawEcho', 64, 0x8000_0000, 'longer than the canonical ABI allows'],
      ['rawNumbers', 66, 1, 'not aligned'],
      ['rawNumbers', 0xffff_fffc, 1, 'outside of the memory'],
      ['rawNumbers', 64, 0x4000_0001, 'longer than the canonical ABI allows'],
      ['rawOption', 2, 120, 'discriminant is out of range'],
      ['rawOption', 0, 0xd800, 'not a Unicode scalar value'],
      ['rawPlace', 34, 0, 'not aligned'],
      ['rawPlace', 0xffff_fff8, 0, 'outside of the memory'],
      ['rawAnswer', 0xffff_fffc, 0, 'outside of the memory'],
    ])('%s(%i, %i) traps', async (name, first, second, message) => {
      const { call, instance } = await (await opener())();
      expect((await failureOf(() => call(name, first, second))).message).toContain(message);
      expect(instance.isPoisoned).toBe(true);
    });

    it.each([
      ['outside', 'outside of the memory'],
      ['overflows', 'outside of the memory'],
      ['callsOut', 'it called out of the component from realloc'],
      ['throws', ''],
      ['traps', 'unreachable'],
    ] as const)('a realloc that %s ends the life, on both sides, and is caught by nobody', async (mode, message) => {
      const open = await opener();
      for (const side of ['setInner', 'setOuter']) {
        for (const how of ['rawEcho', 'caught']) {
          const { call, instance } = await open();
          await call(side, modes[mode]);
          const error = await failureOf(() => call(how, 64, 4));
          expect(error.code).toBe('ERR_GUEST_TRAPPED');
          expect(error.message).toContain(message);
          expect(instance.isPoisoned).toBe(true);
        }
      }
    });

    it('a realloc that answers a misaligned pointer ends the life, on both sides', async () => {
      const open = await opener();
      for (const side of ['setInner', 'setOuter']) {
        const { call } = await open();
        await call(side, modes.misaligned);
        expect((await failureOf(() => call('rawNumbers', 64, 4))).message).toContain('not aligned');
      }
    });

    it.each([
      ['postCallsOut', 'it called out of the component from realloc, post-return'],
      ['postTraps', 'unreachable'],
    ] as const)('a post-return function that %s ends the life', async (mode, message) => {
      const { call, instance } = await (await opener())();
      await call('setInner', modes[mode]);
      expect((await failureOf(() => call('rawEcho', 64, 4))).message).toContain(message);
      expect(instance.isPoisoned).toBe(true);
    });

    it('the callee may still call out, and wait', async () => {
      const { call } = await (await opener())();
      expect(await call('echo', 'abc')).toBe('abc');
      expect(await call('rawEcho', 64, 3)).toBe(3);
    });

    it('a life that follows on the same graph begins anew', async () => {
      const open = await opener();
      for (let life = 0; life < 4; life++) {
        const { call, instance } = await open();
        expect(await call('echo', `life ${life}`)).toBe(`life ${life}`);
        instance.dispose();
        await nextTurn();
      }
    });
  });
}

describe('After many calls between components whose memories keep what they have grown', () => {
  it('no string reaches beyond what the life itself has asked for', async () => {
    const { open } = await compileText(text, {}, lodgeEngine({ keepsGrownMemories: true }));
    const warmed = (): Opened => {
      const opened = open({ wait: () => undefined });
      for (let turn = 0; turn < manyCalls; turn++) opened.call('rawEcho', 1024, 4);
      return opened;
    };
    const beyond = 65_536;
    const { instance, call } = await vi.waitFor(() => {
      const grown = warmed();
      for (let turn = 0; turn < manyCalls; turn++) grown.call('rawEcho', 1024, 300);
      expect(grown.call('rawEcho', beyond, 4)).toBe(4);
      grown.instance.dispose();
      const next = warmed();
      if (next.instance.memoryBytes > 2 * beyond) return next;
      next.instance.dispose();
      return expect.fail('no memory was kept');
    });
    expect((await failureOf(() => call('rawEcho', beyond, 4))).message).toContain(
      'outside of the memory of 65536 bytes',
    );
    expect(instance.isPoisoned).toBe(true);
  });
});

async function failureOfWit(work: () => unknown): Promise<{ payload: unknown }> {
  try {
    await work();
  } catch (error) {
    return error as { payload: unknown };
  }
  return expect.fail('it did not fail');
}

import { type HostErrorCode, WitError } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { watComponent } from '@lodge-internal/fixtures';
import { describe, expect, it } from 'vitest';
import { compileBytes, compileText, leastStall, stallOf } from './start.js';

const interruptible = { isInterruptible: true };

/** A component around one core module, with its function `f` as an export that gives a number. */
function around(module: string): string {
  return `(component (core module $m ${module}) (core instance $i (instantiate $m))
    (func (export "f") (result u32) (canon lift (core func $i "f"))))`;
}

async function refusal(
  text: string,
  options = {},
): Promise<{ readonly code: HostErrorCode; readonly message: string }> {
  return compileText(text, options).then(
    () => expect.fail('it was compiled'),
    (error: { readonly code: HostErrorCode; readonly message: string }) => error,
  );
}

describe('a core module', () => {
  it('with a shared memory is refused, for it could make the whole process wait', async () => {
    const text = around(`(memory 1 1 shared)
      (func (export "f") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))`);
    expect(await refusal(text)).toMatchObject({ code: 'ERR_COMPONENT_UNSUPPORTED' });
  });

  it('with a 64-bit memory is refused, for no limit holds it', async () => {
    const text = around(`(memory i64 1) (func (export "f") (result i32) (i32.const 0))`);
    expect(await refusal(text)).toMatchObject({ code: 'ERR_COMPONENT_UNSUPPORTED' });
  });

  it('with garbage-collected arrays is refused where guests are not trusted, for no limit holds them', async () => {
    const text = around(`(type $a (array (mut i64))) (global (ref $a) (array.new_default $a (i32.const 1000000)))
      (func (export "f") (result i32) (i32.const 0))`);
    expect(await refusal(text, interruptible)).toMatchObject({ code: 'ERR_COMPONENT_UNSUPPORTED' });
  });

  it('with huge tables is refused', async () => {
    const text = around('(table 10000000 funcref) (func (export "f") (result i32) (i32.const 0))');
    expect(await refusal(text)).toMatchObject({ code: 'ERR_COMPONENT_UNSUPPORTED' });
  });

  it('cannot make a table huge', async () => {
    const { open } = await compileText(
      around(`(table $t 0 externref)
        (func (export "f") (result i32) (table.grow $t (ref.null extern) (i32.const 9000000)))`),
    );
    expect(open().call('f')).toBe(2 ** 32 - 1);
  });

  it('with more memories than a graph may have is refused', async () => {
    const text = around(`${'(memory 1)'.repeat(300)} (func (export "f") (result i32) (i32.const 0))`);
    expect(await refusal(text)).toMatchObject({ code: 'ERR_COMPONENT_UNSUPPORTED' });
  });

  it.each([
    ['a global', '(func (export "f") (result i32) (global.set 0 (i32.const 100000000)) (i32.const 0))'],
    ['a local', '(func (export "f") (result i32) (loop $l (local.set 0 (i32.const 1000)) (br $l)) (i32.const 0))'],
    ['a shadow global', '(global $g (mut i32) (i32.const 5)) (func (export "f") (result i32) (global.get 1))'],
    ['a function', '(global $g (mut i32) (i32.const 5)) (func (export "f") (result i32) (call 1) (i32.const 0))'],
    ['a table', '(func (export "f") (result i32) (table.set 0 (i32.const 0) (ref.null func)) (i32.const 0))'],
  ])('that names %s which only the engine adds is refused', async (_, module) => {
    expect(await refusal(around(module), interruptible)).toMatchObject({ code: 'ERR_COMPONENT_INVALID' });
  });

  it('that reaches for the copies of its globals leaves nothing to a later life', async () => {
    const module =
      '(global $g (mut i32) (i32.const 5)) (func (export "f") (result i32) (global.set 1 (i32.const 666)) (global.get 0))';
    const seen: unknown[] = [];
    const started = await compileText(around(module)).catch(() => undefined);
    for (let life = 0; started !== undefined && life < 5; life++) {
      const { instance, call } = started.open();
      seen.push(call('f'));
      instance.dispose();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(seen.every((value) => value === 5)).toBe(true);
  });

  it('with twenty thousand globals is compiled', async () => {
    const globals = Array.from({ length: 20_000 }, (_, index) => `(global (mut i32) (i32.const ${index}))`).join('');
    const { open } = await compileText(around(`${globals} (func (export "f") (result i32) (global.get 19999))`));
    expect(open().call('f')).toBe(19_999);
  });
});

describe('a guest that may be interrupted', () => {
  it('is ended in its start function as soon as anywhere else', async () => {
    const { open } = await compileText(
      around('(func $s (loop $l (br $l))) (start $s) (func (export "f") (result i32) (i32.const 0))'),
      interruptible,
    );
    const started = performance.now();
    expect(() => open()).toThrow(expect.objectContaining({ code: 'ERR_CALL_TIMEOUT' }));
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('runs its start function once, after its segments', async () => {
    const { open } = await compileText(
      around(`(memory 1) (data (i32.const 0) "\\07") (global $g (mut i32) (i32.const 0))
        (func $s (global.set $g (i32.add (global.get $g) (i32.load8_u (i32.const 0))))) (start $s)
        (func (export "f") (result i32) (global.get $g))`),
      interruptible,
    );
    for (let life = 0; life < 3; life++) {
      const { instance, call } = open();
      expect(await call('f')).toBe(7);
      instance.dispose();
    }
  });

  it('is ended in a tower of calls through many core instances', async () => {
    const floors = Array.from(
      { length: 6 },
      (
        _,
        index,
      ) => `(core module $m${index + 1} (import "below" "f" (func $f)) (func (export "f") ${'(call $f) '.repeat(60)}))
        (core instance $i${index + 1} (instantiate $m${index + 1} (with "below" (instance $i${index}))))`,
    );
    const { open } = await compileText(
      `(component
        (core module $m0 (global $g (mut i32) (i32.const 0)) (func (export "f") (global.set $g (i32.add (global.get $g) (i32.const 1)))))
        (core instance $i0 (instantiate $m0))
        ${floors.join('\n')}
        (func (export "f") (canon lift (core func $i6 "f"))))`,
      interruptible,
    );
    const { instance, call } = open();
    const reason = new Error('deadline');
    setTimeout(() => instance.interrupt(reason), 30);
    const started = performance.now();
    await expect(call('f')).rejects.toBe(reason);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  const bulk = `(component
    (core module $m (memory (export "memory") 100) (memory $other 100)
      (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
      (func (export "across") (param i32 i32 i32) (memory.copy $other 0 (local.get 0) (local.get 1) (local.get 2)) (memory.copy 0 $other (local.get 1) (local.get 0) (local.get 2)))
      (func (export "prepare") (local $i i32)
        (loop $l (i32.store (local.get $i) (i32.mul (local.get $i) (i32.const 2654435761)))
          (local.set $i (i32.add (local.get $i) (i32.const 4))) (br_if $l (i32.lt_u (local.get $i) (i32.const 6553600)))))
      (func (export "bytes") (result i32) (i32.store (i32.const 4) (i32.const 6553592)) (i32.store (i32.const 0) (i32.const 8)) (i32.const 0)))
    (core instance $i (instantiate $m))
    ${['fill', 'copy', 'across'].map((name) => `(func (export "${name}") (param "a" u32) (param "b" u32) (param "n" u32) (canon lift (core func $i "${name}")))`).join(' ')}
    (func (export "prepare") (canon lift (core func $i "prepare")))
    (func (export "bytes") (result (list u8)) (canon lift (core func $i "bytes") (memory (core memory $i "memory")))))`;

  it.each([
    ['fill', 100, 7, 5_000_001],
    ['fill', 6_000_000, 7, 553_600],
    ['fill', 0, 7, 6_553_600],
    ['copy', 100, 3_000_000, 3_000_003],
    ['copy', 3_000_000, 100, 3_000_003],
    ['copy', 101, 100, 6_000_000],
    ['copy', 100, 101, 6_000_000],
    ['copy', 500_000, 100, 5_500_000],
    ['across', 17, 2_000_000, 4_000_000],
  ])('gets the same from %s %i %i %i, done in pieces', async (name, a, b, length) => {
    const [plain, pieces] = await Promise.all([compileText(bulk), compileText(bulk, interruptible)]);
    const results: unknown[] = [];
    for (const { open } of [plain, pieces]) {
      const { instance, call } = open();
      await call('prepare');
      await call(name, a, b, length);
      results.push(Buffer.from((await call('bytes')) as Uint8Array).toString('latin1'));
      instance.dispose();
    }
    expect(results[0] === results[1]).toBe(true);
  });

  it.each([
    ['fill', 1, 7, 6_553_600],
    ['fill', 5_000_000, 7, 0xffff_ffff],
    ['copy', 0, 1, 6_553_600],
    ['copy', 1, 0, 6_553_600],
  ])('traps at %s %i %i %i, and has written nothing', async (name, a, b, length) => {
    const { open } = await compileText(bulk, interruptible);
    await expect(open().call(name, a, b, length)).rejects.toMatchObject({
      code: 'ERR_GUEST_TRAPPED',
      message: expect.stringContaining('memory access out of bounds'),
    });
  });

  it('gives way while it fills two gigabytes', async () => {
    const { open } = await compileText(
      around(`(memory 1) (func (export "f") (result i32)
        (drop (memory.grow (i32.const 30000))) (memory.fill (i32.const 0) (i32.const 1) (i32.const 1900000000)) (i32.const 1))`),
      interruptible,
    );
    const stall = await leastStall(async () => {
      const { instance, call } = open();
      const reason = new Error('deadline');
      setTimeout(() => instance.interrupt(reason), 20);
      await expect(call('f')).rejects.toBe(reason);
      instance.dispose();
    });
    expect(stall).toBeLessThan(50);
  });

  it('is ended when it catches its own exhausted stack again and again', async () => {
    const { open } = await compileText(
      `(component
        (core module $m (func $f (export "f")
          (block $a (try_table (catch_all $a) (call $f))) (block $b (try_table (catch_all $b) (call $f)))))
        (core instance $i (instantiate $m))
        (func (export "f") (canon lift (core func $i "f"))))`,
      interruptible,
    );
    await expect(open().call('f')).rejects.toMatchObject({ code: 'ERR_GUEST_TRAPPED' });
  });
});

describe('a binary that is small and means much', () => {
  const engine = lodgeEngine();
  const inspected = (bytes: Uint8Array): Promise<number> => stallOf(() => engine.inspect(bytes).catch(() => undefined));
  const number = (value: number): number[] =>
    value < 128 ? [value] : [(value & 127) | 128, ...number(Math.floor(value / 128))];
  const component = (id: number, content: Uint8Array): Uint8Array =>
    new Uint8Array(
      Buffer.concat([
        Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, id),
        Uint8Array.from(number(content.length)),
        content,
      ]),
    );
  const vector = (count: number, item: readonly number[], head: readonly number[] = []): Uint8Array =>
    new Uint8Array(
      Buffer.concat([
        Uint8Array.from([...head, ...number(count)]),
        Buffer.alloc(count * item.length, Uint8Array.from(item)),
      ]),
    );

  it('is refused for a variant of variants of variants that no memory could hold the code of', async () => {
    const levels = Array.from({ length: 4 }, (_, level) => {
      const cases = Array.from({ length: 60 }, (_, index) => `(case "c${index}" $v${level})`).join(' ');
      return `(type $v${level + 1} (variant ${cases}))`;
    });
    const text = `(component (type $v0 u8) ${levels.join('\n')} (import "h" (func (param "v" $v4))))`;
    expect(await refusal(text)).toMatchObject({ code: 'ERR_COMPONENT_INVALID' });
  });

  it('is refused for functions whose code together has no bound', async () => {
    const cases = Array.from({ length: 900 }, (_, index) => `(case "c${index}" $inner)`).join(' ');
    const inner = Array.from({ length: 9 }, (_, index) => `(case "c${index}" u8)`).join(' ');
    const imports = Array.from(
      { length: 60 },
      (_, index) => `(import "h${index}" (func $h${index} (param "v" $v)))
      (core func $l${index} (canon lower (func $h${index})))`,
    );
    const wanted = Array.from({ length: 60 }, (_, index) => `(import "a" "h${index}" (func (param i32 i32 i32)))`);
    const given = Array.from({ length: 60 }, (_, index) => `(export "h${index}" (func $l${index}))`);
    const text = `(component (type $i (variant ${inner})) (export $inner "i" (type $i)) (type $w (variant ${cases})) (export $v "w" (type $w))
      ${imports.join('\n')} (core module $m ${wanted.join(' ')})
      (core instance (instantiate $m (with "a" (instance ${given.join(' ')})))))`;
    expect(await refusal(text)).toMatchObject({ code: 'ERR_COMPONENT_UNSUPPORTED' });
  });

  it.each([
    ['four million types', component(7, vector(4_000_000, [0x7f]))],
    ['a record of a million fields', component(7, vector(1_000_000, [1, 0x61, 0x7f], [1, 0x72]))],
    ['nine thousand core instances', component(2, vector(9000, [0, 0, 0]))],
  ])('does not hold up the event loop: %s', async (_, bytes) => {
    expect(await inspected(bytes)).toBeLessThan(100);
  });

  it('does not hold up the event loop with fifteen thousand allocators', async () => {
    const names = Array.from({ length: 15_000 }, (_, index) => index);
    const bytes = await watComponent(`(component
      (core module $m (func $r (param i32 i32 i32 i32) (result i32) unreachable) (func (export "f"))
        ${names.map((name) => `(export "r${name}" (func $r))`).join(' ')})
      (core instance $i (instantiate $m)) (core func $f (alias core export $i "f"))
      ${names.map((name) => `(core func $r${name} (alias core export $i "r${name}"))`).join(' ')}
      ${names.map((name) => `(func (canon lift (core func $f) (realloc $r${name})))`).join(' ')})`);
    expect(await inspected(bytes)).toBeLessThan(500);
  });

  it('is refused when it imports one name twice', async () => {
    const bytes = (await watComponent('(component (import "aa" (func)) (import "bb" (func)))')).slice();
    bytes.set(new TextEncoder().encode('aa'), Buffer.from(bytes).lastIndexOf('bb'));
    await expect(compileBytes(bytes)).rejects.toMatchObject({ code: 'ERR_COMPONENT_INVALID' });
  });
});

describe('an import that is exported again', () => {
  const text = '(component (import "h" (func $h (param "n" u32) (result u32))) (export "g" (func $h)))';

  it('is the function of the life that it was taken from, and ends with it', async () => {
    const { open } = await compileText(text);
    const [first, second] = [open({ h: () => 1 }), open({ h: () => 2 })];
    expect([first.call('g', 0), second.call('g', 0)]).toEqual([1, 2]);
    first.instance.dispose();
    const third = open({ h: () => 3 });
    expect(() => first.call('g', 0)).toThrow(expect.objectContaining({ code: 'ERR_INSTANCE_CLOSED' }));
    expect([second.call('g', 0), third.call('g', 0)]).toEqual([2, 3]);
  });

  it('is interrupted while it waits', async () => {
    const { open } = await compileText(text, { suspendingImports: new Set(['#h']) });
    const { instance, call } = open({ h: () => new Promise(() => {}) });
    const answer = call('g', 0);
    const reason = new Error('deadline');
    instance.interrupt(reason);
    await expect(answer).rejects.toBe(reason);
  });
});

class Thing {
  isDisposed = false;
  [Symbol.dispose](): void {
    this.isDisposed = true;
  }
}

/** Gets things from the host and gives them away, with pointers of its own choice. */
const juggler = `(component
  (import "lodge:test/things" (instance $things
    (export "thing" (type $thing (sub resource)))
    (export "make" (func (result (own $thing))))
    (export "make-two" (func (result (tuple (own $thing) (own $thing)))))
    (export "give" (func (param "thing" (own $thing)) (param "name" string)))))
  (alias export $things "thing" (type $thing))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (core func $make (canon lower (func $things "make")))
  (core func $make-two (canon lower (func $things "make-two") (memory (core memory $memory "memory"))))
  (core func $give (canon lower (func $things "give") (memory (core memory $memory "memory"))))
  (core module $m
    (import "h" "make" (func $make (result i32))) (import "h" "make-two" (func $make-two (param i32)))
    (import "h" "give" (func $give (param i32 i32 i32)))
    (func (export "give") (param i32) (call $give (call $make) (local.get 0) (i32.const 4)))
    (func (export "make-two") (param i32) (call $make-two (local.get 0)))
    (func (export "take") (param i32 i32))
    (func (export "nothing")))
  (core instance $i (instantiate $m (with "h" (instance
    (export "make" (func $make)) (export "make-two" (func $make-two)) (export "give" (func $give))))))
  (func (export "give") (param "pointer" u32) (canon lift (core func $i "give")))
  (func (export "make-two") (param "pointer" u32) (canon lift (core func $i "make-two")))
  (func (export "take") (param "thing" (borrow $thing)) (param "n" u32) (canon lift (core func $i "take")))
  (func (export "keep") (param "thing" (own $thing)) (param "n" u32) (canon lift (core func $i "take")))
  (func (export "nothing") (canon lift (core func $i "nothing"))))`;

describe('a resource of the host', () => {
  const made: Thing[] = [];
  const make = (): Thing => {
    const thing = new Thing();
    made.push(thing);
    return thing;
  };
  const things = { Thing, make, makeTwo: () => [make(), make()], give: () => {} };

  it('is disposed of with the instance when it gets lost between a handle and a trap', async () => {
    const { open } = await compileText(juggler);
    made.length = 0;
    const { instance, call } = open({ 'lodge:test/things': things });
    expect(() => call('give', 0xffff_fff0)).toThrow(expect.objectContaining({ code: 'ERR_GUEST_TRAPPED' }));
    instance.dispose();
    expect(made.map((thing) => thing.isDisposed)).toEqual([true]);
  });

  it('is disposed of with the instance when the guest has no place for it', async () => {
    const { open } = await compileText(juggler);
    made.length = 0;
    const { instance, call } = open({ 'lodge:test/things': things });
    expect(() => call('makeTwo', 65_532)).toThrow(expect.objectContaining({ code: 'ERR_GUEST_TRAPPED' }));
    instance.dispose();
    expect(made.map((thing) => thing.isDisposed)).toEqual([true, true]);
  });

  it('is not disposed of when it has been given to the host', async () => {
    const { open } = await compileText(juggler);
    made.length = 0;
    const { instance, call } = open({ 'lodge:test/things': things });
    call('give', 0);
    instance.dispose();
    expect(made.map((thing) => thing.isDisposed)).toEqual([false]);
  });

  it('is disposed of when it comes after the end, also in a tuple', async () => {
    const { open } = await compileText(juggler, {
      suspendingImports: new Set(['lodge:test/things#make-two']),
    });
    made.length = 0;
    let answer: (things: Thing[]) => void = () => {};
    const waiting = { ...things, makeTwo: () => new Promise((resolve) => (answer = resolve)) };
    const { instance, call } = open({ 'lodge:test/things': waiting });
    const running = call('makeTwo', 0);
    instance.interrupt(new Error('deadline'));
    await expect(running).rejects.toThrow('deadline');
    answer([make(), make()]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(made.map((thing) => thing.isDisposed)).toEqual([true, true]);
  });

  it.each(['take', 'keep'])('leaves nothing behind when the argument after it is wrong: %s', async (name) => {
    const { open } = await compileText(juggler);
    const { instance, call } = open({ 'lodge:test/things': things });
    const thing = new Thing();
    for (let count = 0; count < 3; count++) expect(() => call(name, thing, 'no number')).toThrow(TypeError);
    expect(call('nothing')).toBeUndefined();
    instance.dispose();
    expect(thing.isDisposed).toBe(false);
  });
});

describe('a shim look-alike', () => {
  /** A table of forwarders and a module that fills it, as `wit-component` writes them, but for what `change` does. */
  const shimmed = (
    extra: string,
    forwarder = '(func (export "0") (result i32) (i32.const 0) (call_indirect (type $t)))',
  ): string => `(component
    (import "one" (func $one (result u32)))
    (core func $one (canon lower (func $one)))
    (core module $shim (type $t (func (result i32))) (table (export "$imports") 1 1 funcref) ${forwarder})
    (core instance $shim (instantiate $shim))
    (core module $main (import "s" "0" (func $f (result i32))) (func (export "f") (result i32) (call $f)))
    (core instance $i (instantiate $main (with "s" (instance $shim))))
    (core module $fixup (import "" "0" (func $one (result i32))) (import "" "$imports" (table 1 1 funcref)) (elem (i32.const 0) func $one))
    (core instance (instantiate $fixup (with "" (instance (export "0" (func $one)) (export "$imports" (table $shim "$imports"))))))
    ${extra}
    (func (export "f") (result u32) (canon lift (core func $i "f"))))`;

  it('is left out when it is a shim', async () => {
    const { open } = await compileText(shimmed(''));
    expect(open({ one: () => 1 }).call('f')).toBe(1);
  });

  it('stays when another module puts something else into its table', async () => {
    const { open } = await compileText(
      shimmed(`(core module $other (import "" "$imports" (table 1 1 funcref)) (func $two (result i32) (i32.const 2)) (elem (i32.const 0) func $two))
      (core instance (instantiate $other (with "" (instance (export "$imports" (table $shim "$imports"))))))`),
    );
    expect(open({ one: () => 1 }).call('f')).toBe(2);
  });
});

it('an error of the guest stays typed through all of this', async () => {
  const { open } = await compileText(`(component
    (import "h" (func $h (result (result (error u32))))) (export "g" (func $h)))`);
  const error = new WitError(3);
  const { call } = open({
    h: () => {
      throw error;
    },
  });
  expect(() => call('g')).toThrow(error);
});

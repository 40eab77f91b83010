import { describe, expect, it } from 'vitest';
import { failureOf, growing, nextTurn, type Pair, pair, ways } from './pair.js';
import { compileText, type Opened } from './start.js';

for (const [what, options] of ways) {
  const wait = (): unknown => ('suspendingImports' in options ? nextTurn() : undefined);
  const opener = async (text: string): Promise<() => Opened> => {
    const { open } = await compileText(text, options);
    return () => open({ wait });
  };

  describe(`Between components of a graph, a call ${what}`, () => {
    const nested = '(list (tuple string u8 (option string) bool (list char)))';
    const echo = pair({
      innerCore: `${growing}
        (global $posts (mut i32) (i32.const 0))
        (func (export "posts") (result i32) (global.get $posts))
        (func (export "post") (param i32)
          (global.set $posts (i32.add (global.get $posts) (i32.const 1)))
          (i64.store (local.get 0) (i64.const -1)))
        (func (export "echo") (param i32 i32) (result i32)
          (call $wait)
          (i32.store (i32.const 16) (local.get 0))
          (i32.store (i32.const 20) (local.get 1))
          (i32.const 16))`,
      innerExports: `
        (func (export "posts") (result u32) (canon lift (core func $i "posts")))
        (func (export "echo") (param "x" ${nested}) (result ${nested}) (canon lift (core func $i "echo")
          (memory (core memory $i "memory")) (realloc (core func $i "realloc")) (post-return (core func $i "post"))))`,
      between: { echo: `(param "x" ${nested}) (result ${nested})`, posts: '(result u32)' },
      core: { echo: '(param i32 i32 i32)', posts: '(result i32)' },
      outerCore: `
        (func (export "echo") (param i32 i32) (result i32)
          (call $echo (local.get 0) (local.get 1) (i32.const 32)) (i32.const 32))
        (func (export "posts") (result i32) (call $posts))`,
      outerExports: `
        (func (export "posts") (result u32) (canon lift (core func $i "posts")))
        (func (export "echo") (param "x" ${nested}) (result ${nested})
          (canon lift (core func $i "echo") (memory (core memory $mem "memory")) (realloc (core func $mem "realloc"))))`,
      exports: ['echo', 'posts'],
    });

    it('copies values while both memories grow, and runs post-return once and last, in every life', async () => {
      const open = await opener(echo);
      const value = Array.from({ length: 20 }, (_, index) => [
        `a${index}é`.repeat(index),
        index,
        index % 2 === 0 ? undefined : `b${index}`,
        index % 3 === 0,
        ['x', '\u{10ffff}'],
      ]);
      for (let life = 0; life < 4; life++) {
        const { call, instance } = open();
        expect(await call('echo', value)).toEqual(value);
        expect(await call('echo', value.slice(3))).toEqual(value.slice(3));
        expect(await call('posts')).toBe(2);
        instance.dispose();
        await nextTurn();
      }
    });

    const taking = (pointer: string): string =>
      pair({
        innerCore: `(memory (export "memory") 1)
          (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const ${pointer}))
          (func (export "take") (param i32 i32) (result i32) (call $wait) (local.get 1))`,
        innerExports: `(func (export "take") (param "x" (list (tuple u32 string))) (result u32) (canon lift
          (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))`,
        between: { take: '(param "x" (list (tuple u32 string))) (result u32)' },
        core: { take: '(param i32 i32) (result i32)' },
        outerCore: `(func (export "take") (param i32 i32) (result i32) (call $take (local.get 0) (local.get 1)))`,
        outerExports: `(func (export "take") (param "p" u32) (param "n" u32) (result u32)
          (canon lift (core func $i "take")))`,
        exports: ['take'],
      });

    it.each([
      ['at the very end of the memory', '65536', 'outside of the memory'],
      ['beyond the memory', '-16', 'outside of the memory'],
      ['that is not aligned', '1026', 'not aligned'],
    ])('traps where realloc answers a pointer %s', async (_, pointer, message) => {
      const open = await opener(taking(pointer));
      const { call, instance } = open();
      expect((await failureOf(() => call('take', 0, 2))).message).toContain(message);
      expect(instance.isPoisoned).toBe(true);
    });

    it('lets a realloc that answers the same pointer again harm nothing but its own component', async () => {
      const open = await opener(taking('0'));
      expect(await open().call('take', 0, 2)).toBe(2);
    });

    it.each([
      [2, 1, 'not aligned'],
      [0xffff_fffc, 1, 'outside of the memory'],
      [65_540, 0, 'outside of the memory'],
      [0, 6000, 'outside of the memory'],
      [0, 0x1555_5556, 'Limit exceeded'],
      [0, 0xffff_ffff, 'Limit exceeded'],
    ])('traps at a list at %i of %i elements', async (pointer, count, message) => {
      const open = await opener(taking('1024'));
      const { call, instance } = open();
      expect((await failureOf(() => call('take', pointer, count))).message).toContain(message);
      expect(instance.isPoisoned).toBe(true);
    });

    const counting: Pair = {
      innerCore: `
        (global $n (mut i32) (i32.const 0))
        (func (export "add") (param i32) (result i32)
          (global.set $n (i32.add (global.get $n) (local.get 0))) (global.get $n))
        (func (export "alloc") (param i32 i32 i32 i32) (result i32) (i32.const 256))
        (func (export "post") (param i32))`,
      innerExports: `
        (func (export "add") (param "n" u32) (result u32) (canon lift (core func $i "add")))
        (func (export "alloc") (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (result u32)
          (canon lift (core func $i "alloc")))
        (func (export "post") (param "n" u32) (canon lift (core func $i "post")))`,
      between: {
        add: '(param "n" u32) (result u32)',
        alloc: '(param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (result u32)',
        post: '(param "n" u32)',
      },
      core: { add: '(param i32) (result i32)' },
      outerCore: `
        (func (export "add") (param i32) (result i32) (call $add (local.get 0)))
        (func (export "length") (param i32 i32) (result i32) (local.get 1))`,
      outerExports: `
        (func (export "add") (param "n" u32) (result u32) (canon lift (core func $i "add")))
        (func (export "length") (param "x" string) (result u32) (canon lift (core func $i "length")
          (memory (core memory $mem "memory")) (realloc (core func $mem "realloc"))))`,
      exports: ['add', 'length'],
    };

    it('that went well has no part in what its caller does next', async () => {
      const outerCore = `
        (func (export "add") (param i32) (result i32) (drop (call $add (local.get 0))) unreachable)
        (func (export "length") (param i32 i32) (result i32) (local.get 1))`;
      const open = await opener(pair({ ...counting, outerCore }));
      expect((await failureOf(() => open().call('add', 1))).message).toContain('in add: unreachable');
    });

    it('that traps shows the functions of both components, and nothing of what is between them', async () => {
      const innerCore = counting.innerCore.replace('(func (export "add")', '(func $inner (export "add")');
      const text = pair({
        ...counting,
        innerCore: innerCore.replace('(global.get $n))', 'unreachable)'),
        outerCore: counting.outerCore.replace('(func (export "add")', '(func $outer (export "add")'),
      });
      const open = await opener(text);
      const { details } = await failureOf(() => open().call('add', 1));
      expect(details['stack']).toEqual([
        expect.stringMatching(/^m.inner wasm-function\[1\]/),
        expect.stringMatching(/^m.outer wasm-function\[1\]/),
      ]);
    });

    const strings = pair({
      innerCore: `(memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
        (func (export "take") (param i32 i32) (result i32) (call $wait) (local.get 1))`,
      innerExports: `
        (func (export "string") (param "x" string) (result u32) (canon lift
          (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
        (func (export "numbers") (param "x" (list u32)) (result u32) (canon lift
          (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))`,
      between: { string: '(param "x" string) (result u32)', numbers: '(param "x" (list u32)) (result u32)' },
      core: { string: '(param i32 i32) (result i32)', numbers: '(param i32 i32) (result i32)' },
      outerCore: `
        (func (export "string") (param i32 i32) (result i32) (call $string (local.get 0) (local.get 1)))
        (func (export "numbers") (param i32 i32) (result i32) (call $numbers (local.get 0) (local.get 1)))`,
      outerExports: `
        (func (export "string") (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $i "string")))
        (func (export "numbers") (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $i "numbers")))`,
      exports: ['string', 'numbers'],
    });

    it.each([
      ['string', 65_530, 10, 'outside of the memory'],
      ['string', 65_530, 1000, 'outside of the memory'],
      ['string', 0, 0x8000_0000, 'longer than the canonical ABI allows'],
      ['numbers', 65_532, 2, 'outside of the memory'],
      ['numbers', 65_532, 1000, 'outside of the memory'],
      ['numbers', 2, 1, 'not aligned'],
      ['numbers', 0, 0x4000_0001, 'longer than the canonical ABI allows'],
    ])('traps at a %s at %i of length %i', async (name, pointer, length, message) => {
      const open = await opener(strings);
      expect((await failureOf(() => open().call(name, pointer, length))).message).toContain(message);
    });

    it('passes no more bytes than the component may lift', async () => {
      const limits = { maxLiftedBytes: 100 };
      const { open } = await compileText(strings, { ...options, limits });
      expect(await open({ wait }).call('string', 200, 100)).toBe(100);
      expect((await failureOf(() => open({ wait }).call('string', 200, 101))).code).toBe('ERR_LIMIT_EXCEEDED');
      expect((await failureOf(() => open({ wait }).call('numbers', 200, 26))).code).toBe('ERR_LIMIT_EXCEEDED');
    });

    it('that no core module can make needs nothing', async () => {
      const open = await opener(
        pair({
          ...counting,
          core: {},
          outerCore: '(func (export "length") (param i32 i32) (result i32) (local.get 1))',
          outerExports: `(func (export "length") (param "x" string) (result u32) (canon lift (core func $i "length")
            (memory (core memory $mem "memory")) (realloc (core func $mem "realloc"))))`,
          exports: ['length'],
        }),
      );
      expect(await open().call('length', 'text')).toBe(4);
    });

    it.each([
      ['realloc', '(memory (core memory $mem "memory")) (realloc (core func $alloc))'],
      [
        'post-return',
        '(memory (core memory $mem "memory")) (realloc (core func $mem "realloc")) (post-return (core func $post))',
      ],
    ])('is refused where it is the %s function itself', async (_, how) => {
      const outerExports = `(func (export "length") (param "x" string) (result u32)
        (canon lift (core func $i "length") ${how}))`;
      const open = await opener(pair({ ...counting, outerExports, exports: ['length'] }));
      expect((await failureOf(() => open().call('length', 'text'))).message).toContain(
        'it called out of the component',
      );
    });

    it('from a start function is made anew for every life', async () => {
      const outerCore = `${counting.outerCore} (func $start (drop (call $add (i32.const 10)))) (start $start)`;
      const open = await opener(pair({ ...counting, outerCore }));
      for (let life = 0; life < 4; life++) {
        const { call, instance } = open();
        expect(await call('add', 1)).toBe(11);
        instance.dispose();
        await nextTurn();
      }
    });

    it('that exhausts the stack ends the life, caught by no component', async () => {
      const outerCore = `
        (func $deep (param $n i32) (result i32)
          (block $caught
            (try_table (catch_all $caught)
              (drop (call $add (local.get $n)))
              (drop (call $deep (i32.const 1))))
            (return (i32.const 0)))
          (i32.const 1))
        (func (export "add") (param i32) (result i32) (call $deep (local.get 0)))
        (func (export "length") (param i32 i32) (result i32) (local.get 1))`;
      const { call, instance } = (await opener(pair({ ...counting, outerCore })))();
      expect((await failureOf(() => call('add', 1))).message).toContain('exhausted its stack');
      expect(instance.isPoisoned).toBe(true);
    });

    if (what === 'that can be interrupted') {
      it('ends at a deadline in the component that is called, and is caught by no other', async () => {
        const innerCore = `${counting.innerCore} (func (export "spin") (loop $again (br $again)))`;
        const outerCore = `
          (func (export "spin") (block $caught (try_table (catch_all $caught) (call $spin))))
          ${counting.outerCore}`;
        const text = pair({
          innerCore,
          innerExports: `${counting.innerExports} (func (export "spin") (canon lift (core func $i "spin")))`,
          between: { ...counting.between, spin: '' },
          core: { ...counting.core, spin: '' },
          outerCore,
          outerExports: `${counting.outerExports} (func (export "spin") (canon lift (core func $i "spin")))`,
          exports: ['add', 'spin'],
        });
        const open = await opener(text);
        const { call, instance } = open();
        const running = call('spin') as Promise<unknown>;
        setImmediate(() => instance.interrupt(new Error('the deadline')));
        await expect(running).rejects.toThrow('the deadline');
        instance.dispose();
        expect(await open().call('add', 1)).toBe(1);
      });
    }
  });
}

import { HostError } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { testScope } from '@lodge-internal/engine-suite';
import { watComponent } from '@lodge-internal/fixtures';
import { expect, test } from 'vitest';
import { compileText, leastStall } from './start.js';

const page = 65_536;

/** A component of several core instances with a memory each; its export grows every one of them and then goes round a loop. */
const several = (instances: number, pages: number, rounds = 30_000_000): string => `(component
  (core module $m
    (memory (export "memory") ${pages})
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
  ${Array.from({ length: instances }, (_, index) => `(core instance $i${index} (instantiate $m))`).join('\n')}
  (core module $main
    ${Array.from({ length: instances }, (_, index) => `(import "${index}" "grow" (func $g${index} (param i32) (result i32)))`).join('\n')}
    (func (export "f") (param i32) (result i32)
      (local $left i32)
      ${Array.from({ length: instances }, (_, index) => `(if (i32.lt_s (call $g${index} (local.get 0)) (i32.const 0)) (then (return (i32.const ${index}))))`).join('\n')}
      (local.set $left (i32.const ${rounds}))
      (loop $again (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (i32.const ${instances})))
  (core instance $main (instantiate $main
    ${Array.from({ length: instances }, (_, index) => `(with "${index}" (instance $i${index}))`).join('\n')}))
  (func (export "f") (param "pages" u32) (result u32) (canon lift (core func $main "f"))))`;

test('several memories of a component may together hold what one may', async () => {
  const started = await compileText(several(4, 1), { isInterruptible: true, limits: { maxMemoryBytes: 16 * page } });
  expect(await started.open().call('f', 3)).toBe(4);
  const error = await Promise.resolve(started.open().call('f', 4)).catch((reason: unknown) => reason);
  expect(HostError.is(error) && [error.code, error.message]).toEqual([
    'ERR_LIMIT_EXCEEDED',
    `The 4 memories of component "subject" have grown to ${20 * page} bytes together, more than the ${16 * page} it is allowed; raise its memory limit.`,
  ]);
  // One alone cannot grow past it in the first place.
  expect(await started.open().call('f', 16)).toBe(0);
});

test('a component whose memories begin with more than it is allowed is refused before it is compiled', async () => {
  const limits = { maxMemoryBytes: 8 * page };
  await expect(compileText(several(2, 4), { limits })).resolves.toBeDefined();
  await expect(compileText(several(3, 4), { limits })).rejects.toThrow(
    `Component "subject" begins with ${12 * page} bytes of memory, more than the ${8 * page} it is allowed`,
  );
});

test.each([
  ['that it asks for at once', '(memory 60000) (func $start)'],
  ['that its start function asks for', '(memory 1) (func $start (drop (memory.grow (i32.const 59999))))'],
])('a new instance with a memory of nearly 4 GiB %s holds nothing up', async (_when, core) => {
  const started = await compileText(`(component
    (core module $m ${core} (start $start) (func (export "f") (result i32) (i32.const 7)))
    (core instance $i (instantiate $m))
    (func (export "f") (result u32) (canon lift (core func $i "f"))))`);
  const stall = await leastStall(async () => {
    const { call, instance } = started.open();
    expect(call('f')).toBe(7);
    instance.dispose();
  });
  expect(stall).toBeLessThan(50);
});

test('a life that ends before it is found to hold too much leaves no instance behind that would', async () => {
  const engine = lodgeEngine({ keepsGrownMemories: true });
  const limits = { maxMemoryBytes: 15 * page };
  const { open } = await compileText(several(4, 2, 1), { isInterruptible: true, limits }, engine);
  for (let life = 0; life < 50; life += 1) {
    const { call, instance } = open();
    // Its last growth is one too many, and the last thing that it does; the life after it asks for nothing.
    expect(await call('f', life % 2 === 0 ? 2 : 0)).toBe(4);
    instance.dispose();
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test('what an earlier life has grown is not counted against a later one', async () => {
  const engine = lodgeEngine({ keepsGrownMemories: true });
  const limits = { maxMemoryBytes: 14 * page };
  const text = `(component
    (core module $m (memory 2) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
    (core instance $i (instantiate $m))
    (core instance $j (instantiate $m))
    (func (export "left") (param "pages" u32) (result s32) (canon lift (core func $i "grow")))
    (func (export "right") (param "pages" u32) (result s32) (canon lift (core func $j "grow"))))`;
  const { open } = await compileText(text, { isInterruptible: true, limits }, engine);
  for (let life = 0; life < 50; life += 1) {
    const { call, instance } = open();
    const one = life % 2 === 0 ? 'left' : 'right';
    expect(await call(one, 8)).toBe(2);
    expect(await call(one, 0)).toBe(10);
    instance.dispose();
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test('start functions that ask for more than their component is allowed get no instance', async () => {
  const text = `(component
    (core module $m (memory 1) (func $start (drop (memory.grow (i32.const 5)))) (start $start))
    (core instance $i (instantiate $m))
    (core instance $j (instantiate $m)))`;
  const { open } = await compileText(text, { isInterruptible: true, limits: { maxMemoryBytes: 8 * page } });
  expect(open).toThrow(/have grown to 786432 bytes together, more than the 524288 it is allowed/);
});

test('components that share their code are each told their own name', async () => {
  const engine = lodgeEngine();
  const options = { isInterruptible: true, limits: { maxMemoryBytes: 16 * page } };
  await compileText(several(4, 1), { ...options, name: 'first' }, engine);
  const bytes = await watComponent(several(4, 1));
  const second = await engine.compile(bytes, { name: 'second', suspendingImports: new Set(), ...options });
  const instance = await second.instantiate(new Map(), testScope('second'));
  const grow = instance.exports['f'] as (pages: number) => Promise<number>;
  await expect(grow(4)).rejects.toThrow('The 4 memories of component "second" have grown');
});

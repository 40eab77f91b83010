import type { ComponentUnit } from '@lodge/core';
import { explainComponent } from '@lodge/engine';
import { watComponent } from '@lodge-internal/fixtures';
import { afterAll, describe, expect, it } from 'vitest';
import { compileBytes } from './start.js';
import { watchInstances } from './watch-instances.js';

/** Counts the core instances that the engine makes. */
const made = watchInstances();
afterAll(() => void made.end());

/** A module with a memory and maybe a start function; `go` is called once in each life. */
const one = (memory: string, go: string, start = ''): string => `(component
  (import "note" (func $note))
  (core func $note (canon lower (func $note)))
  (core module $m
    (import "" "note" (func $note))
    (memory ${memory})
    (global $count (mut i32) (i32.const 0))
    ${start}
    (func (export "go") ${go}))
  (core instance $i (instantiate $m (with "" (instance (export "note" (func $note))))))
  (func (export "go") (canon lift (core func $i "go"))))`;

const grow = '(drop (memory.grow (i32.const 1)))';

/** The start function of one module calls another one, which calls the host. */
const two = `(component
  (import "note" (func $note))
  (core func $note (canon lower (func $note)))
  (core module $main
    (import "" "note" (func $note))
    (func (export "initialize") (call $note))
    (func (export "go")))
  (core instance $main (instantiate $main (with "" (instance (export "note" (func $note))))))
  (core module $starter (import "" "initialize" (func $initialize)) (start $initialize))
  (core instance (instantiate $starter (with "" (instance (export "initialize" (func $main "initialize"))))))
  (func (export "go") (canon lift (core func $main "go"))))`;

/** Whether a life after one that called `go` begins on the same instance. */
async function isReset(bytes: Uint8Array, limits: ComponentUnit['limits'] = {}): Promise<boolean> {
  const { compiled, open } = await compileBytes(bytes, { limits });
  const live = (): void => {
    const { instance, call } = open({ note: () => undefined });
    call('go');
    instance.dispose();
  };
  // The end of the first life makes the engine read the code, which `renewal` waits for.
  live();
  expect(await compiled.renewal?.()).toBe('reset');
  await new Promise((resolve) => setImmediate(resolve));
  live();
  const before = made.count;
  live();
  return made.count === before;
}

const onePage = { maxMemoryBytes: 65_536 };

describe('what keeps an instance from being reset is told before, and comes to be:', () => {
  it.each([
    ['growth of a memory', one('1', grow), ['memory-grows']],
    ['a start function that calls the host', one('1', '', '(start $note)'), ['start-calls-out']],
    ['a start function that calls the host by way of another module', two, ['start-calls-out']],
    ['both', one('1', grow, '(func $s (call $note)) (start $s)'), ['memory-grows', 'start-calls-out']],
  ])('%s', async (_, text, resetExceptions) => {
    const bytes = await watComponent(text);
    const plan = await explainComponent(bytes, { name: 'subject', suspendingImports: new Set() });
    expect(plan).toMatchObject({ newState: 'reset', resetExceptions });
    expect(await isReset(bytes)).toBe(false);
  });
});

describe('nothing is told of what cannot keep an instance from being reset:', () => {
  it.each([
    ['code that leaves its memory as large as it is', one('1', '(call $note)'), {}],
    ['growth of a memory that has its largest size', one('1 1', grow), {}],
    ['growth of a memory that has all that the workload allows', one('1', grow), onePage],
  ])('%s', async (_, text, limits) => {
    const bytes = await watComponent(text);
    const plan = await explainComponent(bytes, { name: 'subject', suspendingImports: new Set(), limits });
    expect(plan).toMatchObject({ newState: 'reset', resetExceptions: [] });
    expect(await isReset(bytes, limits)).toBe(true);
  });

  it('a start function that has nothing to call', async () => {
    const bytes = await watComponent(`(component
      (import "note" (func $note))
      (core func $note (canon lower (func $note)))
      (core module $alone
        (global $count (mut i32) (i32.const 0))
        (func $s (global.set $count (i32.const 7)))
        (start $s))
      (core instance (instantiate $alone))
      (core module $m (import "" "note" (func $note)) (func (export "go") (call $note)))
      (core instance $i (instantiate $m (with "" (instance (export "note" (func $note))))))
      (func (export "go") (canon lift (core func $i "go"))))`);
    const plan = await explainComponent(bytes, { name: 'subject', suspendingImports: new Set() });
    expect(plan).toMatchObject({ newState: 'reset', resetExceptions: [] });
    expect(await isReset(bytes)).toBe(true);
  });
});

it('what may keep an instance from being reset need not come to be, and then does not', async () => {
  const bytes = await watComponent(one('1', `(if (i32.const 0) (then ${grow}))`, '(func $s) (start $s)'));
  const plan = await explainComponent(bytes, { name: 'subject', suspendingImports: new Set() });
  expect(plan.resetExceptions).toEqual(['memory-grows', 'start-calls-out']);
  expect(await isReset(bytes)).toBe(true);
});

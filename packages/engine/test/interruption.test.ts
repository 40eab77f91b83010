import type { CompiledComponent, ComponentInstance, InstanceScope } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { fixture, fixtureNames, watComponent } from '@lodge-internal/fixtures';
import { beforeAll, describe, expect, it } from 'vitest';
import { leastStall } from './start.js';

const scope = {} as InstanceScope;

/** Ways to run for ever, or nearly. */
const spinning = `(component
  (core module $m
    (memory (export "memory") 1 200)
    (table $t 1 funcref)
    (elem (i32.const 0) $bounce)
    (type $void (func))
    (global $keep (mut i32) (i32.const 0))
    (func $tower0 (global.set $keep (i32.add (global.get $keep) (i32.const 1))))
    (func $tower1 (call $tower0) (call $tower0) (call $tower0) (call $tower0) (call $tower0) (call $tower0) (call $tower0) (call $tower0))
    (func $tower2 (call $tower1) (call $tower1) (call $tower1) (call $tower1) (call $tower1) (call $tower1) (call $tower1) (call $tower1))
    (func $tower3 (call $tower2) (call $tower2) (call $tower2) (call $tower2) (call $tower2) (call $tower2) (call $tower2) (call $tower2))
    (func $tower4 (call $tower3) (call $tower3) (call $tower3) (call $tower3) (call $tower3) (call $tower3) (call $tower3) (call $tower3))
    (func $tower5 (call $tower4) (call $tower4) (call $tower4) (call $tower4) (call $tower4) (call $tower4) (call $tower4) (call $tower4))
    (func $tower6 (call $tower5) (call $tower5) (call $tower5) (call $tower5) (call $tower5) (call $tower5) (call $tower5) (call $tower5))
    (func $tower7 (call $tower6) (call $tower6) (call $tower6) (call $tower6) (call $tower6) (call $tower6) (call $tower6) (call $tower6))
    (func $tower8 (call $tower7) (call $tower7) (call $tower7) (call $tower7) (call $tower7) (call $tower7) (call $tower7) (call $tower7))
    (func $tower9 (call $tower8) (call $tower8) (call $tower8) (call $tower8) (call $tower8) (call $tower8) (call $tower8) (call $tower8))
    (func $tower10 (call $tower9) (call $tower9) (call $tower9) (call $tower9) (call $tower9) (call $tower9) (call $tower9) (call $tower9))
    (func $inner (local $i i32)
      (loop $l (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 1000)))))
    (func $nested (local $i i32)
      (loop $l (call $inner) (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 1000)))))
    (func $deeper (local $i i32)
      (loop $l (call $nested) (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 1000)))))
    (func $bounce (return_call_indirect $t (type $void) (i32.const 0)))
    (func $even (param $n i32) (if (local.get $n) (then (return_call $odd (local.get $n)))))
    (func $odd (param $n i32) (return_call $even (local.get $n)))
    (func (export "loop") (loop $l (br $l)))
    (func (export "tower") (call $tower10))
    (func (export "nested") (loop $l (call $deeper) (br $l)))
    (func (export "bounce") (call $bounce))
    (func (export "recurse") (call $even (i32.const 1)))
    (func (export "fill") (drop (memory.grow (i32.const 199)))
      (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 13000000)) (br $l)))
    (func (export "sum") (param $n i32) (result i32) (local $s i32)
      (loop $l
        (local.set $s (i32.add (local.get $s) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $l (local.get $n)))
      (local.get $s))
    (func $down (param $n i32) (result i32)
      (if (result i32) (local.get $n)
        (then (i32.add (i32.const 1) (call $down (i32.sub (local.get $n) (i32.const 1)))))
        (else (i32.const 0))))
    (func (export "depth") (param i32) (result i32) (call $down (local.get 0)))
    (func (export "spin-after") (loop $l (br $l))))
  (core instance $i (instantiate $m))
  (func (export "loop") (canon lift (core func $i "loop")))
  (func (export "tower") (canon lift (core func $i "tower")))
  (func (export "nested") (canon lift (core func $i "nested")))
  (func (export "bounce") (canon lift (core func $i "bounce")))
  (func (export "recurse") (canon lift (core func $i "recurse")))
  (func (export "fill") (canon lift (core func $i "fill")))
  (func (export "sum") (param "n" u32) (result u32) (canon lift (core func $i "sum")))
  (func (export "depth") (param "n" u32) (result u32) (canon lift (core func $i "depth")))
  (func (export "spin-after") (param "n" u32) (result u32)
    (canon lift (core func $i "sum") (post-return (core func $i "spin-after")))))`;

let component: CompiledComponent;

beforeAll(async () => {
  const text = spinning.replace('(func (export "spin-after") (loop', '(func (export "spin-after") (param i32) (loop');
  component = await lodgeEngine().compile(await watComponent(text), {
    name: 'spinning',
    suspendingImports: new Set(),
    isInterruptible: true,
  });
});

function open(): ComponentInstance & { call(name: string, ...args: unknown[]): Promise<unknown> } {
  const instance = component.instantiate(new Map(), scope) as ComponentInstance;
  const call = (name: string, ...args: unknown[]): Promise<unknown> =>
    (instance.exports[name] as (...all: unknown[]) => Promise<unknown>)(...args);
  return Object.assign(instance, { call });
}

describe('a guest that does not return', () => {
  it.each(['loop', 'tower', 'nested', 'bounce', 'recurse', 'fill'])('is ended while it runs: %s', async (name) => {
    const stall = await leastStall(async () => {
      const instance = open();
      const reason = new Error('deadline');
      setTimeout(() => instance.interrupt(reason), 60);
      await expect(instance.call(name)).rejects.toBe(reason);
      expect(instance.isPoisoned).toBe(true);
      instance.dispose();
    });
    expect(stall).toBeLessThan(50);
  });

  it('lets twenty of its kind and the event loop have their turns', async () => {
    const instances = Array.from({ length: 20 }, open);
    const running = instances.map((instance) => instance.call('loop').catch((error: unknown) => error));
    let turns = 0;
    const end = performance.now() + 200;
    while (performance.now() < end) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    const reason = new Error('enough');
    for (const instance of instances) instance.interrupt(reason);
    expect(await Promise.all(running)).toEqual(instances.map(() => reason));
    expect(turns).toBeGreaterThan(5);
  });

  it('is ended at a hard limit where it cannot be suspended', async () => {
    const instance = open();
    const started = performance.now();
    await expect(instance.call('spinAfter', 3)).rejects.toMatchObject({ code: 'ERR_CALL_TIMEOUT' });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('is ended there at the limit that the engine was given, and no limit is below nothing', async () => {
    const bytes = await watComponent(`(component
      (core module $m (func $start (loop $l (br $l))) (start $start))
      (core instance $i (instantiate $m)))`);
    for (const blockedLimitMs of [5, 120]) {
      const options = { name: 'stuck', suspendingImports: new Set<string>(), isInterruptible: true };
      const compiled = await lodgeEngine({ blockedLimitMs }).compile(bytes, options);
      const started = performance.now();
      expect(() => compiled.instantiate(new Map(), scope)).toThrow(`more than ${blockedLimitMs} ms`);
      expect(performance.now() - started).toBeGreaterThan(blockedLimitMs);
    }
    expect(() => lodgeEngine({ blockedLimitMs: 0 })).toThrow(TypeError);
    expect(() => lodgeEngine({ blockedLimitMs: Number.NaN })).toThrow(
      'blockedLimitMs is a number of milliseconds above 0',
    );
  });

  it('may recurse thousands of calls deep', async () => {
    const instance = open();
    expect(await instance.call('depth', 5000)).toBe(5000);
    instance.dispose();
  });

  it('leaves the result of a long computation as it is', async () => {
    const instance = open();
    const n = 50_000_000;
    expect(await instance.call('sum', n)).toBe(Number(((BigInt(n) * BigInt(n + 1)) / 2n) % 2n ** 32n));
    instance.dispose();
  });

  it('does not keep the start function of a component from being ended', async () => {
    const bytes = await watComponent(`(component
      (core module $m (func $start (loop $l (br $l))) (start $start))
      (core instance $i (instantiate $m)))`);
    const compiled = await lodgeEngine().compile(bytes, {
      name: 'stuck',
      suspendingImports: new Set(),
      isInterruptible: true,
    });
    await expect((async () => compiled.instantiate(new Map(), scope))()).rejects.toMatchObject({
      code: 'ERR_CALL_TIMEOUT',
    });
  });
});

describe('instrumented code', () => {
  it('validates for every fixture', async () => {
    for (const name of fixtureNames) {
      const compiled = await lodgeEngine().compile(await fixture(name), {
        name,
        suspendingImports: new Set(),
        isInterruptible: true,
      });
      expect(compiled.shape).toBeDefined();
    }
  });
});

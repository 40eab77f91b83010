import type { CompiledComponent, ComponentInstance, InstanceScope } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { watComponent } from '@lodge-internal/fixtures';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { watchInstances } from './watch-instances.js';

const scope = {} as InstanceScope;

/** Keeps a number in a global and one in memory; can grow, trap, and call out. */
const stateful = `(component
  (import "note" (func $note (param "value" u32)))
  (core module $m
    (import "host" "note" (func $note (param i32)))
    (memory (export "memory") 1)
    (global $count (mut i32) (i32.const 5))
    (data (i32.const 100) "\\2a")
    (func (export "count") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count))
    (func (export "swap") (param i32) (result i32) (local $old i32)
      (local.set $old (i32.load8_u (i32.const 100))) (i32.store8 (i32.const 100) (local.get 0)) (local.get $old))
    (func (export "grow") (result i32) (memory.grow (i32.const 1)))
    (func (export "pages") (result i32) (memory.size))
    (func (export "trap") unreachable)
    (func (export "note") (param i32) (call $note (local.get 0))))
  (core func $lowered (canon lower (func $note)))
  (core instance $host (export "note" (func $lowered)))
  (core instance $i (instantiate $m (with "host" (instance $host))))
  (func (export "count") (result u32) (canon lift (core func $i "count")))
  (func (export "swap") (param "value" u8) (result u8) (canon lift (core func $i "swap")))
  (func (export "grow") (result s32) (canon lift (core func $i "grow")))
  (func (export "pages") (result u32) (canon lift (core func $i "pages")))
  (func (export "trap") (canon lift (core func $i "trap")))
  (func (export "note") (param "value" u32) (canon lift (core func $i "note"))))`;

/** Counts the core instances that the engine makes. */
const made = watchInstances();
afterAll(() => void made.end());

let component: CompiledComponent;
const notes: string[] = [];

function importsFor(tenant: string): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  return new Map([['stateful', { note: (value: number) => void notes.push(`${tenant} ${value}`) }]]);
}

function open(tenant = 'first'): ComponentInstance & { call(name: string, ...args: unknown[]): unknown } {
  const instance = component.instantiate(importsFor(tenant), scope) as ComponentInstance;
  const call = (name: string, ...args: unknown[]): unknown =>
    (instance.exports[name] as (...all: unknown[]) => unknown)(...args);
  return Object.assign(instance, { call });
}

beforeAll(async () => {
  component = await lodgeEngine().compile(await watComponent(stateful), {
    name: 'stateful',
    suspendingImports: new Set(),
  });
  // The end of the first life makes the engine read the code; from some turn of the event loop on it recycles.
  await vi.waitFor(() => {
    const before = made.count;
    open().dispose();
    expect(made.count).toBe(before);
  });
});

describe('a component whose instance graphs are used again', () => {
  it('begins every life with the globals and the memory of a new instance', () => {
    for (let life = 0; life < 50; life++) {
      const instance = open();
      expect([instance.call('count'), instance.call('count')]).toEqual([6, 7]);
      expect([instance.call('swap', life), instance.call('swap', 0)]).toEqual([42, life]);
      instance.dispose();
    }
  });

  it('really recycles: a thousand lives take no new instance', () => {
    const before = made.count;
    for (let life = 0; life < 1_000; life++) open().dispose();
    expect(made.count).toBe(before);
  });

  it('lets no export of an earlier life touch a later one', () => {
    const former = open();
    former.dispose();
    const later = open();
    expect(() => former.call('count')).toThrow(expect.objectContaining({ code: 'ERR_INSTANCE_CLOSED' }));
    expect(later.call('count')).toBe(6);
    former.dispose();
    expect(later.call('count')).toBe(7);
    later.dispose();
  });

  it('says that it is one', async () => {
    expect(await component.renewal?.()).toBe('reset');
    const bytes = await watComponent(`(component
      (core module $m (table $t 1 funcref) (func (export "set") (table.set $t (i32.const 0) (ref.null func))))
      (core instance $i (instantiate $m))
      (func (export "set") (canon lift (core func $i "set"))))`);
    const changing = await lodgeEngine().compile(bytes, { name: 'changing', suspendingImports: new Set() });
    expect(await changing.renewal?.()).toBe('plain');
  });

  it('counts and lets go of what it keeps for later lives', () => {
    open().dispose();
    expect(component.idleMemoryBytes).toBeGreaterThan(0);
    component.dropIdle?.();
    expect(component.idleMemoryBytes).toBe(0);
    const before = made.count;
    open().dispose();
    expect(made.count).toBe(before + 1);
  });

  it('calls the imports of the life that is running', () => {
    notes.length = 0;
    for (const tenant of ['alice', 'bob', 'alice']) {
      const instance = open(tenant);
      instance.call('note', 1);
      instance.dispose();
    }
    expect(notes).toEqual(['alice 1', 'bob 1', 'alice 1']);
  });

  it('keeps concurrent lives apart', () => {
    const [one, two] = [open(), open()];
    expect([one.call('count'), one.call('count'), two.call('count')]).toEqual([6, 7, 6]);
    one.dispose();
    two.dispose();
  });

  it('has one page again after a life in which it grew', () => {
    const grown = open();
    expect([grown.call('grow'), grown.call('pages')]).toEqual([1, 2]);
    grown.dispose();
    const next = open();
    expect(next.call('pages')).toBe(1);
    next.dispose();
  });

  it('gives a graph up that trapped', () => {
    const trapped = open();
    trapped.call('swap', 7);
    expect(() => trapped.call('trap')).toThrow(expect.objectContaining({ code: 'ERR_GUEST_TRAPPED' }));
    trapped.dispose();
    const next = open();
    expect(next.call('swap', 0)).toBe(42);
    next.dispose();
  });
});

describe('a component whose start function calls out', () => {
  it('is never recycled, because its state depends on more than itself', async () => {
    const bytes = await watComponent(`(component
      (import "now" (func $now (result u32)))
      (core func $lowered (canon lower (func $now)))
      (core module $m
        (import "host" "now" (func $now (result i32)))
        (global $seed (mut i32) (i32.const 0))
        (func $start (global.set $seed (call $now)))
        (func (export "seed") (result i32) (global.get $seed))
        (start $start))
      (core instance $host (export "now" (func $lowered)))
      (core instance $i (instantiate $m (with "host" (instance $host))))
      (func (export "seed") (result u32) (canon lift (core func $i "seed"))))`);
    const compiled = await lodgeEngine().compile(bytes, { name: 'seeded', suspendingImports: new Set() });
    let now = 0;
    const seeds: unknown[] = [];
    for (let life = 0; life < 5; life++) {
      const instance = (await compiled.instantiate(
        new Map([['seeded', { now: () => ++now }]]),
        scope,
      )) as ComponentInstance;
      seeds.push((instance.exports['seed'] as () => unknown)());
      instance.dispose();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seeds).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('memory limits', () => {
  const growing = `(component
    (core module $m
      (memory (export "memory") 2)
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
    (core instance $i (instantiate $m))
    (func (export "grow") (param "pages" u32) (result s32) (canon lift (core func $i "grow"))))`;

  it('lets growth past the limit fail inside the guest', async () => {
    const compiled = await lodgeEngine().compile(await watComponent(growing), {
      name: 'growing',
      suspendingImports: new Set(),
      limits: { maxMemoryBytes: 4 * 65_536 },
    });
    const instance = (await compiled.instantiate(new Map(), scope)) as ComponentInstance;
    const grow = instance.exports['grow'] as (pages: number) => number;
    expect([grow(1), grow(2), grow(1), grow(1)]).toEqual([2, -1, 3, -1]);
    expect(instance.memoryBytes).toBe(4 * 65_536);
  });

  it('refuses a component that begins with more than it may have', async () => {
    const compiling = lodgeEngine().compile(await watComponent(growing), {
      name: 'growing',
      suspendingImports: new Set(),
      limits: { maxMemoryBytes: 65_536 },
    });
    await expect(compiling).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' });
  });
});

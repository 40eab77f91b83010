import { randomBytes } from 'node:crypto';
import type { CompiledComponent, CompileOptions, ComponentInstance } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { testScope } from '@lodge-internal/engine-suite';
import { watComponent } from '@lodge-internal/fixtures';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { leastStall } from './start.js';

/** Counts in a global, keeps a byte, and asks its host who it is. So large that V8 compiles it in its own threads, which can be counted. */
const counter = `(component
  (import "who" (func $who (result u32)))
  (core func $lowered (canon lower (func $who)))
  (core module $m
    (import "host" "who" (func $who (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 1024) "${'x'.repeat(20_000)}")
    (global $count (mut i32) (i32.const 0))
    (func (export "count") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count))
    (func (export "who") (result i32) (call $who))
    (func (export "swap") (param i32) (result i32) (local $old i32)
      (local.set $old (i32.load (i32.const 100))) (i32.store (i32.const 100) (local.get 0)) (local.get $old))
    (func (export "trap") unreachable))
  (core instance $host (export "who" (func $lowered)))
  (core instance $i (instantiate $m (with "host" (instance $host))))
  (func (export "count") (result u32) (canon lift (core func $i "count")))
  (func (export "who") (result u32) (canon lift (core func $i "who")))
  (func (export "swap") (param "value" u32) (result u32) (canon lift (core func $i "swap")))
  (func (export "trap") (canon lift (core func $i "trap"))))`;

const scope = testScope('cache');
const { compile: compileModule } = WebAssembly;
let modulesCompiled = 0;
let bytes: Uint8Array;

beforeAll(async () => {
  bytes = await watComponent(counter);
  WebAssembly.compile = (source) => {
    modulesCompiled++;
    return compileModule(source);
  };
});

beforeEach(() => {
  modulesCompiled = 0;
});

afterAll(() => {
  WebAssembly.compile = compileModule;
});

const options: CompileOptions = { name: 'counter', suspendingImports: new Set() };
const copy = (): Uint8Array => bytes.slice();

function open(component: CompiledComponent, name: string, who: number): (func: string, ...args: unknown[]) => unknown {
  const instance = component.instantiate(new Map([[name, { who: () => who }]]), scope) as ComponentInstance;
  return (func, ...args) => (instance.exports[func] as (...all: unknown[]) => unknown)(...args);
}

describe('a component that several workloads run', () => {
  it('is compiled once, also when they start at the same time', async () => {
    const engine = lodgeEngine();
    await Promise.all([engine.compile(copy(), options), engine.compile(copy(), options)]);
    const once = modulesCompiled;
    await engine.compile(copy(), options);
    expect(once).toBe(1);
    expect(modulesCompiled).toBe(1);
  });

  it('shares no state: each has its own instances, memories, imports and names', async () => {
    const engine = lodgeEngine();
    const [red, blue] = await Promise.all([
      engine.compile(copy(), { ...options, name: 'red' }),
      engine.compile(copy(), { ...options, name: 'blue' }),
    ]);
    expect(modulesCompiled).toBe(1);
    const [one, two] = [open(red, 'red', 1), open(blue, 'blue', 2)];
    expect([one('count'), one('count'), two('count')]).toEqual([1, 2, 1]);
    expect([one('who'), two('who'), one('who')]).toEqual([1, 2, 1]);
    expect([one('swap', 7), two('swap', 8), one('swap', 0)]).toEqual([0, 0, 7]);
    expect(() => one('trap')).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ component: 'red' }) }),
    );
    expect(() => two('trap')).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ component: 'blue' }) }),
    );
    expect(red.shape).toEqual(blue.shape);
    expect(red.shape).not.toBe(blue.shape);
  });

  it('hands a graph of one that has ended to no other', async () => {
    const engine = lodgeEngine();
    const [red, blue] = await Promise.all([engine.compile(copy(), options), engine.compile(copy(), options)]);
    const { Instance } = WebAssembly;
    let made = 0;
    WebAssembly.Instance = class extends Instance {
      constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
        super(module, imports);
        made++;
      }
    };
    try {
      const live = (component: CompiledComponent): void => {
        const instance = component.instantiate(new Map([['counter', { who: () => 0 }]]), scope);
        (instance as ComponentInstance).dispose();
      };
      await vi.waitFor(() => {
        const before = made;
        live(red);
        expect(made).toBe(before);
      });
      const before = made;
      live(blue);
      expect(made).toBe(before + 1);
    } finally {
      WebAssembly.Instance = Instance;
    }
  });

  it('goes on for the others when one lets go of it', async () => {
    const engine = lodgeEngine();
    const [one, two] = await Promise.all([engine.compile(copy(), options), engine.compile(copy(), options)]);
    one.dispose();
    one.dispose();
    expect(open(two, 'counter', 1)('count')).toBe(1);
    await engine.compile(copy(), options);
    expect(modulesCompiled).toBe(1);
  });

  it('is compiled anew once nobody runs it any more', async () => {
    const engine = lodgeEngine();
    const compiled = await Promise.all([engine.compile(copy(), options), engine.compile(copy(), options)]);
    for (const one of compiled) one.dispose();
    await engine.compile(copy(), options);
    expect(modulesCompiled).toBe(2);
  });

  it('is not shared between engines', async () => {
    await lodgeEngine().compile(copy(), options);
    await lodgeEngine().compile(copy(), options);
    expect(modulesCompiled).toBe(2);
  });

  it.each<[string, Partial<CompileOptions>]>([
    ['what may suspend', { suspendingImports: new Set(['#who']) }],
    ['limits', { limits: { maxMemoryBytes: 131_072 } }],
    ['limits of what crosses', { limits: { maxHandles: 7 } }],
    ['interruption', { isInterruptible: true }],
  ])('is compiled again where they differ in %s', async (_, difference) => {
    const engine = lodgeEngine();
    await engine.compile(copy(), options);
    const before = modulesCompiled;
    await engine.compile(copy(), { ...options, ...difference });
    expect(modulesCompiled).toBeGreaterThan(before);
  });

  it('is told from one of the same length', async () => {
    const engine = lodgeEngine();
    const other = await watComponent(
      counter.replace('(global $count (mut i32) (i32.const 0))', '(global $count (mut i32) (i32.const 5))'),
    );
    expect(other.length).toBe(bytes.length);
    const [one, two] = await Promise.all([engine.compile(copy(), options), engine.compile(other, options)]);
    expect([open(one, 'counter', 1)('count'), open(two, 'counter', 1)('count')]).toEqual([1, 6]);
  });
});

describe('compilation that several wait for', () => {
  it('is done for the others when one of them gives up', async () => {
    const engine = lodgeEngine();
    const controller = new AbortController();
    const first = engine.compile(copy(), { ...options, signal: controller.signal });
    const second = engine.compile(copy(), options);
    controller.abort();
    await expect(first).rejects.toMatchObject({ code: 'ERR_CALL_ABORTED' });
    expect(open(await second, 'counter', 1)('count')).toBe(1);
    expect(modulesCompiled).toBe(1);
  });

  it('is let go of when all of them give up', async () => {
    const engine = lodgeEngine();
    const controller = new AbortController();
    const all = [
      engine.compile(copy(), { ...options, signal: controller.signal }),
      engine.compile(copy(), { ...options, signal: controller.signal }),
    ];
    controller.abort();
    for (const one of all) await expect(one).rejects.toMatchObject({ code: 'ERR_CALL_ABORTED' });
    await vi.waitFor(async () => {
      modulesCompiled = 0;
      const compiled = await engine.compile(copy(), options);
      compiled.dispose();
      expect(modulesCompiled).toBe(1);
    });
  });

  it('fails for each of them with an error that names its own component', async () => {
    const engine = lodgeEngine();
    const limits = { maxMemoryBytes: 0 };
    const names = ['red', 'blue', 'red'];
    const results = await Promise.allSettled(names.map((name) => engine.compile(copy(), { ...options, name, limits })));
    expect(results.map((result) => result.status === 'rejected' && String(result.reason.message))).toEqual(
      names.map((name) => expect.stringContaining(`"${name}"`)),
    );
    expect(open(await engine.compile(copy(), options), 'counter', 1)('count')).toBe(1);
  });

  it('compares large components without holding the event loop up', async () => {
    const engine = lodgeEngine();
    const padding = randomBytes(14_000_000).toString('hex').slice(0, 14_000_000);
    const large = await watComponent(counter.replace('(component', `(component (core module (data "${padding}"))`));
    await engine.compile(large, options);
    modulesCompiled = 0;
    const same = large.slice();
    const stall = await leastStall(() => engine.compile(same, options));
    expect(modulesCompiled).toBe(0);
    expect(stall).toBeLessThan(20);
  });
});

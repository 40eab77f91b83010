import type { CompiledComponent, ComponentInstance, Engine } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { testScope } from '@lodge-internal/engine-suite';
import { watComponent } from '@lodge-internal/fixtures';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { watchInstances } from './watch-instances.js';

const pageSize = 65_536;
const scope = testScope('growing');

/** A memory of `first` pages that grows, is written and read anywhere, and lies about where its lists are. */
const growing = (first: number): string => `(component
  (core module $m
    (memory (export "memory") ${first})
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "pages") (result i32) (memory.size))
    (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
    (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
    (func (export "bytes-at") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (i32.const 0))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (drop (memory.grow (i32.const 1)))
      (i32.sub (i32.mul (memory.size) (i32.const ${pageSize})) (i32.const ${pageSize})))
    (func (export "take") (param i32 i32) (result i32) (i32.load8_u (local.get 0)))
    (func (export "trap") unreachable))
  (core instance $i (instantiate $m))
  (func (export "grow") (param "pages" u32) (result s32) (canon lift (core func $i "grow")))
  (func (export "pages") (result u32) (canon lift (core func $i "pages")))
  (func (export "load") (param "at" u32) (result u32) (canon lift (core func $i "load")))
  (func (export "store") (param "at" u32) (param "value" u32) (canon lift (core func $i "store")))
  (func (export "bytes-at") (param "at" u32) (param "length" u32) (result (list u8))
    (canon lift (core func $i "bytes-at") (memory (core memory $i "memory"))))
  (func (export "take") (param "bytes" (list u8)) (result u32)
    (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "trap") (canon lift (core func $i "trap"))))`;

/** Counts the core instances that the engine makes. */
const made = watchInstances();
afterAll(() => void made.end());

interface Life {
  readonly instance: ComponentInstance;
  call(name: string, ...args: unknown[]): unknown;
}

function open(component: CompiledComponent): Life {
  const instance = component.instantiate(new Map(), scope) as ComponentInstance;
  return {
    instance,
    call: (name, ...args) => (instance.exports[name] as (...all: unknown[]) => unknown)(...args),
  };
}

/** A life that grows by a page, writes to it, and ends. */
function grow(component: CompiledComponent): void {
  const { instance, call } = open(component);
  const before = call('grow', 1) as number;
  call('store', before * pageSize + 100, 0xdead);
  instance.dispose();
}

interface Setup {
  readonly engine?: Engine;
  readonly pages?: number;
  readonly maxMemoryBytes?: number;
}

function compile({
  engine = lodgeEngine({ keepsGrownMemories: true }),
  pages = 1,
  maxMemoryBytes,
}: Setup = {}): Promise<CompiledComponent> {
  return watComponent(growing(pages)).then((bytes) =>
    engine.compile(bytes, {
      name: 'growing',
      suspendingImports: new Set(),
      ...(maxMemoryBytes === undefined ? {} : { limits: { maxMemoryBytes } }),
    }),
  );
}

/** From here on, the one graph there is has more pages than it tells of. */
async function grown(setup: Setup = {}): Promise<CompiledComponent> {
  const component = await compile(setup);
  await vi.waitFor(() => {
    grow(component);
    const before = made.count;
    grow(component);
    expect(made.count).toBe(before);
  });
  return component;
}

describe('a component whose memory grows', () => {
  it('is given back the memory that it began with, without a new instance', async () => {
    const component = await grown();
    const before = made.count;
    for (let life = 0; life < 100; life++) {
      const { instance, call } = open(component);
      expect([call('pages'), call('grow', 1), call('pages')]).toEqual([1, 1, 2]);
      expect(call('load', pageSize + 100)).toBe(0);
      call('store', pageSize + 100, 0xdead);
      instance.dispose();
    }
    expect(made.count).toBe(before);
  });

  it('finds zeros beyond its size where a new instance would trap, and never what an earlier life left there', async () => {
    const component = await grown();
    const { instance, call } = open(component);
    expect(call('load', pageSize + 100)).toBe(0);
    call('store', pageSize + 200, 0xbeef);
    instance.dispose();
    const next = open(component);
    expect(next.call('load', pageSize + 200)).toBe(0);
    expect(() => next.call('load', 2 * pageSize)).toThrow(expect.objectContaining({ code: 'ERR_GUEST_TRAPPED' }));
  });

  it('cannot hand out, or be handed, what lies beyond its size', async () => {
    const component = await grown();
    const first = open(component);
    expect(() => first.call('bytesAt', pageSize - 4, 8)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('outside of the memory of 65536 bytes') }),
    );
  });

  it('hands out what it has grown by in this life', async () => {
    const component = await grown();
    const { call } = open(component);
    call('grow', 1);
    call('store', pageSize + 8, 0x0403_0201);
    expect(call('bytesAt', pageSize + 8, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(() => call('bytesAt', 2 * pageSize - 2, 4)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('outside of the memory of 131072 bytes') }),
    );
  });

  it('cannot hand out what an earlier life had grown by and handed out', async () => {
    const component = await grown();
    const first = open(component);
    first.call('grow', 1);
    expect(first.call('bytesAt', pageSize + 8, 4)).toEqual(new Uint8Array(4));
    first.instance.dispose();
    expect(() => open(component).call('bytesAt', pageSize + 8, 4)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('outside of the memory of 65536 bytes') }),
    );
  });

  it('takes a value into memory that its realloc grows only as far as it knows', async () => {
    const component = await grown();
    for (let life = 0; life < 3; life++) {
      const { instance, call } = open(component);
      expect(call('take', Uint8Array.of(42))).toBe(42);
      expect(call('pages')).toBe(2);
      instance.dispose();
    }
  });

  it('refuses growth exactly where a new instance refuses it', async () => {
    const steps = [0, 1, 65_536, 65_535, 0xffff_ffff, 2, 1, 1, 0];
    const setup = { maxMemoryBytes: 4 * pageSize };
    const fresh = open(await compile(setup));
    const again = open(await grown(setup));
    expect(steps.map((step) => again.call('grow', step))).toEqual(steps.map((step) => fresh.call('grow', step)));
    expect(again.call('pages')).toBe(4);
  });

  it('begins with no memory at all, if that is what it has', async () => {
    const component = await grown({ pages: 0 });
    const { call } = open(component);
    expect(call('pages')).toBe(0);
    expect(call('grow', 1)).toBe(0);
    expect(call('load', 100)).toBe(0);
  });

  it('gets a new instance after a life that grew by much', async () => {
    const component = await grown();
    const { instance, call } = open(component);
    call('grow', 100);
    instance.dispose();
    const before = made.count;
    const next = open(component);
    expect(made.count).toBe(before + 1);
    expect(next.instance.memoryBytes).toBe(pageSize);
  });

  it('gets a new instance after a life that grew and trapped', async () => {
    const component = await grown();
    const { instance, call } = open(component);
    call('grow', 1);
    expect(() => call('trap')).toThrow(expect.objectContaining({ code: 'ERR_GUEST_TRAPPED' }));
    instance.dispose();
    const before = made.count;
    expect(open(component).call('pages')).toBe(1);
    expect(made.count).toBe(before + 1);
  });

  it('lets no export of a life that grew touch a later one', async () => {
    const component = await grown();
    const former = open(component);
    former.call('grow', 1);
    former.instance.dispose();
    const later = open(component);
    expect(() => former.call('store', 100, 1)).toThrow(expect.objectContaining({ code: 'ERR_INSTANCE_CLOSED' }));
    expect([later.call('pages'), later.call('load', 100)]).toEqual([1, 0]);
  });

  it('gets a new instance after each life that grew, unless its owner asks for something else', async () => {
    const component = await compile({ engine: lodgeEngine() });
    await vi.waitFor(() => {
      const before = made.count;
      open(component).instance.dispose();
      expect(made.count).toBe(before);
    });
    for (let life = 0; life < 20; life++) {
      grow(component);
      const before = made.count;
      open(component).instance.dispose();
      expect(made.count).toBe(before + 1);
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it('gets a new instance after a life that grew from nothing, unless its owner asks for something else', async () => {
    const component = await compile({ engine: lodgeEngine(), pages: 0 });
    await vi.waitFor(() => {
      const before = made.count;
      open(component).instance.dispose();
      expect(made.count).toBe(before);
    });
    grow(component);
    expect(open(component).call('pages')).toBe(0);
  });
});

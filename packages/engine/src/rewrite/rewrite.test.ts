import { fixture, fixtureNames } from '@lodge-internal/fixtures';
import { describe, expect, it } from 'vitest';
import { parseComponent } from '../binary/component.js';
import { appendState } from './append.js';
import { changesHiddenState } from './code-scan.js';
import { readLayout } from './module-layout.js';

async function coreModules(): Promise<Uint8Array[]> {
  const components = await Promise.all(fixtureNames.map((name) => fixture(name)));
  return components.flatMap((bytes) =>
    parseComponent(bytes).definitions.flatMap((item) => (item.kind === 'core-module' ? [item.bytes] : [])),
  );
}

/** `(module (memory 1) (global (mut i32) i32.const 7) (func (export "set") ...) (func (export "get") ...))` */
const counterModule = Uint8Array.of(
  0x00,
  0x61,
  0x73,
  0x6d,
  0x01,
  0x00,
  0x00,
  0x00,
  0x01,
  0x09,
  0x02,
  0x60,
  0x01,
  0x7f,
  0x00,
  0x60,
  0x00,
  0x01,
  0x7f,
  0x03,
  0x03,
  0x02,
  0x00,
  0x01,
  0x05,
  0x03,
  0x01,
  0x00,
  0x01,
  0x06,
  0x06,
  0x01,
  0x7f,
  0x01,
  0x41,
  0x07,
  0x0b,
  0x07,
  0x0d,
  0x02,
  0x03,
  0x73,
  0x65,
  0x74,
  0x00,
  0x00,
  0x03,
  0x67,
  0x65,
  0x74,
  0x00,
  0x01,
  0x0a,
  0x0d,
  0x02,
  0x06,
  0x00,
  0x20,
  0x00,
  0x24,
  0x00,
  0x0b,
  0x04,
  0x00,
  0x23,
  0x00,
  0x0b,
);

function instantiate(
  bytes: Uint8Array<ArrayBuffer>,
): Record<string, (...args: number[]) => number> & Record<string, unknown> {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as never;
}

describe('appendState', () => {
  it('leaves every module of the fixtures valid', async () => {
    for (const bytes of await coreModules()) {
      const { bytes: rewritten } = appendState(readLayout(bytes), bytes, { maxMemoryBytes: 268_435_456 });
      expect(WebAssembly.validate(rewritten as Uint8Array<ArrayBuffer>)).toBe(true);
    }
  });

  it('adds functions that save and restore globals that the module keeps to itself', () => {
    const { bytes, globals, memories } = appendState(readLayout(counterModule), counterModule);
    const exports = instantiate(bytes as Uint8Array<ArrayBuffer>);
    const { save = '', restore = '' } = globals ?? {};
    expect(exports['get']?.()).toBe(7);
    exports[save]?.();
    exports['set']?.(42);
    expect(exports['get']?.()).toBe(42);
    exports[restore]?.();
    expect(exports['get']?.()).toBe(7);
    expect(exports[memories[0] ?? '']).toBeInstanceOf(WebAssembly.Memory);
  });

  it('caps a memory so that growth past the limit fails inside the guest', () => {
    const { bytes, memories } = appendState(readLayout(counterModule), counterModule, { maxMemoryBytes: 3 * 65_536 });
    const memory = instantiate(bytes as Uint8Array<ArrayBuffer>)[memories[0] ?? ''] as unknown as WebAssembly.Memory;
    memory.grow(2);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });
});

describe('changesHiddenState', () => {
  it('finds nothing hidden in the modules of the fixtures', async () => {
    for (const bytes of await coreModules()) {
      const layout = readLayout(bytes);
      // The fix-up modules fill tables through segments, not through code.
      expect(await changesHiddenState(layout)).toBe(false);
    }
  });

  it.each([
    ['table.set', [0x41, 0x00, 0xd0, 0x70, 0x26, 0x00]],
    ['table.grow', [0xd0, 0x70, 0x41, 0x01, 0xfc, 0x0f, 0x00, 0x1a]],
    ['data.drop', [0xfc, 0x09, 0x00]],
    ['elem.drop', [0xfc, 0x0d, 0x00]],
  ])('notices %s', async (_, code) => {
    const body = [0x00, ...code, 0x0b];
    const section = [1, body.length, ...body];
    const layout = readLayout(
      Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, section.length, ...section),
    );
    expect(await changesHiddenState(layout)).toBe(true);
  });
});

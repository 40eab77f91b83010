import { fixture, fixtureNames } from '@lodge-internal/fixtures';
import { describe, expect, it } from 'vitest';
import { parseComponent } from '../binary/component.js';
import { appendState } from './append.js';
import { changesHiddenState } from './code-editor.js';
import { instrumentCode } from './instrument.js';
import { leb } from './leb.js';
import { readLayout } from './module-layout.js';
import { virtualizeSize } from './virtual-size.js';

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
    expect(exports[memories[0]?.memory ?? '']).toBeInstanceOf(WebAssembly.Memory);
  });

  it('adds a function that clears each byte of a range, and none outside of it', () => {
    const { bytes, memories } = appendState(readLayout(counterModule), counterModule);
    const exports = instantiate(bytes as Uint8Array<ArrayBuffer>);
    const { memory = '', clear = '' } = memories[0] ?? {};
    const view = new Uint8Array((exports[memory] as unknown as WebAssembly.Memory).buffer);
    expect(view.length).toBe(65_536);
    for (let at = 0; at < view.length; at++) {
      view[at] = 0x80;
      exports[clear]?.(0, view.length);
      if (view[at] !== 0) expect.unreachable(`byte ${at} is left`);
    }
    view.fill(7);
    exports[clear]?.(4096, 12_288);
    expect(view.indexOf(0)).toBe(4096);
    expect(view.lastIndexOf(0)).toBe(12_287);
    expect(view.reduce((sum, byte) => sum + Number(byte === 0), 0)).toBe(8192);
  });

  it('caps a memory so that growth past the limit fails inside the guest', () => {
    const { bytes, memories } = appendState(readLayout(counterModule), counterModule, { maxMemoryBytes: 3 * 65_536 });
    const memory = instantiate(bytes as Uint8Array<ArrayBuffer>)[
      memories[0]?.memory ?? ''
    ] as unknown as WebAssembly.Memory;
    memory.grow(2);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });
});

describe('virtualizeSize', () => {
  it('leaves every module of the fixtures valid, with and without interruption', async () => {
    for (const bytes of await coreModules()) {
      const layout = readLayout(bytes);
      for (const code of [undefined, await instrumentCode(layout)]) {
        const virtualCode = (await virtualizeSize(layout, code))?.payload;
        const { bytes: rewritten } = appendState(layout, bytes, { code, virtualCode });
        expect(WebAssembly.validate(rewritten as Uint8Array<ArrayBuffer>)).toBe(true);
      }
    }
  });

  it('knows where an instruction stood before', async () => {
    // (func memory.size drop memory.size drop (memory.grow (i32.const 0)) drop), after 100 functions, so that a call takes more room.
    const body = [0x00, 0x3f, 0x00, 0x1a, 0x3f, 0x00, 0x1a, 0x41, 0x00, 0x40, 0x00, 0x1a, 0x0b];
    const bodies = [...Array.from({ length: 127 }, () => [2, 0x00, 0x0b]), [body.length, ...body]];
    const section = (id: number, content: readonly number[]): number[] => [id, ...leb(content.length), ...content];
    const module = Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, [1, 0x60, 0, 0]),
      ...section(3, [...leb(128), ...new Array<number>(128).fill(0)]),
      ...section(5, [1, 0, 1]),
      ...section(10, [...leb(128), ...bodies.flat()]),
    ]);
    const code = await virtualizeSize(readLayout(module), undefined);
    const now = [0, 1, 4, 5, 8, 9, 11, 14, 15];
    expect(now.map((offset) => code?.moves.originalOffset(127, offset))).toEqual([0, 1, 3, 4, 6, 7, 9, 11, 12]);
    expect(code?.moves.originalOffset(0, 1)).toBe(1);
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

import { describe, expect, it } from 'vitest';
import { CodeEditor, changesHiddenState } from './code-editor.js';
import { instrumentCode } from './instrument.js';
import { leb } from './leb.js';
import { type ModuleLayout, readLayout } from './module-layout.js';

/** The layout of a module with a code section of that content, whatever it is. */
function layoutOf(code: readonly number[]): ModuleLayout {
  const types = [1, 0x60, 0, 0];
  const section = (id: number, content: readonly number[]): number[] => [id, ...leb(content.length), ...content];
  return readLayout(
    Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, types),
      ...section(3, [1, 0]),
      ...section(10, code),
    ]),
  );
}

/** One function with that code. */
function functionOf(code: readonly number[]): ModuleLayout {
  const body = [0x00, ...code];
  return layoutOf([1, ...leb(body.length), ...body]);
}

describe('code', () => {
  it.each([
    ['stands in no section at all', layoutOf([])],
    ['ends before the functions that it promises', layoutOf([2, 2, 0x00, 0x0b])],
    ['has a function that reaches past the end', layoutOf([1, 100, 0x00, 0x0b])],
    ['has a function longer than any number', layoutOf([1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x0b])],
    ['ends in the middle of an index', functionOf([0x20, 0x80])],
    ['ends in a number without end', functionOf(new Array<number>(100).fill(0x80).fill(0x41, 0, 1))],
    ['ends in the middle of a constant', functionOf([0x44, 0, 0, 0])],
    ['ends in the middle of a vector', functionOf([0xfd, 0x0c, 0, 0])],
    ['ends in the middle of a memory argument', functionOf([0x28, 0x02])],
    ['has a table of more branches than there are bytes', functionOf([0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00])],
    ['has more handlers than there are bytes', functionOf([0x1f, 0x40, 0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['has more groups of locals than there are bytes', layoutOf([1, 6, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0b])],
    ['has an index of more than 32 bits', functionOf([0x10, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x0b])],
  ])('that %s is refused as not valid', async (_, layout) => {
    await expect(instrumentCode(layout)).rejects.toMatchObject({ code: 'ERR_COMPONENT_INVALID' });
    await expect(changesHiddenState(layout)).rejects.toMatchObject({ code: 'ERR_COMPONENT_INVALID' });
  });

  it('with a function that V8 would compile in one long go is refused, unless it is only read', async () => {
    const layout = functionOf([...new Array<number>(524_288).fill(0x01), 0x0b]);
    await expect(instrumentCode(layout)).rejects.toMatchObject({
      code: 'ERR_COMPONENT_UNSUPPORTED',
      message: expect.stringContaining('524288 bytes'),
    });
    expect(await changesHiddenState(layout)).toBe(false);
  });

  it.each([
    [
      'so many locals that there is no room for more',
      layoutOf([1, 10, 1, ...leb(49_999), 0x7f, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b]),
    ],
    [
      'so many small loops that their copies are too long',
      functionOf([...Array.from({ length: 74_000 }, () => [0x03, 0x40, 0x41, 0, 0x0d, 0, 0x0b]).flat(), 0x0b]),
    ],
    ['fills of more memories than there can be', functionOf([0xfc, 0x0b, ...leb(256), 0x0b])],
    ['fills of a memory with the largest index', functionOf([0xfc, 0x0b, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0b])],
    [
      'copies between too many pairs of memories',
      functionOf([
        ...Array.from({ length: 1025 }, (_, n) => [0xfc, 0x0a, ...leb(n % 250), ...leb(Math.floor(n / 250))]).flat(),
        0x0b,
      ]),
    ],
    ['more functions than V8 takes', layoutOf([...leb(1_000_001), ...new Array<number>(2_000_002).fill(0)])],
  ])('with %s is refused', async (_, layout) => {
    await expect(instrumentCode(layout)).rejects.toMatchObject({ code: 'ERR_COMPONENT_UNSUPPORTED' });
  });

  it('of many modules is read by one instance after the other, with nothing left from the last', async () => {
    const layouts = [
      functionOf([0xfc, 0x0b, 0, 0x0b]),
      functionOf([0xfc, 0x0a, 0, 0, 0x0b]),
      functionOf([0x26, 0, 0x0b]),
    ];
    const once = await Promise.all(layouts.map((layout) => instrumentCode(layout, true)));
    for (const [index, layout] of layouts.entries()) expect(await instrumentCode(layout, true)).toEqual(once[index]);
    expect(once.map(({ helpers, changesHiddenState: isHidden }) => [helpers.length, isHidden])).toEqual([
      [1, false],
      [1, false],
      [0, true],
    ]);
  });

  it('with an instruction that is not known is refused, and taken for one that hides state', async () => {
    const layout = functionOf([0xfb, 0x00, 0x00, 0x0b]);
    await expect(instrumentCode(layout)).rejects.toMatchObject({ code: 'ERR_COMPONENT_UNSUPPORTED' });
    expect(await changesHiddenState(layout)).toBe(true);
  });

  it('that calls, branches and closes blocks which are not there is read to its end', async () => {
    const code = [
      0x0b, 0x0b, 0x05, 0x0c, 0x7f, 0x0d, 0xff, 0x7f, 0x10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0e, 1, 5, 6, 0x0b,
    ];
    const editor = await CodeEditor.read(functionOf(code));
    const { payload } = await editor.instrument({ fuel: 0, poll: 0, bulkType: 0, bulkChunk: 1 }, true);
    expect(payload.length).toBeGreaterThan(code.length);
  });
});

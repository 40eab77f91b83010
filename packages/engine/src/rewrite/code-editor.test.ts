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
    const layout = functionOf([...new Array<number>(1_048_576).fill(0x01), 0x0b]);
    await expect(instrumentCode(layout)).rejects.toMatchObject({
      code: 'ERR_COMPONENT_UNSUPPORTED',
      message: expect.stringContaining('1048576 bytes'),
    });
    expect(await changesHiddenState(layout)).toBe(false);
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
    const { payload } = await editor.instrument({ fuel: 0, poll: 0, bulkType: 0 }, true);
    expect(payload.length).toBeGreaterThan(code.length);
  });
});

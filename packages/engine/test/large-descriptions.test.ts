import { HostError } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { beforeEach, describe, expect, it } from 'vitest';
import { collectGarbage, leastStall } from './start.js';

/** Milliseconds. Reading and planning a component is done in one go. */
const mostStall = 50;

const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]);
const vector = (items: readonly number[][]): number[] => [...leb(items.length), ...items.flat()];
const section = (id: number, payload: readonly number[]): number[] => [id, ...leb(payload.length), ...payload];
const text = (value: string): number[] => [...leb(value.length), ...new TextEncoder().encode(value)];
const many = (count: number, item: (index: number) => number[]): number[][] =>
  Array.from({ length: count }, (_, index) => item(index));

const component = (...sections: readonly number[][]): Uint8Array =>
  Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00, ...sections.flat()]);
const core = (...sections: readonly number[][]): number[] =>
  [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00].concat(...sections);

/** `(func (param "a" u32) (result u32))` */
const funcType = [0x40, ...vector([[...text('a'), 0x79]]), 0x00, 0x79];
const oneImport = [section(7, vector([funcType])), section(10, vector([[0x00, ...text('f'), 0x01, 0x00]]))] as const;

/** Components that are a list of `count` things. */
const lists: Readonly<Record<string, (count: number) => Uint8Array>> = {
  types: (count) => component(section(7, vector(many(count, () => [0x72, ...vector([[...text('a'), 0x79]])])))),
  imports: (count) =>
    component(
      section(7, vector([funcType])),
      section(10, vector(many(count, (index) => [0x00, ...text(`f${index}`), 0x01, 0x00]))),
    ),
  exports: (count) =>
    component(
      ...oneImport,
      section(11, vector(many(count, (index) => [0x00, ...text(`g${index}`), 0x01, 0x00, 0x00]))),
    ),
  'lowered functions': (count) =>
    component(...oneImport, section(8, vector(many(count, () => [0x01, 0x00, 0x00, 0x00])))),
  'types of an instance': (count) =>
    component(section(7, vector([[0x42, ...vector(many(count, () => [0x01, 0x70, 0x79]))]]))),
  'nested components': (count) => component(...many(count, () => section(4, [...component()]))),
};

describe('a component that describes very much', () => {
  beforeEach(collectGarbage);

  it.each(Object.keys(lists))('is compiled without a long stall when it has 9,900 %s', async (name) => {
    const bytes = lists[name]?.(9_900) ?? component();
    const compile = async (): Promise<void> => {
      const engine = lodgeEngine();
      await engine.inspect(bytes);
      (await engine.compile(bytes, { name: 'large', suspendingImports: new Set(), isInterruptible: true })).dispose();
    };
    expect(await leastStall(compile)).toBeLessThan(mostStall);
  });

  it.each(Object.keys(lists))('is refused at once when it has 110,000 %s', async (name) => {
    const bytes = lists[name]?.(110_000) ?? component();
    const inspect = async (): Promise<void> => {
      const error = await lodgeEngine()
        .inspect(bytes)
        .catch((reason: unknown) => reason);
      expect(HostError.is(error) && error.code).toBe('ERR_COMPONENT_INVALID');
    };
    expect(await leastStall(inspect)).toBeLessThan(mostStall);
  });

  it('is compiled without a long stall when its core modules have functions with very many locals', async () => {
    const func = [...leb(6), ...vector([[...leb(50_000), 0x7f]]), 0x0b];
    const body = [...leb(func.length - 1), ...func.slice(1)];
    const module = core(
      section(1, vector([[0x60, 0x00, 0x00]])),
      section(3, vector(many(400, () => [0x00]))),
      section(10, vector(many(400, () => body))),
    );
    const bytes = component(
      ...many(200, () => section(1, module)),
      ...many(200, (index) => section(2, vector([[0x00, ...leb(index), 0x00]]))),
    );
    const compile = async (): Promise<void> => {
      (await lodgeEngine().compile(bytes, { name: 'large', suspendingImports: new Set() })).dispose();
    };
    expect(await leastStall(compile)).toBeLessThan(mostStall);
  });

  it('is refused when its core modules export 60,000 functions', async () => {
    const module = core(
      section(1, vector([[0x60, 0x00, 0x00]])),
      section(3, vector([[0x00]])),
      section(7, vector(many(30_000, (index) => [...text(`e${index}`), 0x00, 0x00]))),
      section(10, vector([[0x02, 0x00, 0x0b]])),
    );
    const inspect = (count: number): Promise<unknown> =>
      lodgeEngine().inspect(component(...many(count, () => section(1, module))));
    await expect(inspect(1)).resolves.toBeDefined();
    await expect(inspect(2)).rejects.toThrow('30000 items');
  });
});

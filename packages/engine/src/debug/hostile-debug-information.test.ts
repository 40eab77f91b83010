import { describe, expect, it } from 'vitest';
import { LineTable } from './line-table.js';
import { SourceMap } from './source-map.js';

const sectionSize = 2_000_000;
const mapSize = 380_000;

function u32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
}

function uleb(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...uleb(value >>> 7)];
}

/** `pattern` again and again. */
function filled(size: number, pattern: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: size - (size % pattern.length) }, (_, at) => pattern[at % pattern.length] ?? 0);
}

/** A line program of DWARF 5, after tables of directories and files. */
function unit(tables: Uint8Array, program: Uint8Array): Uint8Array {
  const header = [1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
  const tail = [...u32(header.length + tables.length), ...header];
  const length = 4 + tail.length + tables.length + program.length;
  return Buffer.concat([Buffer.from([...u32(length), 5, 0, 4, 0, ...tail]), tables, program]);
}

const noNames = Uint8Array.from([0, 0, 0, 0]);

/** One directory without a name, and `count` files whose names are in the section of names, at its beginning. */
function sharedNames(count: number): Uint8Array {
  return Buffer.concat([Buffer.from([0, 0, 1, 1, 0x1f, ...uleb(count)]), new Uint8Array(count * 4)]);
}

/** Milliseconds of work of this thread; what is thrown is how malformed information ends. */
function workOf(read: () => unknown): number {
  const start = process.threadCpuUsage();
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
  }
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000;
}

const program = (pattern: readonly number[]): Uint8Array => unit(noNames, filled(sectionSize, pattern));
const one = Uint8Array.from([0, 5, 2, 9, 0, 0, 0, 1, 2, 9, 0, 1, 1]);

describe('Debug information that is made to take long', () => {
  it.each([
    ['rows', program([1])],
    ['sequences', program([2, 9, 1, 0, 1, 1])],
    ['numbers without an end', program([2, ...Array.from({ length: 10_000 }, () => 0xff)])],
    [
      'one address of a million bytes',
      unit(noNames, Buffer.concat([Buffer.from([0, ...uleb(1_000_000), 2]), filled(1_000_000, [1])])),
    ],
    [
      'names that take no bytes',
      unit(Buffer.concat([Buffer.from([0, 0, 0, ...uleb(1_900_000)]), new Uint8Array(1_900_000)]), one),
    ],
    ['names that share one long string', unit(sharedNames(90_000), one)],
  ])('as %s is given up or read soon', (_, line) => {
    const lineStrings = new Uint8Array(sectionSize).fill(0x61);
    lineStrings[sectionSize - 1] = 0;
    expect(workOf(() => new LineTable({ line, lineStrings }).find(9))).toBeLessThan(200);
  });

  it.each([
    ['segments', `{"sources":["a"],"mappings":"${'A,'.repeat(mapSize / 2)}"}`],
    ['one number', `{"sources":["a"],"mappings":"${'g'.repeat(mapSize)}"}`],
    ['brackets', '['.repeat(mapSize)],
  ])('as a source map of many %s is given up or read soon', (_, json) => {
    expect(workOf(() => new SourceMap(json).find(9))).toBeLessThan(200);
  });
});

describe('Debug information that lies', () => {
  it('about where a name is gives no name', () => {
    const fileAt = (offset: number): string | undefined => {
      const tables = Buffer.from([0, 0, 1, 1, 0x1f, 2, ...u32(0), ...u32(offset)]);
      return new LineTable({ line: unit(tables, one), lineStrings: Buffer.from('a\0b\0c') }).find(9)?.file;
    };
    expect([2, 4, 0xffff_ffff].map(fileAt)).toEqual(['b', '?', '?']);
  });

  it('about columns, sources and prototypes gives none of them', () => {
    const map = new SourceMap('{"__proto__":{"sources":1},"sources":["a"],"mappings":"ASCD","sourceRoot":{}}');
    expect(map.find(0)).toEqual({ file: '?', line: 2, column: 0 });
  });
});

import { fixture, fixtureNames } from '@lodge-internal/fixtures';
import { describe, expect, it } from 'vitest';
import { parseComponent } from '../binary/component.js';
import { Reader } from '../binary/reader.js';
import { instrumentCode } from './instrument.js';
import { readLayout } from './module-layout.js';

describe('instrumentCode', () => {
  it('tells V8 of branches only, and of each body in order', async () => {
    let branches = 0;
    for (const name of fixtureNames) {
      for (const item of parseComponent(await fixture(name)).definitions) {
        if (item.kind !== 'core-module') continue;
        const layout = readLayout(item.bytes);
        const { payload, branchHints } = await instrumentCode(layout);
        const starts = bodyStarts(payload);
        const reader = new Reader(branchHints);
        expect(reader.name()).toBe('metadata.code.branch_hint');
        let last = -1;
        reader.vector(() => {
          const func = reader.u32();
          expect(func).toBeGreaterThan(last);
          last = func;
          reader.vector(() => {
            const at = (starts[func - layout.importedFuncCount] ?? Number.NaN) + reader.u32();
            expect(payload[at]).toBe(0x04);
            expect([reader.byte(), reader.byte()]).toEqual([1, 0]);
            branches++;
          });
        });
        expect(reader.isAtEnd).toBe(true);
      }
    }
    expect(branches).toBeGreaterThan(0);
  });
});

function bodyStarts(code: Uint8Array): number[] {
  if (code.length === 0) return [];
  const reader = new Reader(code);
  return reader.vector(() => {
    const size = reader.u32();
    const start = reader.position;
    reader.slice(size);
    return start;
  });
}

import { describe, expect, it } from 'vitest';
import { CodeMoves } from './code-moves.js';
import { instrumentCode } from './instrument.js';
import { leb, signedLeb } from './leb.js';
import { readLayout } from './module-layout.js';

/** How much was written before a range that was copied, how far it stood behind the last one, and its length. */
type Step = readonly [written: number, behind: number, length: number];

function moves(bodies: readonly (readonly Step[])[], earlier?: CodeMoves): CodeMoves {
  const steps: number[] = [];
  const starts = bodies.map((body) => {
    const start = steps.length;
    for (const [written, behind, length] of body) steps.push(...leb(written), ...signedLeb(behind), ...leb(length));
    return start;
  });
  return new CodeMoves(Uint8Array.from(steps), Uint32Array.from(starts), earlier);
}

describe('CodeMoves', () => {
  it('knows what was copied, also more than once, and takes what was written for the end of what stands before it', () => {
    const found = moves([
      [],
      [
        [0, 0, 4],
        [3, -2, 2],
        [0, 2, 2],
      ],
    ]);
    expect(Array.from({ length: 12 }, (_, offset) => found.originalOffset(1, offset))).toEqual([
      0,
      1,
      2,
      3,
      4,
      4,
      4,
      2,
      3,
      6,
      7,
      undefined,
    ]);
    expect([found.originalOffset(0, 0), found.originalOffset(2, 0)]).toEqual([undefined, undefined]);
  });

  it('goes back through those before it', () => {
    const second = moves([[[1, 5, 10]]], moves([[[5, 0, 10]]]));
    expect([1, 2, 10, 11].map((offset) => second.originalOffset(0, offset))).toEqual([0, 1, 9, undefined]);
  });

  it('knows the beginning of a body or a module with so many moves that it would be slow or large', async () => {
    const functions = 40;
    const known = (await instrumentCode(readLayout(callsOfTheHost(functions, 60_000)), true)).moves;
    const start = performance.now();
    // The function charges with 20 bytes, and each call with 19.
    const at = (call: number): number => 1 + 20 + call * 21;
    const found = [at(10_000), at(50_000)].map((offset) => known?.originalOffset(0, offset));
    const later = [31, 39].map((body) => known?.originalOffset(body, at(50_000)));
    expect(performance.now() - start).toBeLessThan(100);
    expect([...found, ...later]).toEqual([20_001, undefined, undefined, undefined]);
    expect([31, 39].map((body) => known?.originalOffset(body, 1))).toEqual([0, undefined]);
  });
});

/** Functions that do nothing but call an import. */
function callsOfTheHost(functions: number, calls: number): Uint8Array {
  const body = [0x00, ...Array.from({ length: calls }, () => [0x10, 0x00]).flat(), 0x0b];
  const code = [...leb(functions), ...Array.from({ length: functions }, () => [...leb(body.length), ...body]).flat()];
  const section = (id: number, content: readonly number[]): number[] => [id, ...leb(content.length), ...content];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(2, [1, 1, 0x61, 1, 0x62, 0, 0]),
    ...section(3, [...leb(functions), ...new Array<number>(functions).fill(0)]),
    ...section(10, code),
  ]);
}

import { describe, expect, it } from 'vitest';
import { CodeMoves } from './code-moves.js';

describe('CodeMoves', () => {
  it('knows what was copied, also more than once, and takes what was written for the end of what stands before it', () => {
    const moves = new CodeMoves();
    moves.beginBody(0, 0);
    moves.beginBody(100, 200);
    moves.copy(100, 104, 200);
    moves.copy(102, 104, 207);
    moves.copy(106, 108, 209);
    const found = Array.from({ length: 12 }, (_, offset) => moves.originalOffset(1, offset));
    expect(found).toEqual([0, 1, 2, 3, 4, 4, 4, 2, 3, 6, 7, undefined]);
    expect([moves.originalOffset(0, 0), moves.originalOffset(2, 0)]).toEqual([undefined, undefined]);
  });

  it('goes back through those before it', () => {
    const first = new CodeMoves();
    first.beginBody(0, 0);
    first.copy(0, 10, 5);
    const second = new CodeMoves(first);
    second.beginBody(0, 0);
    second.copy(5, 15, 1);
    expect([1, 2, 10, 11].map((offset) => second.originalOffset(0, offset))).toEqual([0, 1, 9, undefined]);
  });

  it('knows the beginning of a body or a module with so many moves that it would be slow or large', () => {
    const moves = new CodeMoves();
    for (let body = 0; body < 40; body++) {
      moves.beginBody(0, 0);
      for (let at = 0; at < 60_000; at++) moves.copy(at, at + 1, at * 2 + 1);
    }
    const start = performance.now();
    const found = [0, 0, 31, 39].map((body, time) => moves.originalOffset(body, time === 0 ? 20_001 : 100_001));
    expect(performance.now() - start).toBeLessThan(100);
    expect(found).toEqual([10_000, undefined, undefined, undefined]);
    expect([31, 39].map((body) => moves.originalOffset(body, 1))).toEqual([0, undefined]);
  });
});

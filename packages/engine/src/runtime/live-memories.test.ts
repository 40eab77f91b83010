import { expect, test } from 'vitest';
import { LiveMemories } from './live-memories.js';

/** Idle graphs with one memory each. */
function idleGraphs(memories: LiveMemories, count: number): { idleMemories: number; dropIdle(): void } {
  const graphs = {
    idleMemories: count,
    dropIdle() {
      memories.remove(graphs.idleMemories);
      graphs.idleMemories = 0;
    },
  };
  memories.add(count);
  memories.open(graphs);
  return graphs;
}

test('what is idle is let go of when that makes enough room, and not before', () => {
  const memories = new LiveMemories(10);
  const idle = [idleGraphs(memories, 2), idleGraphs(memories, 3)];
  memories.add(3);
  memories.admit(2);
  expect(idle.map(({ idleMemories }) => idleMemories)).toEqual([2, 3]);
  memories.admit(4);
  expect(idle.map(({ idleMemories }) => idleMemories)).toEqual([0, 0]);
});

test('what is idle is left alone when letting go of all of it would not be enough', () => {
  const memories = new LiveMemories(10);
  const idle = idleGraphs(memories, 4);
  memories.add(6);
  expect(() => memories.admit(5)).toThrow('those that live have 10 memories, at most 10 are allowed');
  expect(idle.idleMemories).toBe(4);
});

test('graphs that are gone are not asked', () => {
  const memories = new LiveMemories(4);
  const idle = idleGraphs(memories, 4);
  memories.close(idle);
  expect(() => memories.admit(1)).toThrow('no room');
});

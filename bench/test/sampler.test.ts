import { describe, expect, test } from 'vitest';
import { Sampler } from '../src/engine/sampler.ts';

describe('the sampler', () => {
  test('does it exactly once, the first time included, when no time is given', async () => {
    const counts: number[] = [];
    const run = (count: number): undefined => void counts.push(count);
    await new Sampler({ component: 'x', unit: 'ms', run }).sample(0);
    expect(counts).toEqual([1]);
  });

  test('divides the part of the time that counts', async () => {
    const sampler = new Sampler({ component: 'x', unit: 'ms', run: (count) => count * 7 });
    expect(await sampler.sample(0.01)).toBe(7);
  });

  test('does it as often as fits', async () => {
    const counts: number[] = [];
    const run = (count: number): undefined => {
      counts.push(count);
      const end = performance.now() + count * 0.05;
      while (performance.now() < end);
    };
    await new Sampler({ component: 'x', unit: 'ms', run }).sample(10);
    expect(counts.at(-1)).toBeGreaterThan(20);
  });
});

import assert from 'node:assert/strict';
import type { Engine } from '@lodge/core';
import { fixture } from '@lodge-internal/fixtures';
import { failureOf, type Suite, testScope } from './suite.js';

interface Counters {
  readonly Counter: new (start: number) => { value(): number; [Symbol.dispose](): void };
  peek(counter: unknown): number;
  dropped(): number;
}

/** Engines, components and instances that must know nothing of each other. */
export function testIsolation(suite: Suite, setup: () => Engine | Promise<Engine>): void {
  suite.describe('isolation', () => {
    suite.test('two engines side by side do not know of each other', async () => {
      const [first, second] = await Promise.all([startCounters(await setup()), startCounters(await setup())]);
      new first.Counter(1)[Symbol.dispose]();
      assert.equal(first.dropped(), 1);
      assert.equal(second.dropped(), 0);
      assert((await failureOf(() => second.peek(new first.Counter(1)))) instanceof TypeError);
      assert.equal(second.peek(new second.Counter(2)), 2);
    });

    suite.test('many components of one engine run at the same time', async ({ engine }) => {
      const all = await Promise.all(Array.from({ length: 10 }, () => startCounters(engine)));
      const values = all.map((one, index) => new one.Counter(index).value());
      assert.deepEqual(values, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    suite.test('a thousand instances of one component count for themselves', async ({ engine }) => {
      const compiled = await engine.compile(await fixture('counters'), {
        name: 'subject',
        suspendingImports: new Set(),
      });
      for (let index = 0; index < 1000; index++) {
        const instance = await compiled.instantiate(new Map(), testScope('subject'));
        const counters = instance.exports['lodge:fixture/counters'] as unknown as Counters;
        new counters.Counter(index)[Symbol.dispose]();
        assert.equal(counters.dropped(), 1);
        instance.dispose();
      }
      compiled.dispose();
    });
  });
}

async function startCounters(engine: Engine): Promise<Counters> {
  const compiled = await engine.compile(await fixture('counters'), { name: 'subject', suspendingImports: new Set() });
  const instance = await compiled.instantiate(new Map(), testScope('subject'));
  return instance.exports['lodge:fixture/counters'] as unknown as Counters;
}

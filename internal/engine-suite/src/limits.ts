import assert from 'node:assert/strict';
import type { InstanceLimits } from '@lodge/core';
import { fixture } from '@lodge-internal/fixtures';
import { type Bench, expectHostError, type StartedComponent, type Suite } from './suite.js';

/** The bounds that keep a lying guest from filling the host's memory. */
export function testLimits(suite: Suite): void {
  suite.describe('limits', () => {
    suite.test('a list whose entries share one long text is stopped before it fills the memory', async (bench) => {
      const { lists, instance } = await startLists(bench);
      const before = process.memoryUsage().rss;
      await expectHostError(() => lists['aliases']?.(2000, 1_000_000), 'ERR_LIMIT_EXCEEDED');
      assert(process.memoryUsage().rss - before < 500_000_000, 'the texts were lifted');
      assert.equal(instance.isPoisoned, true);
    });

    suite.test('the same list is stopped as an argument of a host function', async (bench) => {
      let calls = 0;
      const { started } = await startLists(bench, {}, () => calls++);
      const giver = started.exported('lodge:fixture/giver');
      await expectHostError(() => giver['giveAliases']?.(2000, 1_000_000), 'ERR_LIMIT_EXCEEDED');
      assert.equal(calls, 0);
    });

    suite.test('what stays within the default limits passes', async (bench) => {
      const { lists } = await startLists(bench);
      assert.equal(lists['aliases']?.(50, 1_000_000).length, 50);
      assert.equal(lists['pairs']?.(100_000).length, 100_000);
    });

    suite.test('maxLiftedBytes bounds one text', async (bench) => {
      const { lists } = await startLists(bench, { maxLiftedBytes: 10_000 });
      assert.equal(lists['text']?.(9000).length, 9000);
      await expectHostError(() => lists['text']?.(10_001), 'ERR_LIMIT_EXCEEDED');
    });

    suite.test('maxLiftedBytes bounds a list of bytes', async (bench) => {
      const { lists } = await startLists(bench, { maxLiftedBytes: 10_000 });
      assert.equal(lists['bytes']?.(9000).length, 9000);
      await expectHostError(() => lists['bytes']?.(10_001), 'ERR_LIMIT_EXCEEDED');
    });

    suite.test('maxLiftedBytes counts each crossing afresh', async (bench) => {
      const { lists } = await startLists(bench, { maxLiftedBytes: 10_000 });
      for (let round = 0; round < 5; round++) assert.equal(lists['text']?.(9000).length, 9000);
    });

    suite.test('maxListLength bounds a list that is not of numbers', async (bench) => {
      const { lists } = await startLists(bench, { maxListLength: 1000 });
      assert.equal(lists['bytes']?.(5000).length, 5000);
      assert.equal(lists['pairs']?.(1000).length, 1000);
      await expectHostError(() => lists['pairs']?.(1001), 'ERR_LIMIT_EXCEEDED');
    });

    suite.test('maxHandles bounds the handles that a component holds at a time', async (bench) => {
      const disposed = { count: 0 };
      class Thing {
        [Symbol.dispose](): void {
          disposed.count++;
        }
        id(): number {
          return 1;
        }
        rename(): void {}
        wait(): number {
          return 1;
        }
        static copy(): Thing {
          return new Thing();
        }
      }
      const things = {
        Thing,
        make: () => new Thing(),
        maybe: () => undefined,
        consume: () => 1,
        look: () => 1,
        sum: () => 1,
      };
      const { instance, exported } = await bench.start(await fixture('things'), {
        imports: { 'lodge:fixture/things': things },
        limits: { maxHandles: 100 },
      });
      const user = exported('lodge:fixture/user');
      await user['keepMany']?.(100);
      await expectHostError(() => user['keepMany']?.(1), 'ERR_LIMIT_EXCEEDED');
      instance.dispose();
      assert(disposed.count >= 100 && disposed.count <= 101, `${disposed.count} were disposed of`);
    });
  });
}

async function startLists(
  { start }: Bench,
  limits: Partial<InstanceLimits> = {},
  takeAliases: () => void = () => {},
): Promise<{
  lists: ReturnType<StartedComponent['exported']>;
  instance: StartedComponent['instance'];
  started: StartedComponent;
}> {
  const started = await start(await fixture('lists'), { limits, imports: { 'lodge:fixture/sink': { takeAliases } } });
  return { lists: started.exported('lodge:fixture/lists'), instance: started.instance, started };
}

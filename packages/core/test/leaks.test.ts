import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CallScope, Host } from '../src/index.js';
import { counter, type GreetingCaller, greeter, specOf, startGreetingHost } from '../src/testing/greeting.js';
import type { MemoryEngine, Program } from '../src/testing/memory-engine.js';

let collect: () => void;
beforeAll(() => {
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as () => void;
});

let host: Host | undefined;
afterEach(async () => {
  await host?.stop();
  host = undefined;
});

async function run(program: Program, poolSize: number): Promise<{ caller: GreetingCaller; engine: MemoryEngine }> {
  const started = await startGreetingHost({ main: program });
  host = started.host;
  await host.workloadStart({ workloadId: 'w', workload: specOf([{ name: 'main', poolSize }]) });
  return started;
}

/** What 1,000 calls held, weakly. */
async function remember(count: number, call: (args: (scope: CallScope) => readonly unknown[]) => Promise<unknown>) {
  const held: WeakRef<object>[] = [];
  const args = (scope: CallScope): readonly unknown[] => {
    held.push(
      new WeakRef(scope),
      new WeakRef(scope.instance),
      new WeakRef(scope.signal),
      new WeakRef(scope.instance.signal),
    );
    return [];
  };
  for (let index = 0; index < count; index += 1) await call(args).catch(() => undefined);
  return held;
}

async function liveOf(held: readonly WeakRef<object>[]): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  return held.filter((ref) => ref.deref() !== undefined).length;
}

const trapping = (): Program => greeter(() => () => Promise.reject(new Error('boom')));
const hanging = (): Program => greeter(() => () => new Promise(() => undefined));

describe('a thousand failed calls', () => {
  it.each([0, 4])('that trapped leave no live instance behind (pool of %s)', async (poolSize) => {
    const { caller, engine } = await run(trapping(), poolSize);
    const held = await remember(1000, (args) => caller.call({ args }));
    expect(held).toHaveLength(4000);
    expect(engine.live.size).toBe(0);
    // Locals of the last call may still stand on the stack.
    await vi.waitFor(async () => expect(await liveOf(held)).toBeLessThan(8));
  });

  it('that timed out leave no live instance behind', async () => {
    const { caller, engine } = await run(hanging(), 0);
    const held: WeakRef<object>[][] = [];
    const calls = Array.from({ length: 1000 }, () => remember(1, (args) => caller.call({ args, deadlineMs: 1 })));
    for (const call of calls) held.push(await call);
    expect(engine.live.size).toBe(0);
    calls.length = 0;
    await vi.waitFor(async () => expect(await liveOf(held.flat())).toBeLessThan(8));
  });

  it('that were given up leave nothing on a long-lived signal of the caller', async () => {
    const { caller, engine } = await run(trapping(), 0);
    const { signal } = new AbortController();
    const held = await remember(1000, (args) => caller.call({ args, signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(engine.live.size).toBe(0);
    await vi.waitFor(async () => expect(await liveOf(held)).toBeLessThan(8));
  });
});

describe('a stopped host', () => {
  it('leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { caller } = await run(counter(), 1);
      for (let index = 0; index < 100; index += 1) await caller.call();
      expect(vi.getTimerCount()).toBe(1);
      await host?.stop();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

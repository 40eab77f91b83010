import { createHost } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { fixture, jsComponent } from '@lodge-internal/fixtures';
import { describe, expect, it } from 'vitest';
import { compileText, leastStall, type Opened } from './start.js';

const guest = `(component
  (core module $m
    (func (export "spin") (loop $l (br $l)))
    (func (export "add") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
  (core instance $i (instantiate $m))
  (func (export "spin") (canon lift (core func $i "spin")))
  (func (export "add") (param "n" u32) (result u32) (canon lift (core func $i "add"))))`;

/** Work of this thread in milliseconds: what others do on the machine does not count. */
function used(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** The 99th percentile of what calls take, each begun in a turn of the event loop of its own. */
async function p99({ call }: Opened): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < 200; count++) {
    await new Promise((resolve) => setImmediate(resolve));
    const start = used();
    await call('add', count);
    times.push(used() - start);
  }
  return times.toSorted((a, b) => a - b)[198] ?? Number.NaN;
}

describe('guests that compute for a moment', () => {
  it('run one after the other, also beside one that spins', async () => {
    const { open } = await compileText(
      `(component
        (import "runs" (func $runs (param "is-it" bool)))
        (core func $runs (canon lower (func $runs)))
        (core module $m
          (import "" "runs" (func $runs (param i32)))
          (func (export "spin") (loop $l (br $l)))
          (func (export "work") (local $i i32)
            (call $runs (i32.const 1))
            (loop $l
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (br_if $l (i32.lt_u (local.get $i) (i32.const 1500000))))
            (call $runs (i32.const 0))))
        (core instance $i (instantiate $m (with "" (instance (export "runs" (func $runs))))))
        (func (export "spin") (canon lift (core func $i "spin")))
        (func (export "work") (canon lift (core func $i "work"))))`,
      { isInterruptible: true },
    );
    let running = 0;
    let mostRunning = 0;
    const runs = (isIt: boolean): void => {
      running += isIt ? 1 : -1;
      mostRunning = Math.max(mostRunning, running);
    };
    const opened = Array.from({ length: 4 }, () => open({ runs }));
    const mostOf = async (): Promise<number> => {
      await new Promise((resolve) => setImmediate(resolve));
      mostRunning = 0;
      await Promise.all(opened.map(({ call }) => call('work')));
      return mostRunning;
    };
    for (let warming = 0; warming < 50; warming++) await mostOf();
    expect(await mostOf()).toBe(1);
    const spinning = open({ runs });
    const spun = spinning.call('spin');
    const beside: number[] = [];
    for (let round = 0; round < 20; round++) beside.push(await mostOf());
    const reason = new Error('enough');
    spinning.instance.interrupt(reason);
    await expect(spun).rejects.toBe(reason);
    // The machine may take a moment of one for itself, not of each.
    expect(beside.filter((most) => most === 1).length).toBeGreaterThan(10);
  });
});

describe('a guest whose host functions take long', () => {
  it('leaves the others their turns', async () => {
    const { open } = await compileText(
      `(component
        (import "wait" (func $wait))
        (core func $wait (canon lower (func $wait)))
        (core module $m
          (import "" "wait" (func $wait))
          (func (export "spin") (loop $l (call $wait) (br $l)))
          (func (export "work") (local $i i32)
            (loop $l
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (br_if $l (i32.lt_u (local.get $i) (i32.const 3000000))))))
        (core instance $i (instantiate $m (with "" (instance (export "wait" (func $wait))))))
        (func (export "spin") (canon lift (core func $i "spin")))
        (func (export "work") (canon lift (core func $i "work"))))`,
      { isInterruptible: true },
    );
    // More than all others together get in a turn.
    const wait = (): void => {
      for (const end = performance.now() + 15; performance.now() < end; );
    };
    const spinning = open({ wait });
    const spun = spinning.call('spin');
    Promise.resolve(spun).catch(() => undefined);
    let isSpinning = true;
    const reason = new Error('enough');
    const tooLate = setTimeout(() => {
      isSpinning = false;
      spinning.instance.interrupt(reason);
    }, 5_000);
    await Promise.all(Array.from({ length: 20 }, () => open({ wait }).call('work')));
    expect(isSpinning).toBe(true);
    clearTimeout(tooLate);
    spinning.instance.interrupt(reason);
    await expect(spun).rejects.toBe(reason);
  });
});

describe('a guest that spins', () => {
  it('makes the calls of another one less than 10 ms longer', async () => {
    const { open } = await compileText(guest, { isInterruptible: true });
    const [spinning, calling] = [open(), open()];
    const alone = await p99(calling);
    const spun = spinning.call('spin');
    const beside = await p99(calling);
    const reason = new Error('enough');
    spinning.instance.interrupt(reason);
    await expect(spun).rejects.toBe(reason);
    expect(beside - alone).toBeLessThan(10);
  });

  it('and nineteen more leave the host to answer for its state, its heartbeat and a stop within 100 ms', async () => {
    const bytes = await fixture('cli-spin');
    const host = createHost({ engine: lodgeEngine(), interruption: 'always' });
    await host.start();
    const ids = Array.from({ length: 20 }, (_, index) => `spinning-${index}`);
    for (const workloadId of ids) {
      const status = await host.workloadStart({
        workloadId,
        workload: { namespace: 'test', name: workloadId, components: [], service: { source: { bytes } } },
      });
      expect(status.state).toBe('running');
    }
    const took = async (work: () => unknown): Promise<number> => {
      await new Promise((resolve) => setImmediate(resolve));
      const start = used();
      await work();
      await new Promise((resolve) => setImmediate(resolve));
      return used() - start;
    };
    expect(await took(() => host.workloadStatus('spinning-3'))).toBeLessThan(100);
    expect(await took(() => host.heartbeat())).toBeLessThan(100);
    expect(await took(() => host.workloadStop('spinning-3'))).toBeLessThan(100);
    await host.stop();
  });
});

it.each([
  ['', false],
  [', also to be interrupted', true],
])(
  'a component of 14 MB is made ready in pieces%s',
  async (_how, isInterruptible) => {
    const bytes = await jsComponent('http-hello');
    const stall = await leastStall(async () => {
      const engine = lodgeEngine();
      await engine.inspect(bytes);
      (await engine.compile(bytes, { name: 'large', suspendingImports: new Set(), isInterruptible })).dispose();
    });
    expect(stall).toBeLessThan(20);
  },
  60_000,
);

import { HostError } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { expect, it, vi } from 'vitest';
import { compileText, type Opened, type Started } from './start.js';

/** Each of its instances has two memories. */
const component = (answer: number): string => `(component
  (core module $m (memory (export "memory") 1) (func (export "f") (result i32) (i32.const ${answer})))
  (core instance $i (instantiate $m))
  (core instance $j (instantiate $m))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))`;

/** Opens lives until one is refused. */
function fill(started: Started): { readonly live: Opened[]; readonly refusal: unknown } {
  const live: Opened[] = [];
  for (;;) {
    try {
      live.push(started.open());
    } catch (refusal) {
      return { live, refusal };
    }
  }
}

/** Uses a component until its instances are made new in place and wait for the next life. */
async function keepIdle(started: Started, count: number): Promise<void> {
  const round = (): number => {
    const lives = Array.from({ length: count }, () => started.open());
    for (const { instance } of lives) instance.dispose();
    return started.compiled.idleMemoryBytes ?? 0;
  };
  await vi.waitFor(() => expect(round()).toBe(count * 2 * 65_536));
}

it('refuses one instance too many at once, and takes the next when one has ended', async () => {
  const started = await compileText(component(7));
  const { live, refusal } = fill(started);
  expect(refusal).toMatchObject({
    code: 'ERR_LIMIT_EXCEEDED',
    details: { liveMemories: 12_000, maxLiveMemories: 12_000 },
  });
  expect(live).toHaveLength(6000);
  // V8 would look for room for more than a second, each time.
  const before = performance.now();
  for (let again = 0; again < 100; again += 1) expect(started.open).toThrow(HostError);
  expect(performance.now() - before).toBeLessThan(1_000);
  live.pop()?.instance.dispose();
  const next = started.open();
  expect(next.call('f')).toBe(7);
  for (const { instance } of [...live, next]) instance.dispose();
}, 60_000);

it('lets go of what is kept for the calls of one component when another one needs the room', async () => {
  const engine = lodgeEngine({ maxLiveMemories: 20 });
  const kept = await compileText(component(1), {}, engine);
  await keepIdle(kept, 10);
  const other = await compileText(component(2), {}, engine);
  const { live } = fill(other);
  expect(live).toHaveLength(10);
  expect(kept.compiled.idleMemoryBytes).toBe(0);
  expect(kept.open).toThrow(/those that live have 20 memories, at most 20 are allowed/);
  live.pop()?.instance.dispose();
  expect(kept.open().call('f')).toBe(1);
});

it('makes a hundred thousand instances in a row without a long pause', async () => {
  // Its memory grows, so that each life has a new one.
  const started = await compileText(`(component
    (core module $m (memory 1) (func (export "f") (result i32) (memory.grow (i32.const 1))))
    (core instance $i (instantiate $m))
    (func (export "f") (result u32) (canon lift (core func $i "f"))))`);
  let longest = 0;
  for (let life = 0; life < 100_000; life += 1) {
    const before = performance.now();
    const { call, instance } = started.open();
    expect(call('f')).toBe(1);
    instance.dispose();
    longest = Math.max(longest, performance.now() - before);
  }
  expect(longest).toBeLessThan(1_000);
}, 120_000);

it('has room again for lives whose host resources fail to be disposed of', async () => {
  class Broken {
    [Symbol.dispose](): never {
      throw new Error('it does not want to go');
    }
  }
  const engine = lodgeEngine({ maxLiveMemories: 4 });
  const text = `(component
    (import "host" (instance $host (export "broken" (type $b (sub resource)))
      (export "make" (func (result (own $b))))))
    (core func $make (canon lower (func $host "make")))
    (core module $m (import "" "make" (func $make (result i32))) (memory 1)
      (func (export "f") (drop (call $make))))
    (core instance $i (instantiate $m (with "" (instance (export "make" (func $make))))))
    (func (export "f") (canon lift (core func $i "f"))))`;
  const { open } = await compileText(text, {}, engine);
  for (let life = 0; life < 50; life += 1) {
    const { call, instance } = open({ host: { Broken, make: () => new Broken() } });
    call('f');
    expect(() => instance.dispose()).toThrow('failed to be disposed of');
  }
});

it('knows no limit below one', () => {
  expect(() => lodgeEngine({ maxLiveMemories: 0 })).toThrow('maxLiveMemories is a number from 1, not 0');
});

import { describe, expect, it } from 'vitest';
import { type GuestOptions, type RunningGuest, runGuest } from './running-guest.js';

const mebibyte = 1_048_576;
const page = 65_536;

describe('a guest that spins in a host', () => {
  it.each<readonly [string, GuestOptions]>([
    ['that was told nothing, as a component that it fetched', { from: 'image' }],
    ['that lets all give way, as bytes', { from: 'bytes', host: { interruption: 'always' } }],
  ])('%s, is ended at its deadline while others are answered', async (_, options) => {
    await using guest = await runGuest(options);
    // One that does not give way would never come back.
    expect(await guest.givesWay()).toBe(true);
    let isSpinning = true;
    const spun = guest
      .call('spin', [], 2_000)
      .catch((error: unknown) => error)
      .finally(() => {
        isSpinning = false;
      });
    expect(await guest.call('add-one', [41])).toBe(42);
    expect(guest.host.workloadStatus('guest').state).toBe('running');
    expect(guest.host.usage().workloads).toMatchObject([{ instances: 1 }]);
    expect(isSpinning).toBe(true);
    expect(await spun).toMatchObject({ code: 'ERR_CALL_TIMEOUT' });
    expect(guest.host.usage().workloads).toMatchObject([{ instances: 0 }]);
    expect(await guest.call('add-one', [1])).toBe(2);
  });

  it.each<readonly [string, GuestOptions]>([
    ['whose bytes a host that was told nothing was given', { from: 'bytes' }],
    ['that a host fetched which lets none give way', { from: 'image', host: { interruption: 'never' } }],
  ])('would not be: one %s runs as it is', async (_, options) => {
    await using guest = await runGuest(options);
    expect(await guest.givesWay()).toBe(false);
  });
});

describe('memoryLimitMb of a workload', () => {
  const grow = (guest: RunningGuest, bytes: number): Promise<unknown> => guest.call('grow', [bytes / page]);

  it.each(['bytes', 'image'] as const)('is where growth of a guest ends, from its %s', async (from) => {
    await using guest = await runGuest({ from, localResources: { memoryLimitMb: 2 } });
    // The guest has one page from the start.
    expect(await grow(guest, 2 * mebibyte - page)).toBe(1);
    expect(await grow(guest, 2 * mebibyte)).toBe(-1);
    // Every call has new state, and a limit of its own.
    expect(await grow(guest, 2 * mebibyte - page)).toBe(1);
  });

  it('lets a guest grow that has more', async () => {
    await using guest = await runGuest({ from: 'bytes', localResources: { memoryLimitMb: 4 } });
    expect(await grow(guest, 2 * mebibyte)).toBe(1);
    expect(await grow(guest, 4 * mebibyte)).toBe(-1);
  });

  it.each([0, -1])('of %i leaves it to the engine', async (memoryLimitMb) => {
    await using guest = await runGuest({ from: 'bytes', localResources: { memoryLimitMb } });
    expect(await grow(guest, 64 * mebibyte)).toBe(1);
  });
});

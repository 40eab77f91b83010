import type { Host } from '@lodge/core';
import { fixture } from '@lodge-internal/fixtures';
import { expect, test } from 'vitest';
import { Lattice } from './running.js';

/**
 * The least time, in milliseconds, that the answers to these questions took. A machine that does something else for a moment does not do so
 * each time; guests that do not give way hold up every answer.
 */
async function quickest(questions: readonly (() => Promise<unknown>)[]): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (const ask of questions) {
    const begun = performance.now();
    await ask();
    least = Math.min(least, performance.now() - begun);
  }
  return least;
}

test('a host whose 20 guests all compute without end answers for status, heartbeat and stop', async () => {
  await using lattice = await Lattice.start();
  const bytes = await fixture('cli-spin');
  const { host } = await lattice.host({ host: { loader: async () => bytes } });
  const ids = Array.from({ length: 20 }, (_, index) => `spinning-${index}`);
  for (const id of ids) expect(await start(lattice, host, id)).toBe('WORKLOAD_STATE_RUNNING');

  const state = async (command: string, workloadId: string): Promise<string> =>
    (await lattice.askStatus(host, command, { workloadId })).workloadState;
  const statuses = ids.slice(0, 3).map((id) => async () => {
    expect(await state('workload.status', id)).toBe('WORKLOAD_STATE_RUNNING');
  });
  const heartbeats = [20, 20, 20].map((workloadCount) => async () => {
    expect(await lattice.ask(host, 'heartbeat', '')).toMatchObject({ workloadCount: `${workloadCount}` });
  });
  const stops = ids.slice(0, 3).map((id) => async () => {
    expect(await state('workload.stop', id)).toBe('WORKLOAD_STATE_STOPPING');
  });
  expect(await quickest(statuses)).toBeLessThan(1_000);
  expect(await quickest(heartbeats)).toBeLessThan(1_000);
  expect(await quickest(stops)).toBeLessThan(1_000);
  expect(await state('workload.status', 'spinning-0')).toBe('WORKLOAD_STATE_NOT_FOUND');
  expect(await lattice.ask(host, 'heartbeat', '')).toMatchObject({ workloadCount: '17' });
}, 60_000);

/** Starts a service that is fetched: such a guest gives way while it computes. */
async function start(lattice: Lattice, host: Host, workloadId: string): Promise<string> {
  const workload = { namespace: 'test', name: workloadId, service: { image: 'test/spin' } };
  return (await lattice.askStatus(host, 'workload.start', { workloadId, workload })).workloadState;
}

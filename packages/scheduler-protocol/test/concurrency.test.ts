import type { HostPlugin } from '@lodge/core';
import { expect, test } from 'vitest';
import { randomNumbers } from './random-messages.js';
import { eventually, Lattice, startRequest, type WireStatus } from './running.js';

/** Counts what is bound and not unbound: what a workload that is gone must not leave behind. */
function countingPlugin(): HostPlugin<undefined> & { readonly bound: Set<string>; readonly binds: string[] } {
  const bound = new Set<string>();
  const binds: string[] = [];
  return {
    specVersion: 1,
    id: 'counting',
    world: { provides: [], calls: [{ id: 'lodge:fixture/counters' }] },
    bound,
    binds,
    onWorkloadBind: async ({ id }) => {
      bound.add(id);
      binds.push(id);
      return undefined;
    },
    bindComponent: async () => ({ importsFor: () => ({}) }),
    onWorkloadUnbind: async ({ id }) => void bound.delete(id),
  };
}

/** A start of a component that the plugin is told of. */
function boundRequest(workloadId: string, image = 'test/counters'): object {
  const hostInterfaces = [{ namespace: 'lodge', package: 'fixture', interfaces: ['counters'] }];
  const witWorld = { components: [{ name: 'main', image }], hostInterfaces };
  return { workloadId, workload: { namespace: 'default', name: 'app', witWorld } };
}

test('a stop during a start gives up its pull, both are told so, and the id is free', async () => {
  await using lattice = await Lattice.start();
  const { host, images } = await lattice.host();
  const starting = lattice.askStatus(host, 'workload.start', startRequest('w', 'test/slow'));
  await eventually(() => images.waiting.size).toBe(1);
  expect(await lattice.askStatus(host, 'workload.stop', { workloadId: 'w' })).toEqual({
    workloadId: 'w',
    workloadState: 'WORKLOAD_STATE_STOPPING',
    message: 'Workload is Stopping',
  });
  expect(await starting).toEqual({
    workloadId: 'w',
    workloadState: 'WORKLOAD_STATE_STOPPING',
    message: 'Workload was stopped while starting',
  });
  expect(images.aborted).toEqual(['test/slow']);
  expect(host.workloadStatus('w').state).toBe('not-found');
});

test('starts of one id happen in the order in which they came', async () => {
  await using lattice = await Lattice.start();
  const { host, images } = await lattice.host();
  const first = lattice.askStatus(host, 'workload.start', startRequest('w', 'test/slow'));
  const second = lattice.askStatus(host, 'workload.start', startRequest('w'));
  expect((await second).message).toContain('Workload ID [w] already exists');
  images.release('test/slow');
  expect((await first).workloadState).toBe('WORKLOAD_STATE_RUNNING');
});

test('starts beyond the bound wait as STARTING, and a stop ends one that waits', async () => {
  await using lattice = await Lattice.start();
  const { host, images } = await lattice.host({ maxConcurrentStarts: 1 });
  const first = lattice.askStatus(host, 'workload.start', startRequest('first', 'test/slow-1'));
  await eventually(() => images.waiting.size).toBe(1);
  const second = lattice.askStatus(host, 'workload.start', startRequest('second', 'test/slow-2'));
  const third = lattice.askStatus(host, 'workload.start', startRequest('third'));
  expect(await lattice.askStatus(host, 'workload.status', { workloadId: 'second' })).toMatchObject({
    workloadState: 'WORKLOAD_STATE_STARTING',
  });
  expect(host.heartbeat().workloadCount).toBe(3);
  expect(images.asked).toHaveLength(1);
  await lattice.askStatus(host, 'workload.stop', { workloadId: 'second' });
  expect((await second).message).toBe('Workload was stopped while starting');
  images.release('test/slow-1');
  expect((await first).workloadState).toBe('WORKLOAD_STATE_RUNNING');
  expect((await third).workloadState).toBe('WORKLOAD_STATE_RUNNING');
  expect(images.asked.map(({ image }) => image)).toEqual(['test/slow-1', 'test/counters']);
});

test('a start too many is answered with an error, and takes no id', async () => {
  await using lattice = await Lattice.start();
  const { host, images } = await lattice.host({ maxPendingStarts: 2 });
  const pending = ['a', 'b'].map((id) => lattice.askStatus(host, 'workload.start', startRequest(id, 'test/slow')));
  await eventually(() => images.waiting.size + images.asked.length).toBeGreaterThan(2);
  expect(await lattice.askStatus(host, 'workload.start', startRequest('c'))).toEqual({
    workloadId: 'c',
    workloadState: 'WORKLOAD_STATE_ERROR',
    message: '2 starts are pending on this host; try again later',
  });
  images.release('test/slow');
  await Promise.all(pending);
  expect((await lattice.askStatus(host, 'workload.start', startRequest('c'))).workloadState).toBe(
    'WORKLOAD_STATE_RUNNING',
  );
});

/** Another seed makes another order; what fails is found again with the seed that was printed. */
const seed = Number(process.env['LODGE_SEED'] ?? 20_261_122);
const rounds = Number(process.env['LODGE_STARTS'] ?? 200);

test(`${rounds} starts and ${rounds} stops at once, with ids that meet, leave nothing behind (LODGE_SEED=${seed})`, async () => {
  await using lattice = await Lattice.start();
  const plugin = countingPlugin();
  const { host, images } = await lattice.host({ maxConcurrentStarts: 4, host: { plugins: [plugin] } });
  const random = randomNumbers(seed);
  const ids = Array.from({ length: 40 }, (_, index) => `w-${index}`);
  const pick = (): string => ids[Math.floor(random() * ids.length)] ?? '';
  const requests = [
    ...Array.from({ length: rounds }, () => ['workload.start', pick()] as const),
    ...Array.from({ length: rounds }, () => ['workload.stop', pick()] as const),
  ].sort(() => random() - 0.5);
  const answers = requests.map(async ([command, workloadId]): Promise<readonly [string, WireStatus]> => {
    const image = random() < 0.1 ? 'nope' : random() < 0.3 ? `test/slow-${workloadId}` : 'test/counters';
    const body = command === 'workload.start' ? boundRequest(workloadId, image) : { workloadId };
    const status = await lattice.askStatus(host, command, body);
    expect(status.workloadId).toBe(workloadId);
    return [command, status];
  });
  await eventually(() => images.asked.length).toBeGreaterThan(0);
  for (const id of ids) images.release(`test/slow-${id}`);

  const counts = new Map<string, number>();
  for (const [command, { workloadState }] of await Promise.all(answers)) {
    const key = `${command} ${workloadState}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const of = (key: string): number => counts.get(key) ?? 0;
  const started = of('workload.start WORKLOAD_STATE_RUNNING');
  expect(started).toBeGreaterThan(0);
  expect(of('workload.start WORKLOAD_STATE_ERROR')).toBeGreaterThan(0);
  const answered = [...counts.values()].reduce((sum, count) => sum + count, 0);
  expect(answered).toBe(requests.length);

  for (const workloadId of ids) {
    await lattice.askStatus(host, 'workload.stop', { workloadId });
    await eventually(() => host.workloadStatus(workloadId).state).toBe('not-found');
  }
  expect(await lattice.ask(host, 'heartbeat', '')).not.toHaveProperty('workloadCount');
  expect(plugin.binds.length).toBeGreaterThanOrEqual(started);
  expect(plugin.bound.size).toBe(0);
  expect(images.waiting.size).toBe(0);
  // Every place at the gate is free again.
  const more = await Promise.all(
    Array.from({ length: 8 }, (_, index) => lattice.askStatus(host, 'workload.start', boundRequest(`more-${index}`))),
  );
  expect(more.map(({ workloadState }) => workloadState)).toEqual(Array(8).fill('WORKLOAD_STATE_RUNNING'));
});

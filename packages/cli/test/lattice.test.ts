import { type SchedulerClient, schedulerClient } from '@lodge/scheduler-protocol';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { getAs, poll } from './support/host-header.js';
import { helloWorkload, type Lattice, type LatticeHost, secrets, startLattice } from './support/lattice.js';

// Each test starts a server, a registry and three hosts, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** How long the link of a host is cut. */
const cutMs = Number(process.env['LODGE_TEST_CUT_MS'] ?? 3_000);
const ttlMs = 5_000;
const soon = { timeout: 30_000, interval: 100 };

/** A workload where it was started. */
interface Placed {
  readonly workloadId: string;
  readonly hostName: string;
  readonly on: LatticeHost;
}

let lattice: Lattice;
let client: SchedulerClient;
let hosts: readonly LatticeHost[];

beforeEach(async () => {
  lattice = await startLattice();
  client = schedulerClient(lattice.connection, { hostTtlMs: ttlMs });
});

afterEach(async () => {
  await client?.close();
  await lattice?.[Symbol.asyncDispose]();
});

/** Starts 60 workloads on all hosts at once, in turn. */
async function startSixty(): Promise<readonly Placed[]> {
  return Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const on = hosts[index % hosts.length];
      if (on === undefined) throw new Error('there are no hosts');
      const hostName = `hello-${index}.test`;
      const request = helloWorkload(lattice.image, hostName);
      expect(await client.start(on.hostId, request)).toEqual({
        workloadId: request.workloadId,
        workloadState: 'WORKLOAD_STATE_RUNNING',
        message: 'Workload started successfully',
      });
      return { workloadId: request.workloadId, hostName, on };
    }),
  );
}

/** Asks every living host about every workload: each runs once, where it was started. */
async function expectEachOnce(placed: readonly Placed[], living: readonly LatticeHost[]): Promise<void> {
  for (const host of living) {
    const states = await Promise.all(
      placed.map(async ({ workloadId }) => (await client.status(host.hostId, workloadId)).workloadState),
    );
    const expected = placed.map(({ on }) => (on === host ? 'WORKLOAD_STATE_RUNNING' : 'WORKLOAD_STATE_NOT_FOUND'));
    expect(states).toEqual(expected);
    const { workloadCount, componentCount } = await client.heartbeat(host.hostId);
    expect([workloadCount, componentCount]).toEqual([20n, 20n]);
  }
}

function seenAfter(time: number, hostId: string): boolean {
  return (client.host(hostId)?.lastSeen.getTime() ?? 0) > time;
}

const targets = (placed: readonly Placed[]) => placed.map(({ on, hostName }) => ({ url: on.url, host: hostName }));

describe('three hosts with sixty workloads', () => {
  test('each workload answers by its Host header on its own host, and on no other', async () => {
    hosts = await Promise.all([lattice.host(), lattice.host(), lattice.host()]);
    const placed = await startSixty();
    for (const { on, hostName } of placed) {
      for (const host of hosts) {
        const answer = await getAs(host.url, hostName);
        expect(answer).toMatchObject(host === on ? { status: 200, text: 'hello world' } : { status: 404 });
      }
    }
    await expectEachOnce(placed, hosts);
    await vi.waitFor(
      () => expect(client.hosts().map(({ heartbeat }) => heartbeat.workloadCount)).toEqual([20n, 20n, 20n]),
      soon,
    );
    expect(lattice.output()).not.toContain(secrets.scheduler);
    expect(lattice.output()).not.toContain(secrets.data);
  });

  test('a host that is killed is missed, and the others serve all along', async () => {
    hosts = await Promise.all([lattice.host(), lattice.host(), lattice.host()]);
    const placed = await startSixty();
    const [killed, ...others] = hosts;
    const surviving = placed.filter(({ on }) => on !== killed);
    const poller = poll(targets(surviving));
    await poller.more(40);
    killed?.child.kill('SIGKILL');
    await killed?.ended;
    await vi.waitFor(() => expect(client.hosts()).toHaveLength(2), soon);
    await poller.more(40);
    await poller.stop();
    expect(poller.failures).toEqual([]);
    await expectEachOnce(surviving, others);
    // A scheduler finds room for what is gone: each of it starts elsewhere, under its own id.
    for (const { workloadId, hostName } of placed.filter(({ on }) => on === killed)) {
      const [host] = others;
      const request = { ...helloWorkload(lattice.image, hostName), workloadId };
      expect((await client.start(host?.hostId ?? '', request)).workloadState).toBe('WORKLOAD_STATE_RUNNING');
      expect((await getAs(host?.url ?? '', hostName)).text).toBe('hello world');
    }
  });

  test('the NATS server restarts: workloads serve all along, heartbeats resume, nothing starts twice', async () => {
    hosts = await Promise.all([lattice.host(), lattice.host(), lattice.host()]);
    const placed = await startSixty();
    const poller = poll(targets(placed));
    await poller.more(40);
    await lattice.nats.stop();
    for (const host of hosts) await vi.waitFor(async () => expect(await readiness(host)).toBe(503), soon);
    await poller.more(40);
    await lattice.nats.start();
    const restarted = Date.now();
    await vi.waitFor(() => expect(hosts.every(({ hostId }) => seenAfter(restarted, hostId))).toBe(true), soon);
    for (const host of hosts) await vi.waitFor(async () => expect(await readiness(host)).toBe(200), soon);
    await poller.more(40);
    await poller.stop();
    expect(poller.failures).toEqual([]);
    await expectEachOnce(placed, hosts);
  });

  test('the link of one host is cut: it serves all along, misses no start, takes none twice, and comes back', async () => {
    const proxy = await lattice.nats.proxy();
    hosts = await Promise.all([lattice.host({ proxy }), lattice.host(), lattice.host()]);
    const placed = await startSixty();
    const [cutOff, other] = hosts;
    const poller = poll(targets(placed));
    await poller.more(40);
    await proxy.cut();
    const cutAt = Date.now();
    const late = helloWorkload(lattice.image, 'late.test');
    // A start that nobody heard is told as such, and does not happen later. Until the server has noticed, it may be lost instead.
    const hostId = cutOff?.hostId ?? '';
    const startLate = () => client.start(hostId, late, { timeoutMs: 500 });
    await vi.waitFor(() => expect(startLate()).rejects.toMatchObject({ code: 'ERR_HOST_UNREACHABLE' }), soon);
    await vi.waitFor(() => expect(seenAfter(cutAt + cutMs, other?.hostId ?? '')).toBe(true), {
      ...soon,
      timeout: cutMs + 30_000,
    });
    expect(seenAfter(cutAt + 1_000, cutOff?.hostId ?? '')).toBe(false);
    await proxy.restore();
    const restored = Date.now();
    await vi.waitFor(() => expect(hosts.every(({ hostId }) => seenAfter(restored, hostId))).toBe(true), soon);
    await poller.more(40);
    await poller.stop();
    expect(poller.failures).toEqual([]);
    await expectEachOnce(placed, hosts);
    expect(await client.status(cutOff?.hostId ?? '', late.workloadId)).toMatchObject({
      workloadState: 'WORKLOAD_STATE_NOT_FOUND',
    });
  });
});

async function readiness({ healthUrl }: LatticeHost): Promise<number> {
  const response = await fetch(`${healthUrl}/readyz`);
  await response.text();
  return response.status;
}

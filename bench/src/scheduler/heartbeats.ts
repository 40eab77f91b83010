import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { heartbeatSubject } from '@lodge/scheduler-protocol';
import { LineProcess } from '../line-process.ts';
import type { Row } from '../row.ts';
import type { Run } from '../scenario.ts';
import { type Lattice, startLattice } from './lattice.ts';
import type { SlowRegistryHello, SlowRegistryReply } from './slow-registry-process.ts';

/** Pulls that go on while heartbeats are listened to. A host has a bounded number of connections to each registry. */
const slowPulls = 20;
const slowRegistries = 2;
const heartbeatIntervalMs = 100;
const answerTimeoutMs = 30_000;

interface Heard {
  /** The largest difference between two heartbeats and the interval, in milliseconds. */
  readonly jitter: number;
  /** Of the last one. */
  readonly bytes: number;
}

/** How regular heartbeats are, and how large. */
export async function measureHeartbeats(run: Run): Promise<readonly Row[]> {
  await using lattice = await startLattice({ folder: run.folder, heartbeatIntervalMs });
  const idle = await listen(lattice, run.effort.heartbeatsMs);
  const busy = await whileItPulls(lattice, () => listen(lattice, run.effort.heartbeatsMs));
  const jitter = { scenario: 'scheduler/heartbeat-jitter', subject: 'lodge', unit: 'ms' } as const;
  return [
    { ...jitter, component: 'idle', value: idle.jitter },
    { ...jitter, component: `${slowPulls} slow pulls`, value: busy.jitter },
    { scenario: 'scheduler/heartbeat-size', component: 'idle', subject: 'lodge', unit: 'B', value: idle.bytes },
  ];
}

async function listen({ connection, hostId }: Lattice, ms: number): Promise<Heard> {
  let before: number | undefined;
  let jitter = 0;
  let bytes = 0;
  let heard = 0;
  const subscription = connection.subscribe(heartbeatSubject(hostId), {
    callback: (_error, { data }) => {
      const now = performance.now();
      if (before !== undefined) jitter = Math.max(jitter, Math.abs(now - before - heartbeatIntervalMs));
      before = now;
      bytes = data.length;
      heard++;
    },
  });
  await sleep(ms);
  subscription.unsubscribe();
  if (heard < 2) throw new Error(`the host was heard ${heard} times in ${ms} ms`);
  return { jitter, bytes };
}

/** Does something while the host waits for components that do not come to an end. */
async function whileItPulls<T>({ client, hostId }: Lattice, work: () => Promise<T>): Promise<T> {
  const script = fileURLToPath(new URL('./slow-registry-process.ts', import.meta.url));
  const registries = Array.from({ length: slowRegistries }, () => new LineProcess({ args: [script] }));
  try {
    const hellos = await Promise.all(registries.map((one) => one.ask<SlowRegistryHello>(undefined, answerTimeoutMs)));
    const ids = Array.from({ length: slowPulls }, (_, number) => `slow-${number}`);
    const starts = ids.map((workloadId, number) => {
      const image = `127.0.0.1:${hellos[number % slowRegistries]?.port}/${workloadId}:latest`;
      const witWorld = { components: [{ name: 'component', image }] };
      return client.start(hostId, { workloadId, workload: { namespace: 'bench', name: workloadId, witWorld } });
    });
    const ended = Promise.race(starts).then(({ message }) => {
      throw new Error(`a pull ended: ${message}`);
    });
    ended.catch(() => undefined);
    const result = await Promise.race([ended, untilAllTrickle(registries).then(work)]);
    await Promise.all(ids.map((workloadId) => client.stop(hostId, workloadId)));
    await Promise.all(starts);
    return result;
  } finally {
    await Promise.all(registries.map((registry) => registry.end()));
  }
}

async function untilAllTrickle(registries: readonly LineProcess[]): Promise<void> {
  const end = performance.now() + answerTimeoutMs;
  for (;;) {
    const replies = await Promise.all(
      registries.map((one) => one.ask<SlowRegistryReply>('trickling', answerTimeoutMs)),
    );
    const trickling = replies.reduce((sum, reply) => sum + reply.trickling, 0);
    if (trickling === slowPulls) return;
    if (performance.now() > end) throw new Error(`the host pulls ${trickling} components, not ${slowPulls}`);
    await sleep(20);
  }
}

import { readFile } from 'node:fs/promises';
import { ociClient } from '@lodge/oci';
import type { ComponentName } from '../components.ts';
import type { Row } from '../row.ts';
import type { Run } from '../scenario.ts';
import { median } from '../statistics.ts';
import { type Lattice, startLattice } from './lattice.ts';

/** What is started. */
export const startedComponents: readonly ComponentName[] = ['lean', 'starling'];

/** Milliseconds from the request of a scheduler to the answer that the workload runs. */
export async function measureStarts(run: Run): Promise<readonly Row[]> {
  const { startRegistry } = await import('@lodge-internal/test-registry');
  await using registry = await startRegistry();
  await using lattice = await startLattice({ folder: run.folder, heartbeatIntervalMs: 15_000 });
  await using client = ociClient({ plainHttp: true, dockerConfig: false });
  const rows: Row[] = [];
  for (const component of startedComponents) {
    const file = run.components.get(component);
    if (file === undefined) continue;
    const bytes = await readFile(file);
    const cached: number[] = [];
    const uncached: number[] = [];
    // The first start is that of a fresh process.
    for (let round = 0; round <= run.effort.coldRounds; round++) {
      const image = `${registry.host}/bench/${component}:round-${round}`;
      await client.push(image, withSection(bytes, `round ${round}`));
      const first = await timeStart(lattice, image);
      const second = await timeStart(lattice, image);
      if (round === 0) continue;
      uncached.push(first);
      cached.push(second);
    }
    const row = { scenario: 'scheduler/start', subject: 'lodge', unit: 'ms' } as const;
    rows.push({ ...row, component: `${component} uncached`, value: median(uncached) });
    rows.push({ ...row, component: `${component} cached`, value: median(cached) });
  }
  return rows;
}

/** @throws Error when it does not run */
async function timeStart({ client, hostId }: Lattice, image: string): Promise<number> {
  const workloadId = crypto.randomUUID();
  const component = { name: 'component', image, imagePullPolicy: 'IMAGE_PULL_POLICY_IF_NOT_PRESENT' } as const;
  const http = { namespace: 'wasi', package: 'http', interfaces: ['incoming-handler', 'types'] };
  const config = { host: `${workloadId}.bench.example` };
  const witWorld = { components: [component], hostInterfaces: [{ ...http, config }] };
  const start = performance.now();
  const status = await client.start(hostId, {
    workloadId,
    workload: { namespace: 'bench', name: 'bench', witWorld },
  });
  const elapsed = performance.now() - start;
  if (status.workloadState !== 'WORKLOAD_STATE_RUNNING') throw new Error(status.message);
  await client.stop(hostId, workloadId);
  return elapsed;
}

/** The component with a custom section at its end: it does the same, and nobody has seen its bytes. */
function withSection(bytes: Uint8Array, name: string): Uint8Array {
  const text = Buffer.from(name);
  return Buffer.concat([bytes, Uint8Array.of(0, text.length + 1, text.length), text]);
}

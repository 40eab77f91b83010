import { consoleLogger, createHost, type Engine, type Host } from '@lodge/core';
import { devRouter, httpPlugin } from '@lodge/plugin-http';
import { wasi } from '@lodge/wasi';
import { httpWorkload } from './workload.ts';

/** What a {@link startLodge} serves. */
export interface LodgeServerOptions {
  readonly engine: Engine;
  readonly bytes: Uint8Array;
  /** Instances kept warm; 0: new state for each request. */
  readonly poolSize: number;
}

/** A host with one HTTP component, as an application would make it. */
export async function startLodge({
  engine,
  bytes,
  poolSize,
}: LodgeServerOptions): Promise<{ host: Host; port: number }> {
  const http = httpPlugin({ router: devRouter(), listen: { port: 0 } });
  const host = createHost({ engine, plugins: [wasi(), http], logger: consoleLogger({ level: 'error' }) });
  await host.start();
  const status = await host.workloadStart({
    workloadId: 'bench',
    workload: httpWorkload(bytes, poolSize),
  });
  if (status.state !== 'running' || http.address === undefined) throw new Error(status.message);
  return { host, port: http.address.port };
}

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
  /** Whether memory is limited, of each instance and of all together, so that all of it is counted. */
  readonly isLimited?: boolean;
  /** Whether the guest is looked after so that it gives way to others. */
  readonly isInterruptible?: boolean;
}

const memoryLimitMb = 64;
const maxGuestMemoryBytes = 4_294_967_296;

/** A host with one HTTP component, as an application would make it. */
export async function startLodge({
  engine,
  bytes,
  poolSize,
  isLimited = false,
  isInterruptible = false,
}: LodgeServerOptions): Promise<{ host: Host; port: number }> {
  const http = httpPlugin({ router: devRouter(), listen: { port: 0 } });
  const host = createHost({
    engine,
    plugins: [wasi(), http],
    logger: consoleLogger({ level: 'error' }),
    interruption: isInterruptible ? 'always' : 'never',
    ...(isLimited ? { maxGuestMemoryBytes } : {}),
  });
  await host.start();
  const status = await host.workloadStart({
    workloadId: 'bench',
    workload: httpWorkload(bytes, poolSize, isLimited ? memoryLimitMb : 0),
  });
  if (status.state !== 'running' || http.address === undefined) throw new Error(status.message);
  return { host, port: http.address.port };
}

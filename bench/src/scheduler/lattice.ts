import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SchedulerClient, schedulerClient } from '@lodge/scheduler-protocol';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectBare } from '../capabilities/connect-bare.ts';
import { LineProcess } from '../line-process.ts';
import type { HostReply, HostTask } from './host-process.ts';

const startTimeoutMs = 60_000;

/** How a {@link Lattice} is made. */
export interface LatticeOptions {
  /** For what it writes. Whoever gives it removes it. */
  readonly folder: string;
  readonly heartbeatIntervalMs: number;
}

/** A NATS server, a host in a process of its own, and a scheduler. */
export interface Lattice extends AsyncDisposable {
  readonly hostId: string;
  readonly client: SchedulerClient;
  readonly connection: NatsConnection;
}

/** Starts all of it. @throws Error what is missing on this machine, or what the host said last */
export async function startLattice({ folder, heartbeatIntervalMs }: LatticeOptions): Promise<Lattice> {
  const cleanup = new AsyncDisposableStack();
  try {
    const { startNatsServer } = await import('@lodge-internal/test-nats');
    const server = cleanup.use(await startNatsServer({ jetStream: false }));
    const cacheDir = await mkdtemp(join(folder, 'cache-'));
    const task: HostTask = { natsUrl: server.url, heartbeatIntervalMs, cacheDir };
    const script = fileURLToPath(new URL('./host-process.ts', import.meta.url));
    const host = new LineProcess({ args: [script, JSON.stringify(task)] });
    cleanup.defer(() => host.end());
    const { hostId } = await host.ask<HostReply>(undefined, startTimeoutMs);
    const connection = await connectBare(server.url);
    cleanup.defer(() => connection.close());
    const client = cleanup.use(schedulerClient(connection));
    return { hostId, client, connection, [Symbol.asyncDispose]: () => cleanup.disposeAsync() };
  } catch (error) {
    await cleanup.disposeAsync();
    throw error;
  }
}

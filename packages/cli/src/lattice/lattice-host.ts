import { type ComponentLoader, createHost, type Host, type Logger } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { dynamicRouter, type HttpPlugin, httpPlugin } from '@lodge/plugin-http';
import { wasi } from '@lodge/wasi';
import type { NatsConnection } from '@nats-io/transport-node';
import { capabilities } from '../host/capabilities.js';
import type { HostSettings } from './host-settings.js';
import { systemFacts } from './system-facts.js';

/** What a {@link LatticeHost} is made from. */
export interface LatticeHostOptions {
  readonly settings: HostSettings;
  /** Where components store, publish and log. It stays the caller's. */
  readonly data: NatsConnection;
  readonly loader: ComponentLoader;
  readonly version: string;
  readonly logger: Logger;
}

/** A host that serves workloads by their Host header, with everything that this command carries. */
export interface LatticeHost {
  readonly host: Host;
  readonly http: HttpPlugin;
}

/** Makes a host. It is not started yet. */
export async function createLatticeHost(options: LatticeHostOptions): Promise<LatticeHost> {
  const { settings, data, loader, version, logger } = options;
  const { ca, allowsLoopback, maxConnections } = settings.egress;
  const http = httpPlugin({
    router: dynamicRouter(),
    ...(settings.http !== undefined && { listen: settings.http }),
    egress: { allowsLoopback, maxConnections, ...(ca !== undefined && { ca }) },
    // Workloads have drained before this server stops: what is left are clients that do not take their answers.
    limits: { drainMs: Math.max(50, Math.min(2_000, Math.floor((settings.graceMs - settings.drainDelayMs) / 8))) },
  });
  // All of them now, while NATS is known to be there, and not with the first workload that needs one.
  const others = await Promise.all(
    capabilities.map((capability) => capability.load({ nats: { connection: data }, guestLogger: logger })),
  );
  const host = createHost({
    engine: lodgeEngine({ keepsGrownMemories: settings.keepsGrownMemories }),
    plugins: [wasi(), ...others, http],
    interruption: settings.interruption,
    loader,
    logger,
    labels: settings.labels,
    environment: settings.environment,
    version,
    system: systemFacts(),
    ...(settings.maxGuestMemoryBytes !== undefined && { maxGuestMemoryBytes: settings.maxGuestMemoryBytes }),
    ...(settings.hostname !== undefined && { hostname: settings.hostname }),
  });
  return { host, http };
}

import { arch, platform, totalmem } from 'node:os';
import { type ComponentLoader, consoleLogger, createHost, type Host } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { blobstorePlugin } from '@lodge/plugin-blobstore';
import { dynamicRouter, httpPlugin } from '@lodge/plugin-http';
import { keyValuePlugin } from '@lodge/plugin-keyvalue';
import { messagingPlugin } from '@lodge/plugin-messaging';
import { serveHost } from '@lodge/scheduler-protocol';
import { wasi } from '@lodge/wasi';
import { connectBare } from '../capabilities/connect-bare.ts';

/** How a {@link startHost} is reached, and what it reaches. */
export interface HostOptions {
  readonly natsUrl: string;
  readonly heartbeatIntervalMs?: number;
  readonly loader?: ComponentLoader;
}

/** A host that schedulers find, with the capabilities that one has as a rule. */
export async function startHost({ natsUrl, heartbeatIntervalMs = 15_000, loader }: HostOptions): Promise<Host> {
  const http = httpPlugin({ router: dynamicRouter(), listen: { port: 0 } });
  const host = createHost({
    engine: lodgeEngine(),
    plugins: [wasi(), keyValuePlugin(), blobstorePlugin(), messagingPlugin(), http],
    logger: consoleLogger({ level: 'error' }),
    system: () => ({
      osArch: arch(),
      osName: platform(),
      osKernel: 'unix',
      systemCpuUsage: 12.345678,
      systemMemoryTotal: totalmem(),
      systemMemoryFree: totalmem() / 2,
    }),
    ...(loader !== undefined && { loader }),
  });
  await host.start();
  await serveHost(host, await connectBare(natsUrl), { heartbeatIntervalMs });
  return host;
}

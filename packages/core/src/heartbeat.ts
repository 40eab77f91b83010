import type { HostHeartbeat, HostOptions, SystemFacts, WitInterface } from './host.js';
import { parseInterfaceId } from './interface-id.js';
import type { Logger } from './logger.js';
import type { HostInfo, HostPlugin } from './plugin.js';

/** What a heartbeat is made of. */
export interface HeartbeatSources {
  readonly info: HostInfo;
  readonly startedAt: Date;
  readonly plugins: readonly HostPlugin[];
  readonly options: Pick<HostOptions, 'hostname' | 'environment' | 'system'>;
  readonly logger: Logger;
  readonly componentCount: number;
  readonly workloadCount: number;
}

const noFacts: SystemFacts = {
  osArch: '',
  osName: '',
  osKernel: '',
  systemCpuUsage: 0,
  systemMemoryTotal: 0,
  systemMemoryFree: 0,
};

/** Plain data, whatever plugins and the system answer: a heartbeat that fails is a host that is taken for dead. */
export function composeHeartbeat(sources: HeartbeatSources): HostHeartbeat {
  const { info, options, plugins, logger } = sources;
  const facts = attempt(() => options.system?.(), logger) ?? noFacts;
  return {
    id: info.id,
    hostname: options.hostname ?? facts.hostname ?? 'localhost',
    friendlyName: info.friendlyName,
    version: info.version,
    labels: { ...info.labels },
    startedAt: sources.startedAt.toISOString(),
    osArch: facts.osArch,
    osName: facts.osName,
    osKernel: facts.osKernel,
    systemCpuUsage: facts.systemCpuUsage,
    systemMemoryTotal: facts.systemMemoryTotal,
    systemMemoryFree: facts.systemMemoryFree,
    componentCount: sources.componentCount,
    workloadCount: sources.workloadCount,
    imports: toWitInterfaces(plugins.flatMap(({ world }) => world.provides.map(({ id }) => id))),
    exports: toWitInterfaces(plugins.flatMap(({ world }) => (world.calls ?? []).map(({ id }) => id))),
    httpPort: httpPort(plugins, logger),
    environment: options.environment ?? '',
  };
}

function httpPort(plugins: readonly HostPlugin[], logger: Logger): number {
  for (const plugin of plugins) {
    const port = attempt(() => plugin.describe?.().httpPort, logger);
    if (port !== undefined) return port;
  }
  return 0;
}

function attempt<T>(ask: () => T, logger: Logger): T | undefined {
  try {
    return ask();
  } catch (error) {
    logger.log('warn', 'a fact for the heartbeat is missing', { error });
    return undefined;
  }
}

/** One entry per package and version. */
function toWitInterfaces(ids: readonly string[]): WitInterface[] {
  const grouped = new Map<string, WitInterface & { readonly interfaces: string[] }>();
  for (const text of ids) {
    const id = parseInterfaceId(text);
    if (id === undefined) continue;
    const { namespace, package: packageName, version, interfaces } = id;
    const key = `${namespace}:${packageName}@${version ?? ''}`;
    const known = grouped.get(key);
    if (known === undefined) {
      const entry = { namespace, package: packageName, interfaces: [...interfaces] };
      grouped.set(key, version === undefined ? entry : { ...entry, version });
    } else {
      known.interfaces.push(...interfaces.filter((name) => !known.interfaces.includes(name)));
    }
  }
  return [...grouped.values()];
}

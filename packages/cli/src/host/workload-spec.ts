import type {
  ComponentShape,
  HostInterfaceSpec,
  HostPlugin,
  InterfaceShape,
  LocalResources,
  WorkloadSpec,
} from '@lodge/core';
import { parseInterfaceId } from '@lodge/core';
import { findServer } from './plugins.js';

/** What one component becomes a workload with. */
export interface WorkloadSettings {
  readonly bytes: Uint8Array;
  readonly shape: ComponentShape;
  readonly plugins: readonly HostPlugin[];
  readonly resources: LocalResources;
  readonly poolSize?: number;
  readonly maxInvocations?: number;
}

/** A workload of one component that is called from outside. */
export function componentWorkload(settings: WorkloadSettings): WorkloadSpec {
  const { bytes, resources, poolSize, maxInvocations } = settings;
  return {
    ...identity,
    components: [
      {
        name: 'component',
        source: { bytes },
        localResources: resources,
        ...(poolSize !== undefined && { poolSize }),
        ...(maxInvocations !== undefined && { maxInvocations }),
      },
    ],
    hostInterfaces: grantedInterfaces(settings),
  };
}

/** A workload of one command that runs once. */
export function commandWorkload(settings: WorkloadSettings): WorkloadSpec {
  const { bytes, resources } = settings;
  return {
    ...identity,
    service: { source: { bytes }, localResources: resources, maxRestarts: 0 },
    hostInterfaces: grantedInterfaces(settings),
  };
}

const identity = { namespace: 'default', name: 'lodge' } as const;

/**
 * What a manifest would grant: every interface that the component imports and a plugin gives, and every one that it exports and
 * a plugin calls, one entry for each package and label. Versions are left open, since core matches each import by itself.
 */
export function grantedInterfaces({
  shape,
  plugins,
}: Pick<WorkloadSettings, 'shape' | 'plugins'>): HostInterfaceSpec[] {
  const entries = new Map<string, { namespace: string; package: string; interfaces: string[]; name?: string }>();
  const wanted = [
    ...shape.imports.filter((item) => item.id !== undefined && findServer(item.id, plugins)?.isAmbient === false),
    ...shape.exports.filter((item) => item.id !== undefined && isCalled(item, plugins)),
  ];
  for (const { id, externName } of wanted) {
    const parsed = id === undefined ? undefined : parseInterfaceId(id);
    if (parsed === undefined) continue;
    const label = externName.includes(':') ? undefined : externName;
    const key = JSON.stringify([parsed.namespace, parsed.package, label]);
    const entry = entries.get(key) ?? {
      namespace: parsed.namespace,
      package: parsed.package,
      interfaces: [],
      ...(label !== undefined && { name: label }),
    };
    entry.interfaces.push(...parsed.interfaces.filter((name) => !entry.interfaces.includes(name)));
    entries.set(key, entry);
  }
  return [...entries.values()];
}

function isCalled({ id }: InterfaceShape, plugins: readonly HostPlugin[]): boolean {
  const name = id?.replace(/@.*$/, '');
  return plugins.some((plugin) => plugin.world.calls?.some((called) => called.replace(/@.*$/, '') === name));
}

import { serviceName } from '../spec/workload-spec.js';
import type { ComponentInfo, ComponentSource, LocalResources, WorkloadInfo, WorkloadSpec } from '../workload.js';

/** A component of a spec, with the identity it has from now on. */
export interface PlannedComponent {
  readonly component: ComponentInfo;
  readonly source: ComponentSource;
  /** 0: no pool. */
  readonly poolSize: number;
  /** 0: no bound. */
  readonly maxInvocations: number;
}

/** The components in manifest order, the service last. */
export function planComponents(workload: WorkloadInfo, spec: WorkloadSpec): PlannedComponent[] {
  const planned: PlannedComponent[] = (spec.components ?? []).map((entry) => {
    const poolSize = Math.max(0, entry.poolSize ?? 0);
    const maxInvocations = Math.max(0, entry.maxInvocations ?? 0);
    const component: ComponentInfo = Object.freeze({
      name: entry.name,
      kind: 'component',
      workload,
      localResources: completeResources(entry.localResources),
      // WASI 0.2 runs one call at a time on an instance, so `maxConcurrency` multiplies nothing yet.
      callConcurrency: poolSize,
    });
    return { component, source: entry.source, poolSize, maxInvocations };
  });
  if (spec.service !== undefined) {
    const component: ComponentInfo = Object.freeze({
      name: serviceName,
      kind: 'service',
      workload,
      localResources: completeResources(spec.service.localResources),
      callConcurrency: 0,
    });
    planned.push({ component, source: spec.service.source, poolSize: 0, maxInvocations: 0 });
  }
  return planned;
}

function completeResources(given: LocalResources = {}): Required<LocalResources> {
  return Object.freeze({
    memoryLimitMb: given.memoryLimitMb ?? -1,
    cpuLimit: given.cpuLimit ?? -1,
    config: given.config ?? emptyRecord(),
    environment: given.environment ?? emptyRecord(),
    arguments: given.arguments ?? [],
    volumeMounts: given.volumeMounts ?? [],
    allowedHosts: given.allowedHosts ?? [],
    allowedIpNameLookups: given.allowedIpNameLookups ?? [],
    allowedHostLoopbackPorts: given.allowedHostLoopbackPorts ?? [],
  });
}

function emptyRecord(): Readonly<Record<string, string>> {
  return Object.freeze(Object.create(null));
}

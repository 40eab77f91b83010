import type { ComponentShape, ComponentSpec, HostInterfaceSpec, LocalResources, WorkloadSpec } from '@lodge/core';
import { defaultIdentity, type WorkloadIdentity } from '../config/project.js';
import { type Grants, grantedInterfaces } from './granted-interfaces.js';
import type { KnownPlugin } from './plugins.js';

/** One component of a workload. */
export interface ComponentSettings {
  /** Unique in its workload. @default 'component' */
  readonly name?: string;
  readonly bytes: Uint8Array;
  readonly shape: ComponentShape;
  readonly resources: LocalResources;
  readonly poolSize?: number | undefined;
  readonly maxInvocations?: number | undefined;
}

/** What grants are made from, besides the components. */
export interface WorkloadSettings {
  readonly plugins: readonly KnownPlugin[];
  /** @default namespace `default`, name `lodge` */
  readonly identity?: WorkloadIdentity;
  /** What the project says itself. */
  readonly hostInterfaces?: readonly HostInterfaceSpec[];
}

/** A workload, and which entries of the project it has no use for. */
export interface PlannedWorkload {
  readonly spec: WorkloadSpec;
  readonly unused: Grants['unused'];
}

/** A workload of components that are called from outside. */
export function componentWorkload(
  components: readonly ComponentSettings[],
  { plugins, identity = defaultIdentity, hostInterfaces: entries = [] }: WorkloadSettings,
): PlannedWorkload {
  const shapes = components.map(({ shape }) => shape);
  const { hostInterfaces, unused } = grantedInterfaces({ shapes, plugins, entries });
  return { spec: { ...identity, components: components.map(componentSpec), hostInterfaces }, unused };
}

/** A workload of one command that runs once. */
export function commandWorkload(
  { bytes, shape, resources }: ComponentSettings,
  { plugins }: WorkloadSettings,
): WorkloadSpec {
  const { hostInterfaces } = grantedInterfaces({ shapes: [shape], plugins });
  return {
    ...defaultIdentity,
    service: { source: { bytes }, localResources: resources, maxRestarts: 0 },
    hostInterfaces,
  };
}

function componentSpec(settings: ComponentSettings): ComponentSpec {
  const { name = 'component', bytes, resources, poolSize, maxInvocations } = settings;
  return {
    name,
    source: { bytes },
    localResources: resources,
    ...(poolSize !== undefined && { poolSize }),
    ...(maxInvocations !== undefined && { maxInvocations }),
  };
}

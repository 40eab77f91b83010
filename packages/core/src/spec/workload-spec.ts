import { isVersion, isWitName } from '../interface-id.js';
import type { WorkloadSpec } from '../workload.js';
import {
  boolean,
  bytes,
  type Check,
  integer,
  listOf,
  object,
  oneOf,
  specError,
  text,
  textMatching,
  textRecord,
} from './schema.js';

const name = text({ minLength: 1, maxLength: 256 });
const isPackageName = (value: string): boolean => value.split(/[:/]/).every(isWitName);

const bytesSource = object({ bytes }, { digest: text({ minLength: 1, maxLength: 256 }) });
const imageSource = object(
  { image: text({ minLength: 1, maxLength: 4096 }) },
  {
    pullPolicy: oneOf(['always', 'if-not-present', 'never']),
    pullSecret: object({ username: text(), password: text() }, {}),
  },
);
const source: Check<ReturnType<typeof bytesSource> | ReturnType<typeof imageSource>> = (value, path) => {
  const isObject = typeof value === 'object' && value !== null;
  if (isObject && 'bytes' in value && 'image' in value) throw specError(path, 'must have bytes or image, not both');
  return isObject && 'bytes' in value ? bytesSource(value, path) : imageSource(value, path);
};

const localResources = object(
  {},
  {
    memoryLimitMb: integer,
    cpuLimit: integer,
    config: textRecord,
    environment: textRecord,
    arguments: listOf(text()),
    volumeMounts: listOf(object({ name, mountPath: text({ minLength: 1, maxLength: 4096 }) }, { readOnly: boolean })),
    allowedHosts: listOf(text({ minLength: 1, maxLength: 1024 })),
    allowedIpNameLookups: listOf(text({ minLength: 1, maxLength: 1024 })),
    allowedHostLoopbackPorts: listOf(text({ minLength: 1, maxLength: 64 })),
  },
);

const component = object(
  { name, source },
  { localResources, poolSize: integer, maxInvocations: integer, maxConcurrency: integer },
);

const hostInterface = object(
  {
    namespace: textMatching(isPackageName, 'a WIT namespace such as wasi'),
    package: textMatching(isPackageName, 'a WIT package name such as http'),
    interfaces: listOf(textMatching(isWitName, 'a WIT interface name such as incoming-handler')),
  },
  { version: textMatching(isVersion, 'a semantic version such as 0.2.0'), config: textRecord, name },
);

const workload: Check<WorkloadSpec> = object(
  { namespace: text({ maxLength: 256 }), name: text({ maxLength: 256 }) },
  {
    annotations: textRecord,
    components: listOf(component),
    service: object({ source }, { localResources, maxRestarts: integer }),
    hostInterfaces: listOf(hostInterface),
    volumes: listOf(object({ name }, { hostPath: text({ minLength: 1, maxLength: 4096 }) })),
  },
);

/** The name by which the service of a workload goes among its components. */
export const serviceName = 'service';

/**
 * Checks a workload spec and answers with a frozen copy; only bytes are not copied.
 *
 * @throws HostError `ERR_SPEC_INVALID` with the `path` of the offending key in its details.
 */
export function parseWorkloadSpec(value: unknown): WorkloadSpec {
  const spec = workload(value, '');
  checkComponentNames(spec);
  checkVolumes(spec);
  return spec;
}

function checkComponentNames(spec: WorkloadSpec): void {
  const taken = new Map<string, string>();
  if (spec.service !== undefined) taken.set(serviceName, 'the service');
  for (const [index, { name: componentName }] of (spec.components ?? []).entries()) {
    const path = `components[${index}].name`;
    const other = taken.get(componentName);
    if (other !== undefined) throw specError(path, `is the name of ${other} too; names in a workload are unique`);
    taken.set(componentName, path);
  }
}

function checkVolumes(spec: WorkloadSpec): void {
  const volumes = new Set<string>();
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    if (volumes.has(volume.name)) throw specError(`volumes[${index}].name`, 'is taken; volume names are unique');
    volumes.add(volume.name);
  }
  const units = (spec.components ?? []).map((unit, index) => ({ unit, path: `components[${index}]` }));
  const all = spec.service === undefined ? units : [...units, { unit: spec.service, path: 'service' }];
  for (const { unit, path } of all) {
    for (const [index, mount] of (unit.localResources?.volumeMounts ?? []).entries()) {
      if (volumes.has(mount.name)) continue;
      throw specError(`${path}.localResources.volumeMounts[${index}].name`, 'names no volume of the workload');
    }
  }
}

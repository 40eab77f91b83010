import type { Component, MessageInit, Volume, Workload } from '@lodge/scheduler-protocol';
import type { ImageSpec, VolumeSpec, WorkloadSpec } from './workload-spec.js';

/** A workload as a manifest has it. */
export interface NamedWorkload {
  readonly name: string;
  readonly namespace: string;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly spec: WorkloadSpec;
}

/** Puts a workload the way a host is told of it; members that are not given stay away. */
export function toWorkload({ name, namespace, annotations, spec }: NamedWorkload): MessageInit<Workload> {
  const { components = [], hostInterfaces = [], service, volumes = [] } = spec;
  return {
    namespace,
    name,
    annotations,
    witWorld: {
      components: components.map(({ name, poolSize, maxInvocations, maxConcurrency, ...image }) => ({
        name,
        poolSize,
        maxInvocations,
        maxConcurrency,
        ...toImage(image),
      })),
      hostInterfaces: hostInterfaces.map(({ name, namespace, package: packageName, interfaces, version, config }) => ({
        name,
        namespace,
        package: packageName,
        interfaces,
        version,
        config,
      })),
    },
    service: service && { ...toImage(service), maxRestarts: BigInt(service.maxRestarts ?? 0) },
    volumes: volumes.map(toVolume),
  };
}

function toImage(spec: ImageSpec): Pick<MessageInit<Component>, 'image' | 'imagePullPolicy' | 'localResources'> {
  const { image, imagePullPolicy, localResources: { environment, ...resources } = {} } = spec;
  return {
    image,
    imagePullPolicy: imagePullPolicy && pullPolicies[imagePullPolicy],
    localResources: spec.localResources && { ...resources, environment: environment?.config },
  };
}

const pullPolicies = {
  Always: 'IMAGE_PULL_POLICY_ALWAYS',
  IfNotPresent: 'IMAGE_PULL_POLICY_IF_NOT_PRESENT',
  Never: 'IMAGE_PULL_POLICY_NEVER',
} as const;

function toVolume({ name, hostPath }: VolumeSpec): MessageInit<Volume> {
  return hostPath === undefined ? { name, emptyDir: {} } : { name, hostPath: { localPath: hostPath.path } };
}

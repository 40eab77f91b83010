import {
  type ComponentSpec,
  type HostInterfaceSpec,
  type ImageSource,
  isVersion,
  type LocalResources as LocalResourcesSpec,
  type PullPolicy,
  type ServiceSpec,
  type WorkloadSpec,
} from '@lodge/core';
import type { WitInterface } from '../messages/wit-interface.js';
import type { Component, ImagePullPolicy, LocalResources, Service, Workload } from '../messages/workload.js';

/** The largest number of restarts that a host counts. */
const maxRestarts = 2 ** 31 - 1;

/** A workload of the host API in the terms of the host. Without a `witWorld` it has no components. */
export function toWorkloadSpec(workload: Workload): WorkloadSpec {
  const { namespace, name, annotations, service, witWorld, volumes } = workload;
  return {
    namespace,
    name,
    annotations,
    components: (witWorld?.components ?? []).map(toComponentSpec),
    hostInterfaces: (witWorld?.hostInterfaces ?? []).map(toHostInterfaceSpec),
    volumes: volumes.map((volume) =>
      volume.hostPath === undefined
        ? { name: volume.name }
        : { name: volume.name, hostPath: volume.hostPath.localPath },
    ),
    ...(service === undefined ? {} : { service: toServiceSpec(service) }),
  };
}

function toComponentSpec(component: Component): ComponentSpec {
  const { name, poolSize, maxInvocations, maxConcurrency } = component;
  return {
    name,
    source: toImageSource(component),
    poolSize,
    maxInvocations,
    maxConcurrency,
    ...toResources(component),
  };
}

function toServiceSpec(service: Service): ServiceSpec {
  // Clamped: no service lives to see the difference.
  const restarts = service.maxRestarts > maxRestarts ? maxRestarts : Number(service.maxRestarts);
  return { source: toImageSource(service), maxRestarts: restarts, ...toResources(service) };
}

function toImageSource({ image, imagePullPolicy, imagePullSecret }: Component | Service): ImageSource {
  const source = { image, pullPolicy: pullPolicies[imagePullPolicy] };
  return imagePullSecret === undefined ? source : { ...source, pullSecret: imagePullSecret };
}

const pullPolicies: Readonly<Record<ImagePullPolicy, PullPolicy>> = {
  IMAGE_PULL_POLICY_UNSPECIFIED: 'if-not-present',
  IMAGE_PULL_POLICY_ALWAYS: 'always',
  IMAGE_PULL_POLICY_IF_NOT_PRESENT: 'if-not-present',
  IMAGE_PULL_POLICY_NEVER: 'never',
};

function toResources({ localResources }: { readonly localResources?: LocalResources }): {
  readonly localResources?: LocalResourcesSpec;
} {
  return localResources === undefined ? {} : { localResources: { ...localResources } };
}

/** A version that is none matches any, as does an empty one. */
function toHostInterfaceSpec(given: WitInterface): HostInterfaceSpec {
  const { namespace, package: packageName, interfaces, config, version, name } = given;
  return {
    namespace,
    package: packageName,
    interfaces,
    config,
    ...(isVersion(version) ? { version } : {}),
    ...(name === '' ? {} : { name }),
  };
}

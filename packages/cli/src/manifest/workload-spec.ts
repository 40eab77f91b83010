/** The `spec` of a workload, as the custom resources of wasmCloud have it, without what only Kubernetes can resolve. */
export interface WorkloadSpec {
  /** Labels of the hosts that will do. */
  readonly hostSelector?: Readonly<Record<string, string>> | undefined;
  readonly hostId?: string | undefined;
  readonly environment?: string | undefined;
  readonly components?: readonly ComponentSpec[] | undefined;
  readonly hostInterfaces?: readonly HostInterfaceSpec[] | undefined;
  readonly service?: ServiceSpec | undefined;
  readonly volumes?: readonly VolumeSpec[] | undefined;
}

/** What a component and a service have in common. */
export interface ImageSpec {
  readonly image: string;
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never' | undefined;
  readonly localResources?: LocalResourcesSpec | undefined;
}

/** See {@link WorkloadSpec.components}. */
export interface ComponentSpec extends ImageSpec {
  readonly name: string;
  readonly poolSize?: number | undefined;
  readonly maxInvocations?: number | undefined;
  readonly maxConcurrency?: number | undefined;
}

/** See {@link WorkloadSpec.service}. */
export interface ServiceSpec extends ImageSpec {
  readonly maxRestarts?: number | undefined;
}

/** What a component is given. */
export interface LocalResourcesSpec {
  readonly volumeMounts?:
    | readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean | undefined }[]
    | undefined;
  readonly environment?: { readonly config?: Readonly<Record<string, string>> | undefined } | undefined;
  readonly config?: Readonly<Record<string, string>> | undefined;
  readonly allowedHosts?: readonly string[] | undefined;
  readonly allowedIpNameLookups?: readonly string[] | undefined;
  readonly allowedHostLoopbackPorts?: readonly string[] | undefined;
}

/** See {@link WorkloadSpec.hostInterfaces}. */
export interface HostInterfaceSpec {
  readonly name?: string | undefined;
  readonly namespace: string;
  readonly package: string;
  readonly interfaces: readonly string[];
  readonly version?: string | undefined;
  readonly config?: Readonly<Record<string, string>> | undefined;
}

/** See {@link WorkloadSpec.volumes}. */
export interface VolumeSpec {
  readonly name: string;
  readonly hostPath?: { readonly path: string } | undefined;
}

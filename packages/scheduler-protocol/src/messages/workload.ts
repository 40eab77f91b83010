import { listOf, textMap } from '../protojson/containers.js';
import { type MessageType, message } from '../protojson/message-type.js';
import { bool, enumOf, int32, string, uint64 } from '../protojson/scalars.js';
import { type WitInterface, witInterface } from './wit-interface.js';

/** When a host may use what it has fetched before. Unspecified: if present. */
export type ImagePullPolicy =
  | 'IMAGE_PULL_POLICY_UNSPECIFIED'
  | 'IMAGE_PULL_POLICY_ALWAYS'
  | 'IMAGE_PULL_POLICY_IF_NOT_PRESENT'
  | 'IMAGE_PULL_POLICY_NEVER';

/** A workload as a scheduler describes it. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** The one long-lived component. */
  readonly service?: Service;
  readonly witWorld?: WitWorld;
  readonly volumes: readonly Volume[];
}

/** See {@link Workload.service}. */
export interface Service {
  /** An OCI reference. */
  readonly image: string;
  readonly localResources?: LocalResources;
  /** Restarts after a failure, in all. */
  readonly maxRestarts: bigint;
  readonly imagePullSecret?: ImagePullSecret;
  readonly imagePullPolicy: ImagePullPolicy;
}

/** The components of a workload, and the capabilities it is given. */
export interface WitWorld {
  readonly components: readonly Component[];
  readonly hostInterfaces: readonly WitInterface[];
}

/** A component that is instantiated on demand. */
export interface Component {
  /** An OCI reference. */
  readonly image: string;
  /** Unset: everything is denied. */
  readonly localResources?: LocalResources;
  /** Instances kept warm; 0 or less: new state for every call. */
  readonly poolSize: number;
  /** Calls a warm instance serves before it is replaced; 0 or less: no bound. */
  readonly maxInvocations: number;
  readonly imagePullSecret?: ImagePullSecret;
  /** Unique in its workload. */
  readonly name: string;
  readonly imagePullPolicy: ImagePullPolicy;
  /** Calls at a time on one instance; 0 or less: 1. */
  readonly maxConcurrency: number;
}

/** What one component is given and limited to. */
export interface LocalResources {
  /** Mebibytes; 0 or less: the host's own limit. */
  readonly memoryLimitMb: number;
  /** 0 or less: no limit. */
  readonly cpuLimit: number;
  readonly config: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly volumeMounts: readonly VolumeMount[];
  /** Hosts that outgoing HTTP may reach. */
  readonly allowedHosts: readonly string[];
  readonly allowedIpNameLookups: readonly string[];
  readonly allowedHostLoopbackPorts: readonly string[];
}

/** A directory of a workload: one of the host, or an empty one. */
export interface Volume {
  readonly name: string;
  readonly hostPath?: HostPathVolume;
  readonly emptyDir?: EmptyDirVolume;
}

/** A volume as a component sees it. */
export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly: boolean;
}

/** A directory that lives as long as the workload. It has no fields. */
export type EmptyDirVolume = Readonly<Record<never, never>>;

/** A directory of the host. */
export interface HostPathVolume {
  readonly localPath: string;
}

/** Credentials for one image. */
export interface ImagePullSecret {
  readonly username: string;
  readonly password: string;
}

/** {@link ImagePullSecret} on the wire. */
export const imagePullSecret: MessageType<ImagePullSecret> = message<ImagePullSecret>('ImagePullSecret', {
  username: string,
  password: string,
});

const imagePullPolicy = enumOf([
  'IMAGE_PULL_POLICY_UNSPECIFIED',
  'IMAGE_PULL_POLICY_ALWAYS',
  'IMAGE_PULL_POLICY_IF_NOT_PRESENT',
  'IMAGE_PULL_POLICY_NEVER',
]);

/** {@link VolumeMount} on the wire. */
export const volumeMount: MessageType<VolumeMount> = message<VolumeMount>('VolumeMount', {
  name: string,
  mountPath: string,
  readOnly: bool,
});

/** {@link LocalResources} on the wire. */
export const localResources: MessageType<LocalResources> = message<LocalResources>('LocalResources', {
  memoryLimitMb: int32,
  cpuLimit: int32,
  config: textMap,
  environment: textMap,
  volumeMounts: listOf(volumeMount),
  allowedHosts: listOf(string),
  allowedIpNameLookups: listOf(string),
  allowedHostLoopbackPorts: listOf(string),
});

/** {@link Component} on the wire. */
export const component: MessageType<Component> = message<Component>('Component', {
  image: string,
  localResources,
  poolSize: int32,
  maxInvocations: int32,
  imagePullSecret,
  name: string,
  imagePullPolicy,
  maxConcurrency: int32,
});

/** {@link Service} on the wire. */
export const service: MessageType<Service> = message<Service>('Service', {
  image: string,
  localResources,
  maxRestarts: uint64,
  imagePullSecret,
  imagePullPolicy,
});

/** {@link WitWorld} on the wire. */
export const witWorld: MessageType<WitWorld> = message<WitWorld>('WitWorld', {
  components: listOf(component),
  hostInterfaces: listOf(witInterface),
});

/** {@link EmptyDirVolume} on the wire. */
export const emptyDirVolume: MessageType<EmptyDirVolume> = message<EmptyDirVolume>('EmptyDirVolume', {});

/** {@link HostPathVolume} on the wire. */
export const hostPathVolume: MessageType<HostPathVolume> = message<HostPathVolume>('HostPathVolume', {
  localPath: string,
});

/** {@link Volume} on the wire. */
export const volume: MessageType<Volume> = message<Volume>(
  'Volume',
  { name: string, hostPath: hostPathVolume, emptyDir: emptyDirVolume },
  ['hostPath', 'emptyDir'],
);

/** {@link Workload} on the wire. */
export const workload: MessageType<Workload> = message<Workload>('Workload', {
  namespace: string,
  name: string,
  annotations: textMap,
  service,
  witWorld,
  volumes: listOf(volume),
});

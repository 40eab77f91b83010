export type { HostChange, HostChangesOptions } from './client/host-changes.js';
export type { KnownHost } from './client/host-directory.js';
export { type HostRequirements, pickHost } from './client/pick-host.js';
export {
  type RequestOptions,
  type SchedulerClient,
  type SchedulerClientOptions,
  schedulerClient,
} from './client/scheduler-client.js';
export { type ServedHost, type ServeHostOptions, serveHost } from './host/serve-host.js';
export { checkHostGroup, checkLabels } from './labels.js';
export {
  type HostHeartbeat,
  type HostHeartbeatRequest,
  hostHeartbeat,
  hostHeartbeatRequest,
} from './messages/host-heartbeat.js';
export { type WitInterface, witInterface } from './messages/wit-interface.js';
export {
  type Component,
  component,
  type EmptyDirVolume,
  emptyDirVolume,
  type HostPathVolume,
  hostPathVolume,
  type ImagePullPolicy,
  type ImagePullSecret,
  imagePullSecret,
  type LocalResources,
  localResources,
  type Service,
  service,
  type Volume,
  type VolumeMount,
  volume,
  volumeMount,
  type WitWorld,
  type Workload,
  witWorld,
  workload,
} from './messages/workload.js';
export {
  type WorkloadStartRequest,
  type WorkloadStartResponse,
  type WorkloadState,
  type WorkloadStatus,
  type WorkloadStatusRequest,
  type WorkloadStatusResponse,
  type WorkloadStopRequest,
  type WorkloadStopResponse,
  workloadStartRequest,
  workloadStartResponse,
  workloadStatus,
  workloadStatusRequest,
  workloadStatusResponse,
  workloadStopRequest,
  workloadStopResponse,
} from './messages/workload-service.js';
export { type DecodeOptions, decodeMessage, encodeMessage } from './protojson/codec.js';
export type { FieldType, JsonValue } from './protojson/field-type.js';
export type { MessageInit, MessageType } from './protojson/message-type.js';
export { commandSubject, type HostCommand, heartbeatSubject, heartbeatWildcard, hostSubject } from './subjects.js';

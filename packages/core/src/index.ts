export type { PluginBackend } from './backends.js';
export { startBackends, stopBackends } from './backends.js';
export { createHost } from './create-host.js';
export type {
  CompiledComponent,
  CompileOptions,
  ComponentExports,
  ComponentImports,
  ComponentInstance,
  ComponentLink,
  ComponentUnit,
  Engine,
  EngineCallOptions,
  EngineSupport,
  GuestFunction,
  InstanceLimits,
  InterfaceImports,
  LinkedComponent,
  StateRenewal,
} from './engine.js';
export type { HostErrorCode, HostErrorOptions } from './errors.js';
export { GuestExit, GuestFault, HostError, hostErrorCodes, WitError } from './errors.js';
export type {
  FailureInfo,
  Host,
  HostEvents,
  HostHeartbeat,
  HostOptions,
  HostUsage,
  InterruptionMode,
  ServiceEndEvent,
  ServiceRestartEvent,
  StartOptions,
  StopOptions,
  SystemFacts,
  WitInterface,
  WorkloadEvent,
  WorkloadStartRequest,
  WorkloadUsage,
} from './host.js';
export type { InterfaceId, ParsedInterfaceId } from './interface-id.js';
export {
  formatInterfaceId,
  isInterfaceId,
  isVersion,
  isWitName,
  matchesInterface,
  matchesVersion,
  parseInterfaceId,
} from './interface-id.js';
export { interfaceSignatures } from './interface-signatures.js';
export type { ComponentLoader, LoadOptions } from './loader.js';
export type { ConsoleLoggerOptions, LogFields, Logger, LogLevel } from './logger.js';
export { consoleLogger, silentLogger, withFields } from './logger.js';
export type {
  CalledInterface,
  CallOptions,
  ComponentBinding,
  ExportHandle,
  FunctionSignatures,
  HookOptions,
  HostInfo,
  HostPlugin,
  InterfaceRequest,
  InvokeOptions,
  PluginContext,
  PluginDescription,
  PluginWorld,
  ProvidedInterface,
  ResolvedWorkload,
  Shared,
} from './plugin.js';
export type { CallScope, Cleanup, InstanceScope } from './scope.js';
export type {
  ComponentShape,
  FunctionKind,
  FunctionShape,
  InterfaceShape,
  NamedType,
  PrimitiveKind,
  ResourceOwner,
  TypeShape,
  VariantCase,
} from './shape.js';
export type {
  BytesSource,
  ComponentInfo,
  ComponentSource,
  ComponentSpec,
  HostInterfaceSpec,
  ImageSource,
  LocalResources,
  PullPolicy,
  PullSecret,
  ServiceSpec,
  VolumeMountSpec,
  VolumeSpec,
  WorkloadInfo,
  WorkloadSpec,
  WorkloadState,
  WorkloadStatus,
} from './workload.js';

import { listOf, textMap } from '../protojson/containers.js';
import { float } from '../protojson/float.js';
import { type MessageType, message } from '../protojson/message-type.js';
import { string, uint32, uint64 } from '../protojson/scalars.js';
import { timestamp } from '../protojson/timestamp.js';
import { type WitInterface, witInterface } from './wit-interface.js';

/** What a host says of itself, every 15 seconds and when asked. */
export interface HostHeartbeat {
  /** One token of a NATS subject. */
  readonly id: string;
  /** The address under which others reach the host. */
  readonly hostname: string;
  /** A lower-case RFC 1123 name. */
  readonly friendlyName: string;
  readonly version: string;
  /** With `hostgroup`. */
  readonly labels: Readonly<Record<string, string>>;
  /** RFC 3339, UTC, to the nanosecond. */
  readonly startedAt?: string;
  readonly osArch: string;
  readonly osName: string;
  readonly osKernel: string;
  /** Percent, in 32 bits. */
  readonly systemCpuUsage: number;
  /** Bytes. */
  readonly systemMemoryTotal: bigint;
  /** Bytes. */
  readonly systemMemoryFree: bigint;
  /** Components of running workloads, services not counted. */
  readonly componentCount: bigint;
  /** Workloads in any state. */
  readonly workloadCount: bigint;
  /** What the host gives to components. */
  readonly imports: readonly WitInterface[];
  /** What the host calls of components. */
  readonly exports: readonly WitInterface[];
  /** Where workloads are reached over HTTP; 0: they are not. */
  readonly httpPort: number;
  readonly environment: string;
}

/** Part of the protocol's files; heartbeats travel without this envelope. */
export interface HostHeartbeatRequest {
  readonly heartbeat?: HostHeartbeat;
}

/** {@link HostHeartbeat} on the wire. */
export const hostHeartbeat: MessageType<HostHeartbeat> = message<HostHeartbeat>('HostHeartbeat', {
  id: string,
  hostname: string,
  friendlyName: string,
  version: string,
  labels: textMap,
  startedAt: timestamp,
  osArch: string,
  osName: string,
  osKernel: string,
  systemCpuUsage: float,
  systemMemoryTotal: uint64,
  systemMemoryFree: uint64,
  componentCount: uint64,
  workloadCount: uint64,
  imports: listOf(witInterface),
  exports: listOf(witInterface),
  httpPort: uint32,
  environment: string,
});

/** {@link HostHeartbeatRequest} on the wire. */
export const hostHeartbeatRequest: MessageType<HostHeartbeatRequest> = message<HostHeartbeatRequest>(
  'HostHeartbeatRequest',
  { heartbeat: hostHeartbeat },
);

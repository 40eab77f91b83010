import type { Host, WitInterface as HostWitInterface } from '@lodge/core';
import { hostGroupLabel } from '../labels.js';
import type { HostHeartbeat } from '../messages/host-heartbeat.js';
import type { WitInterface } from '../messages/wit-interface.js';
import type { MessageInit } from '../protojson/message-type.js';

/** What a host says of itself, in the form of the host API. What the system answers that is no such number counts as 0. */
export function toHeartbeat(host: Host, hostGroup: string): MessageInit<HostHeartbeat> {
  const heartbeat = host.heartbeat();
  const { systemCpuUsage, httpPort } = heartbeat;
  return {
    id: heartbeat.id,
    hostname: heartbeat.hostname.toWellFormed(),
    friendlyName: heartbeat.friendlyName,
    version: heartbeat.version.toWellFormed(),
    labels: { ...heartbeat.labels, [hostGroupLabel]: hostGroup },
    startedAt: heartbeat.startedAt,
    osArch: heartbeat.osArch,
    osName: heartbeat.osName,
    osKernel: heartbeat.osKernel,
    systemCpuUsage: Number.isFinite(Math.fround(systemCpuUsage)) ? systemCpuUsage : 0,
    systemMemoryTotal: toCount(heartbeat.systemMemoryTotal),
    systemMemoryFree: toCount(heartbeat.systemMemoryFree),
    componentCount: toCount(heartbeat.componentCount),
    workloadCount: toCount(heartbeat.workloadCount),
    imports: heartbeat.imports.map(toWitInterface),
    exports: heartbeat.exports.map(toWitInterface),
    httpPort: httpPort >= 0 && httpPort <= 65_535 ? Math.trunc(httpPort) : 0,
    environment: heartbeat.environment.toWellFormed(),
  };
}

function toCount(value: number): bigint {
  return Number.isFinite(value) && value > 0 ? BigInt(Math.trunc(value)) : 0n;
}

function toWitInterface({ version, ...rest }: HostWitInterface): MessageInit<WitInterface> {
  return version === undefined ? rest : { ...rest, version };
}

import { resolve } from 'node:path';
import type { InterruptionMode, LogLevel } from '@lodge/core';
import { checkHostGroup, checkLabels } from '@lodge/scheduler-protocol';
import type { NatsOptions } from '@lodge-internal/nats';
import { readCertificates } from '../certificates.js';
import type { OptionValues } from '../command.js';
import { readDuration } from '../duration.js';
import { readInterruption } from '../host/interruption.js';
import { readServerNats } from '../nats/read-nats.js';
import type { RegistrySettings } from '../registry/registry-settings.js';
import { type ListenAddress, readAddress, readCount, readPairs } from '../settings.js';
import { UsageError } from '../usage-error.js';
import { type EgressTrust, readEgressTrust } from './egress-trust.js';

/** What `lodge host` was told. */
export interface HostSettings {
  readonly labels: Readonly<Record<string, string>>;
  readonly hostname: string | undefined;
  readonly environment: string;
  readonly scheduler: NatsOptions;
  readonly data: NatsOptions;
  /** Milliseconds. Unset: as long as it takes. */
  readonly natsConnectMs: number | undefined;
  readonly heartbeatIntervalMs: number;
  readonly http: ListenAddress | undefined;
  readonly health: ListenAddress | undefined;
  readonly egress: EgressTrust & { readonly allowsLoopback: boolean; readonly maxConnections: number };
  readonly registry: RegistrySettings;
  /** Bytes. Unset: no bound. */
  readonly maxGuestMemoryBytes: number | undefined;
  readonly keepsGrownMemories: boolean;
  readonly interruption: InterruptionMode;
  /** Milliseconds from the first signal to the end. */
  readonly graceMs: number;
  /** Milliseconds of these that everything goes on. */
  readonly drainDelayMs: number;
  readonly logLevel: LogLevel;
}

const hour = 3_600_000;
/** Where schedulers look for the group. */
const hostGroupLabel = 'hostgroup';
const logLevels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];

/**
 * Reads the options of `lodge host` and their variables.
 *
 * @throws UsageError; HostError `ERR_CONFIG_INVALID` for labels that Kubernetes would refuse, `ERR_FILE_UNREADABLE`.
 */
export async function readHostSettings(options: OptionValues, isVerbose: boolean): Promise<HostSettings> {
  const duration = (name: string, min: number, max: number, fallback: number): number =>
    readDuration(`--${name}`, options.get(name), { min, max, fallback });
  const graceMs = duration('grace-period', 1_000, hour, 25_000);
  const drainDelayMs = duration('drain-delay', 0, hour, 0);
  if (drainDelayMs >= graceMs) throw new UsageError('--drain-delay is part of --grace-period, and shorter than it.');
  const natsConnectMs = duration('nats-connect-timeout', 0, hour, 0);
  return {
    labels: readLabels(options),
    hostname: options.get('host-name') || undefined,
    environment: options.get('environment') ?? process.env['WASMCLOUD_HOST_ENVIRONMENT'] ?? '',
    scheduler: await readServerNats('scheduler-nats', options),
    data: await readServerNats('data-nats', options),
    natsConnectMs: options.has('nats-connect-timeout') ? natsConnectMs : undefined,
    heartbeatIntervalMs: duration('heartbeat-interval', 100, 30_000, 15_000),
    http: readAddress('--http-addr', options.get('http-addr')),
    health: readAddress('--health-addr', options.get('health-addr') ?? options.get('probe-addr')),
    egress: {
      allowsLoopback: isOn(options, 'allow-host-loopback'),
      maxConnections: readMaxConnections(options),
      ...(await readEgressTrust(options)),
    },
    registry: {
      plainHttp: isOn(options, 'allow-insecure-registries'),
      ca: await readCertificates('oci-ca-path', options),
      timeoutMs: duration('registry-pull-timeout', 100, hour, 30_000),
      ...readCache(options),
    },
    maxGuestMemoryBytes: readGuestMemory(options.get('max-guest-memory')),
    keepsGrownMemories: isOn(options, 'keep-grown-memories'),
    interruption: readInterruption(options.get('interruption')),
    graceMs,
    drainDelayMs,
    logLevel: readLogLevel(options.get('log-level'), isVerbose),
  };
}

function readLabels(options: OptionValues): Readonly<Record<string, string>> {
  const hostGroup = options.get('host-group') ?? 'default';
  checkHostGroup(hostGroup);
  const labels = readPairs('--label', options.all('label'));
  if (Object.hasOwn(labels, hostGroupLabel))
    throw new UsageError(`the label ${hostGroupLabel} is that of --host-group.`);
  checkLabels(labels);
  return { ...labels, [hostGroupLabel]: hostGroup };
}

function readCache(options: OptionValues): Pick<RegistrySettings, 'cacheDir' | 'maxCacheBytes'> {
  const cacheDir = options.get('oci-cache-dir');
  const mebibytes = readCount('--oci-cache-size', options.get('oci-cache-size')) ?? 1_024;
  if (cacheDir === undefined || cacheDir === '') {
    if (options.has('oci-cache-size')) throw new UsageError('--oci-cache-size is that of --oci-cache-dir; give both.');
    return {};
  }
  if (mebibytes === 0) throw new UsageError('--oci-cache-size is at least 1; leave --oci-cache-dir out for no cache.');
  return { cacheDir: resolve(cacheDir), maxCacheBytes: mebibytes * 1_048_576 };
}

function readMaxConnections(options: OptionValues): number {
  const name = 'max-outbound-http-connections-per-workload';
  const text = options.get(name) ?? (process.env['WASH_MAX_OUTBOUND_HTTP_CONNECTIONS_PER_WORKLOAD'] || undefined);
  const count = readCount(`--${name}`, text) ?? 128;
  if (count === 0) throw new UsageError(`--${name} is at least 1; leave allowedHosts empty where nothing may go out.`);
  return count;
}

function readGuestMemory(text: string | undefined): number | undefined {
  const mebibytes = readCount('--max-guest-memory', text);
  if (mebibytes === 0) throw new UsageError('--max-guest-memory is at least 1; leave it out for no bound.');
  return mebibytes === undefined ? undefined : mebibytes * 1_048_576;
}

function readLogLevel(text: string | undefined, isVerbose: boolean): LogLevel {
  if (text === undefined) return isVerbose ? 'debug' : 'info';
  const level = logLevels.find((name) => name === text.toLowerCase());
  if (level === undefined) throw new UsageError(`--log-level is ${logLevels.join(', ')}, not "${text}".`);
  return level;
}

function isOn(options: OptionValues, name: string): boolean {
  return options.get(name) === 'true';
}

import type { KnownHost } from '@lodge/scheduler-protocol';
import type { RunCommand } from '../command.js';
import { readDuration } from '../duration.js';
import { exitCode } from '../exit-code.js';
import { openScheduler } from '../lattice/scheduler.js';
import { printable } from '../printable.js';
import { table } from '../table.js';

/** `lodge hosts`: the hosts that are heard of within a second, or as long as `--wait` says. */
export const run: RunCommand = async ({ options }, { reporter, shutdown }) => {
  const waitMs = readDuration('--wait', options.get('wait'), { min: 0, max: 600_000, fallback: 1_000 });
  await using scheduler = await openScheduler(options);
  reporter.status('listening for hosts');
  const hosts = await scheduler.listen(waitMs, shutdown.signal);
  if (shutdown.signal.aborted) return shutdown.signalExitCode ?? exitCode.failure;
  const text = reporter.format === 'json' ? `${hosts.length} hosts` : describeAll(hosts, waitMs);
  reporter.result(text, { hosts: hosts.map(describe) });
  return exitCode.success;
};

function describeAll(hosts: readonly KnownHost[], waitMs: number): string {
  if (hosts.length === 0) {
    return `no host was heard of in ${waitMs} ms; hosts other than Lodge's are heard of every 15 seconds: --wait 16s`;
  }
  const heads = ['NAME', 'ID', 'GROUP', 'REACHED AT', 'WORKLOADS', 'COMPONENTS', 'CPU', 'FREE', 'VERSION'];
  return table(heads, hosts.map(row));
}

function row({ hostId, heartbeat }: KnownHost): readonly string[] {
  const { friendlyName, labels, hostname, httpPort, workloadCount, componentCount, version } = heartbeat;
  const cells = [
    friendlyName,
    hostId,
    labels['hostgroup'] ?? '',
    httpPort === 0 ? hostname : `${hostname}:${httpPort}`,
    String(workloadCount),
    String(componentCount),
    `${Math.round(heartbeat.systemCpuUsage)}%`,
    `${Math.round(Number(heartbeat.systemMemoryFree) / 1_048_576)} MiB`,
    version,
  ];
  return cells.map((cell) => printable(cell, 63));
}

/** What `-o json` has for each host. Numbers are far below what JSON can hold. */
function describe({ hostId, heartbeat, lastSeen }: KnownHost): Readonly<Record<string, unknown>> {
  const { id: _, imports: _imports, exports: _exports, ...facts } = heartbeat;
  return {
    hostId,
    ...facts,
    systemMemoryTotal: Number(heartbeat.systemMemoryTotal),
    systemMemoryFree: Number(heartbeat.systemMemoryFree),
    componentCount: Number(heartbeat.componentCount),
    workloadCount: Number(heartbeat.workloadCount),
    lastSeen: lastSeen.toISOString(),
  };
}

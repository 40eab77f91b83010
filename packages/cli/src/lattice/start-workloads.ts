import { randomUUID } from 'node:crypto';
import { type KnownHost, pickHost, type WorkloadStatus } from '@lodge/scheduler-protocol';
import type { PlannedWorkload } from '../manifest/workload-manifest.js';
import { printable } from '../printable.js';
import { UserError } from '../user-error.js';
import { reportWorkload, stateOf, type WorkloadReport } from './describe-status.js';
import type { FoundHost } from './find-host.js';
import type { Scheduler } from './scheduler.js';

/** How workloads are started. */
export interface StartOptions {
  /** The one host that will do, whatever the workloads say. */
  readonly host: FoundHost | undefined;
  /** The id of the one workload. Unset: random ones. */
  readonly workloadId: string | undefined;
  /** Milliseconds to wait for a host that fits. */
  readonly waitMs: number;
  /** Milliseconds that one start may take. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  onProgress(text: string): void;
}

/**
 * Starts every replica of a workload, each on a random host of those that fit, and gives each once it runs.
 *
 * @throws UserError when no host fits, or a host says that it did not start; HostError when a host does not answer. One that was started under an id of its own is
 *   stopped again then, so that nothing is left behind; earlier ones run.
 */
export async function* startReplicas(
  scheduler: Scheduler,
  planned: PlannedWorkload,
  options: StartOptions,
): AsyncGenerator<WorkloadReport, void> {
  const hosts = options.host === undefined ? await gatherFor(scheduler, planned, options) : [];
  for (let replica = 0; replica < planned.replicas; replica++) {
    const host = options.host ?? choose(hosts, planned);
    yield await startOne(scheduler, planned, host, options);
  }
}

async function gatherFor(
  scheduler: Scheduler,
  planned: PlannedWorkload,
  { waitMs, signal, onProgress }: StartOptions,
): Promise<readonly KnownHost[]> {
  onProgress('looking for a host');
  const hosts = await scheduler.gather((host) => pick([host], planned) !== undefined, waitMs, signal);
  signal.throwIfAborted();
  if (hosts.length > 0) return hosts;
  const heard = scheduler.client.hosts().length;
  const wanted = Object.entries(planned.hostSelector).map(([key, value]) => `${key}=${value}`);
  if (planned.hostId !== undefined) wanted.push(`the id ${planned.hostId}`);
  if (planned.environment !== undefined) wanted.push(`the environment ${planned.environment}`);
  const what = wanted.length === 0 ? 'host' : `host with ${wanted.join(' and ')}`;
  throw new UserError(`no ${what} was heard of in ${waitMs} ms (${heard} others were); start one with lodge host.`);
}

function pick(hosts: readonly KnownHost[], planned: PlannedWorkload): KnownHost | undefined {
  const { hostSelector: labels, hostId, environment } = planned;
  const candidates = hostId === undefined ? hosts : hosts.filter((host) => host.hostId === hostId);
  return pickHost(candidates, { labels, ...(environment !== undefined && { environment }) });
}

function choose(hosts: readonly KnownHost[], planned: PlannedWorkload): FoundHost {
  const host = pick(hosts, planned);
  if (host === undefined) throw new UserError('the host that was chosen has gone; start the workload again.');
  return { hostId: host.hostId, friendlyName: host.heartbeat.friendlyName };
}

async function startOne(
  scheduler: Scheduler,
  { workload }: PlannedWorkload,
  host: FoundHost,
  options: StartOptions,
): Promise<WorkloadReport> {
  const { timeoutMs, signal, onProgress } = options;
  const workloadId = options.workloadId ?? randomUUID();
  const where = printable(host.friendlyName ?? host.hostId);
  onProgress(`starting ${workloadId} on ${where}`);
  let status: WorkloadStatus;
  try {
    status = await scheduler.client.start(host.hostId, { workloadId, workload }, { timeoutMs, signal });
  } catch (error) {
    await release(scheduler, host, workloadId, options);
    throw error;
  }
  if (status.workloadState === 'WORKLOAD_STATE_RUNNING') return reportWorkload(host, status);
  await release(scheduler, host, workloadId, options);
  throw new UserError(
    `the workload did not start on ${where} (${stateOf(status)}): ${printable(status.message, 4_000)}`,
    { ...reportWorkload(host, status) },
  );
}

/** Under an id that somebody chose, something else may run. */
async function release(
  scheduler: Scheduler,
  host: FoundHost,
  workloadId: string,
  options: StartOptions,
): Promise<void> {
  if (options.workloadId !== undefined) return;
  await scheduler.client.stop(host.hostId, workloadId, { timeoutMs: 5_000 }).catch(() => undefined);
}

import type { RunCommand } from '../command.js';
import { readDuration } from '../duration.js';
import { exitCode } from '../exit-code.js';
import { describeWorkload, reportWorkload } from '../lattice/describe-status.js';
import { findWorkload } from '../lattice/find-workload.js';
import { openScheduler } from '../lattice/scheduler.js';

/** `lodge workload stop`: ends a workload, and frees its id. */
export const run: RunCommand = async ({ positionals, options }, { reporter, shutdown: { signal } }) => {
  const waitMs = readDuration('--wait', options.get('wait'), { min: 0, max: 600_000, fallback: 1_000 });
  await using scheduler = await openScheduler(options);
  const workloadId = positionals[0] ?? '';
  const { host } = await findWorkload(scheduler, workloadId, { host: options.get('host'), waitMs, signal });
  const status = await scheduler.client.stop(host.hostId, workloadId, { signal });
  const report = reportWorkload(host, status);
  reporter.result(describeWorkload(report), { ...report });
  // Somebody else may have been quicker: it is gone all the same.
  return exitCode.success;
};

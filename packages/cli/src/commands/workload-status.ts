import type { RunCommand } from '../command.js';
import { readDuration } from '../duration.js';
import { exitCode } from '../exit-code.js';
import { describeWorkload, reportWorkload } from '../lattice/describe-status.js';
import { findWorkload } from '../lattice/find-workload.js';
import { openScheduler } from '../lattice/scheduler.js';

/** `lodge workload status`: where a workload stands. */
export const run: RunCommand = async ({ positionals, options }, { reporter, shutdown: { signal } }) => {
  const waitMs = readDuration('--wait', options.get('wait'), { min: 0, max: 600_000, fallback: 1_000 });
  await using scheduler = await openScheduler(options);
  const where = { host: options.get('host'), waitMs, signal };
  const { host, status } = await findWorkload(scheduler, positionals[0] ?? '', where);
  const report = reportWorkload(host, status);
  reporter.result(describeWorkload(report), { ...report });
  return exitCode.success;
};

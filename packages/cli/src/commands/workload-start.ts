import { resolve } from 'node:path';
import type { Invocation, RunCommand } from '../command.js';
import { readDuration } from '../duration.js';
import { exitCode } from '../exit-code.js';
import { describeWorkload, type WorkloadReport } from '../lattice/describe-status.js';
import { findHost } from '../lattice/find-host.js';
import { openScheduler } from '../lattice/scheduler.js';
import { type StartOptions, startReplicas } from '../lattice/start-workloads.js';
import { workloadFlags } from '../lattice/workload-flags.js';
import { imageWorkload } from '../manifest/image-workload.js';
import { type PlannedWorkload, readManifest } from '../manifest/workload-manifest.js';
import { UsageError } from '../usage-error.js';

/** `lodge workload start`: starts what a manifest describes, or one component, on hosts of a lattice. */
export const run: RunCommand = async (invocation, { reporter, shutdown, workingFolder }) => {
  const { options } = invocation;
  const planned = await readWorkloads(invocation, workingFolder);
  const workloadId = options.get('id');
  const count = planned.reduce((sum, { replicas }) => sum + replicas, 0);
  if (workloadId !== undefined && count > 1) throw new UsageError(`--id is for one workload, and these are ${count}.`);
  const { signal } = shutdown;
  const waitMs = readDuration('--wait', options.get('wait'), { min: 0, max: 600_000, fallback: 16_000 });
  const timeoutMs = readDuration('--timeout', options.get('timeout'), { min: 100, max: 3_600_000, fallback: 60_000 });
  await using scheduler = await openScheduler(options);
  const name = options.get('host');
  const settings: StartOptions = {
    host: name === undefined ? undefined : await findHost(scheduler, name, { waitMs, signal }),
    workloadId,
    waitMs,
    timeoutMs,
    signal,
    onProgress: (text) => reporter.status(text),
  };
  const reports: WorkloadReport[] = [];
  try {
    for (const workload of planned) {
      for await (const report of startReplicas(scheduler, workload, settings)) {
        reports.push(report);
        if (reporter.format === 'text') reporter.result(describeWorkload(report), {});
      }
    }
  } finally {
    // Also those of a list that was not finished: somebody has to stop them one day.
    if (reporter.format === 'json' && reports.length > 0) {
      reporter.result(reports.map(describeWorkload).join('\n'), { workloads: reports });
    }
  }
  return exitCode.success;
};

async function readWorkloads(
  { positionals, options }: Invocation,
  folder: string,
): Promise<readonly PlannedWorkload[]> {
  const [image] = positionals;
  const file = options.get('file');
  if ((file === undefined) === (image === undefined)) {
    throw new UsageError(
      'lodge workload start needs to know what to start: -f <manifest>, or the reference of a component.',
    );
  }
  if (image !== undefined) return [imageWorkload(image, options)];
  const needless = Object.keys(workloadFlags).find((name) => options.has(name));
  if (needless !== undefined) throw new UsageError(`--${needless} is for a component; a manifest says it itself.`);
  return readManifest(resolve(folder, file ?? ''));
}

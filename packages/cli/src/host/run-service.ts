import { type Host, HostError, type ServiceEndEvent, type WorkloadSpec } from '@lodge/core';
import { startWorkload } from './component-host.js';

/**
 * Runs the service of a workload to its end. Answers with its exit code, or with nothing when `signal` ended it.
 *
 * @throws HostError what the workload, or the service, failed with.
 */
export async function runService(
  host: Host,
  workloadId: string,
  workload: WorkloadSpec,
  signal: AbortSignal,
): Promise<number | undefined> {
  const ended = Promise.withResolvers<ServiceEndEvent | undefined>();
  const forget = host.on('service-end', (event) => {
    if (event.workloadId === workloadId) ended.resolve(event);
  });
  const onAbort = () => ended.resolve(undefined);
  signal.addEventListener('abort', onAbort);
  try {
    if (signal.aborted) return undefined;
    await startWorkload(host, workloadId, workload);
    const event = await ended.promise;
    // To the host a code other than 0 is a failure; to a shell it is the answer.
    if (event?.exitCode !== undefined) return event.exitCode;
    if (event?.error !== undefined) {
      throw new HostError(event.error.code, event.error.message, { details: event.error.details });
    }
    return undefined;
  } finally {
    signal.removeEventListener('abort', onAbort);
    forget();
  }
}

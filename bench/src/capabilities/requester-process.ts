import { createInterface } from 'node:readline';
import { messageOf } from '../message-of.ts';
import { connectBare } from './connect-bare.ts';
import { inLanes } from './in-lanes.ts';
import { valueBytes, type WorkReply, type WorkRequest } from './task.ts';

/** What the process is started with, as JSON in its first argument: who is asked. */
export interface RequesterTask {
  readonly url: string;
  /** Whoever answers there with the body of the request. */
  readonly subject?: string;
  /** A host, and a workload that runs on it. */
  readonly running?: { readonly hostId: string; readonly workloadId: string };
}

// Asks for each line it reads, `count` times in each lane, one after the other, and ends with its input.
const { url, subject = '', running }: RequesterTask = JSON.parse(process.argv[2] ?? '{}');
const connection = await connectBare(url);
const once = running === undefined ? echo() : await status(running);
const work = inLanes(async (_key, count) => {
  for (let i = 0; i < count; i++) await once();
});
for await (const line of createInterface({ input: process.stdin })) {
  const { count }: WorkRequest = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await answer(count))}\n`);
}
process.exit();

function echo(): () => Promise<void> {
  const body = new Uint8Array(valueBytes);
  return async () => {
    const { data } = await connection.request(subject, body, { timeout: 10_000 });
    if (data.length !== valueBytes) throw new Error('the answer is not the body of the request');
  };
}

async function status({ hostId, workloadId }: Required<RequesterTask>['running']): Promise<() => Promise<void>> {
  const { schedulerClient } = await import('@lodge/scheduler-protocol');
  const client = schedulerClient(connection);
  return async () => {
    const { workloadState } = await client.status(hostId, workloadId);
    if (workloadState !== 'WORKLOAD_STATE_RUNNING') throw new Error(`the workload is in ${workloadState}`);
  };
}

async function answer(count: number): Promise<WorkReply> {
  try {
    return { done: await work({ count, isOver: () => true }) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

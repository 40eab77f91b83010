import { createInterface } from 'node:readline';
import { messageOf } from '../message-of.ts';
import type { SubjectTask, WorkReply, WorkRequest, Works } from './task.ts';

// The process of one subject: says when it is ready, then works for each line it reads, and ends with its input.
const makers: Readonly<Record<string, (task: SubjectTask) => Promise<Works>>> = {
  keyvalue: async (one) => (await import('./keyvalue.ts')).keyvalueWorks(one),
  blobstore: async (one) => (await import('./blobstore.ts')).blobstoreWorks(one),
  messaging: async (one) => (await import('./messaging.ts')).messagingWorks(one),
  scheduler: async (one) => (await import('../scheduler/status.ts')).schedulerWorks(one),
};

const task: SubjectTask = JSON.parse(process.argv[2] ?? '{}');
const works = await makers[task.capability]?.(task);
say({});
for await (const line of createInterface({ input: process.stdin })) say(await work(JSON.parse(line)));
process.exit();

async function work({ operation, ms, count }: WorkRequest): Promise<WorkReply> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  try {
    const done = await works?.[operation]?.({ count, isOver: () => performance.now() - start >= ms });
    if (done === undefined) throw new RangeError(`there is no operation ${operation}`);
    const elapsed = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    return { done, ms: elapsed, cpuMs: (user + system) / 1000 };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function say(reply: WorkReply): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

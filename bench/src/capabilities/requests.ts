import { fileURLToPath } from 'node:url';
import { LineProcess } from '../line-process.ts';
import type { RequesterTask } from './requester-process.ts';
import type { Work, WorkReply } from './task.ts';

const answerTimeoutMs = 120_000;

/** Requests from a process of their own, so that what the subject's process costs is the answers. */
export function requests(task: RequesterTask): Work {
  const script = fileURLToPath(new URL('./requester-process.ts', import.meta.url));
  const requester = new LineProcess({ args: [script, JSON.stringify(task)] });
  return async ({ count, isOver }) => {
    let all = 0;
    do {
      const { done, error } = await requester.ask<WorkReply>({ count }, answerTimeoutMs);
      if (done === undefined) throw new Error(error);
      all += done;
    } while (!isOver());
    return all;
  };
}

import { type BrokerMessage, publish } from 'wasmcloud:messaging/consumer@0.2.0';

const tasks: Record<string, (text: string) => string> = {
  'tasks.reverse': (text) => [...text].reverse().join(''),
  'tasks.shout': (text) => text.toUpperCase(),
};

/** `wasmcloud:messaging/handler` */
export const handler = {
  handleMessage({ subject, body, replyTo }: BrokerMessage): void {
    const task = tasks[subject];
    if (task === undefined) throw failure(`nobody does ${subject}`);
    if (replyTo === undefined) return;
    const answer = new TextEncoder().encode(task(new TextDecoder().decode(body)));
    publish({ subject: replyTo, body: answer });
  },
};

/** The `err` of a handler: the host logs it. */
function failure(payload: string): Error {
  return Object.assign(new Error(payload), { payload });
}

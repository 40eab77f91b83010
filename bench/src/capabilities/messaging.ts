import { messagingPlugin } from '@lodge/plugin-messaging';
import { natsMessaging } from '@lodge/plugin-messaging/nats';
import { startEcho } from './echo.ts';
import { type Guest, GuestHost } from './guest.ts';
import { inLanes } from './in-lanes.ts';
import { requests } from './requests.ts';
import { lanes, type SubjectTask, type Works } from './task.ts';

const subjectOfEcho = 'bench.echo';

/** What a subject can do with messages: have them answered, each by a handler. */
export async function messagingWorks(task: SubjectTask): Promise<Works> {
  const { subject, natsUrl } = task;
  if (natsUrl === undefined) return inMemoryWorks(task);
  const own = `${subjectOfEcho}.${subject.replaceAll(' ', '-')}`;
  if (subject === 'bare echo') await startEcho(natsUrl, own);
  else await startHandler(task, own);
  return { handle: requests({ url: natsUrl, subject: own }) };
}

async function startHandler({ subject, file, natsUrl }: SubjectTask, subscriptions: string): Promise<GuestHost> {
  const backends = natsUrl === undefined ? undefined : [natsMessaging({ url: natsUrl })];
  const host = new GuestHost([messagingPlugin(backends === undefined ? {} : { backends })]);
  await host.start();
  await host.run({
    name: 'handler',
    file,
    hostInterfaces: [
      { namespace: 'wasmcloud', package: 'messaging', interfaces: ['consumer', 'handler'], config: { subscriptions } },
    ],
    poolSize: subject === 'lodge pooled' ? lanes : 0,
  });
  return host;
}

/** Only guests reach what is in the memory of their host: another component asks. */
async function inMemoryWorks(task: SubjectTask): Promise<Works> {
  const host = await startHandler(task, subjectOfEcho);
  const hostInterfaces = [{ namespace: 'wasmcloud', package: 'messaging', interfaces: ['consumer'] }];
  const sender: Guest = await host.run({ name: 'sender', file: task.file, hostInterfaces, poolSize: lanes });
  return { handle: inLanes((_key, count) => sender.call('request', [subjectOfEcho, count])) };
}

import { startEcho } from '../capabilities/echo.ts';
import { requests } from '../capabilities/requests.ts';
import type { SubjectTask, Works } from '../capabilities/task.ts';
import { readComponent } from '../engine/start-component.ts';
import { startHost } from './start-host.ts';

const echoSubject = 'bench.echo';

/** What a host can be asked again and again: how a workload is. */
export async function schedulerWorks({ subject, file, natsUrl: url = '' }: SubjectTask): Promise<Works> {
  if (subject === 'bare echo') {
    await startEcho(url, echoSubject);
    return { status: requests({ url, subject: echoSubject }) };
  }
  const host = await startHost({ natsUrl: url });
  const workloadId = 'bench';
  const workload = {
    namespace: 'bench',
    name: 'bench',
    components: [{ name: 'component', source: { bytes: await readComponent(file) } }],
    hostInterfaces: [{ namespace: 'wasi', package: 'keyvalue', interfaces: ['store', 'atomics'] }],
  };
  const { state, message } = await host.workloadStart({ workloadId, workload });
  if (state !== 'running') throw new Error(message);
  return { status: requests({ url, running: { hostId: host.id, workloadId } }) };
}

import { type KnownHost, type MessageInit, pickHost, schedulerClient, type Workload } from '@lodge/scheduler-protocol';
import { connect } from '@nats-io/transport-node';

/** What shall run: one workload on a host of each group. */
const wanted = ['edge', 'cloud'].map((hostgroup) => ({ name: `hello-${hostgroup}`, labels: { hostgroup } }));

interface Placed {
  readonly name: string;
  readonly host: KnownHost;
  readonly workloadId: string;
}

/** What runs, by name. */
const placed = new Map<string, Placed>();
/** What ran on hosts that are silent. They may be cut off and not dead. */
const lost = new Set<Placed>();

const connection = await connect({ servers: process.env['NATS_URL'] ?? '127.0.0.1:4222', maxReconnectAttempts: -1 });
const client = schedulerClient(connection);
const leaving = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => leaving.abort());
await connection.flush();
console.log('waiting for heartbeats: a host sends one when it starts, and every 15 seconds');

// A change is a host that joined, left, or sent a heartbeat: reason enough to look whether all is as it should be.
for await (const { type, host } of client.changes({ signal: leaving.signal })) {
  if (type === 'left') giveUp(host);
  if (type === 'joined') await Promise.all([...lost].filter((one) => one.host.hostId === host.hostId).map(stop));
  await Promise.all(wanted.filter(({ name }) => !placed.has(name)).map(place));
}

await Promise.all([...placed.values()].map(stop));
await client.close();
await connection.close();

async function place({ name, labels }: (typeof wanted)[number]): Promise<void> {
  const host = pickHost(client.hosts(), { labels });
  if (host === undefined) return;
  // A new id for each attempt: what became of an earlier one may be unknown.
  const attempt = { name, host, workloadId: crypto.randomUUID() };
  const { friendlyName, hostname, httpPort } = host.heartbeat;
  try {
    const { workloadId } = attempt;
    const { workloadState, message } = await client.start(host.hostId, { workloadId, workload: hello(name) });
    if (workloadState !== 'WORKLOAD_STATE_RUNNING') throw new Error(message);
    placed.set(name, attempt);
    console.log(`${name} runs on ${friendlyName}: curl -H 'Host: ${name}' http://${hostname}:${httpPort}`);
  } catch (error) {
    console.error(`${name} does not run on ${friendlyName}: ${error instanceof Error ? error.message : error}`);
    await stop(attempt);
  }
}

function giveUp(host: KnownHost): void {
  console.log(`${host.heartbeat.friendlyName} is silent`);
  for (const one of placed.values()) {
    if (one.host.hostId !== host.hostId) continue;
    placed.delete(one.name);
    lost.add(one);
  }
}

/** What cannot be stopped now is tried again when its host is back. */
async function stop(one: Placed): Promise<void> {
  try {
    await client.stop(one.host.hostId, one.workloadId);
    lost.delete(one);
  } catch {
    lost.add(one);
  }
}

/** One component that answers HTTP requests for the name of the workload. */
function hello(name: string): MessageInit<Workload> {
  const components = [{ name: 'hello', image: 'http-hello' }];
  const http = { namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'], config: { host: name } };
  return { namespace: 'default', name, witWorld: { components, hostInterfaces: [http] } };
}

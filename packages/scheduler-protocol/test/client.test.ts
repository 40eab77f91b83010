import { HostError } from '@lodge/core';
import {
  encodeMessage,
  type HostChange,
  type HostHeartbeat,
  heartbeatSubject,
  hostHeartbeat,
  type MessageInit,
  pickHost,
  type SchedulerClient,
  type SchedulerClientOptions,
  schedulerClient,
} from '@lodge/scheduler-protocol';
import { expect, test } from 'vitest';
import { eventually, Lattice, recordingLogger } from './running.js';

const counters = { name: 'main', image: 'test/counters' };

/** What a host says of itself, from somebody who need not be one. */
function beat(lattice: Lattice, id: string, more: MessageInit<HostHeartbeat> = {}): void {
  lattice.connection.publish(heartbeatSubject(id), encodeMessage(hostHeartbeat, { id, ...more }));
}

/** A client that hears what is said from now on. */
async function listening(lattice: Lattice, options: SchedulerClientOptions = {}): Promise<SchedulerClient> {
  const connection = await lattice.connect();
  const client = schedulerClient(connection, options);
  await connection.flush();
  return client;
}

async function next(changes: AsyncIterator<HostChange, undefined>): Promise<string> {
  const { value } = await changes.next();
  return value === undefined ? 'end' : `${value.type} ${value.host.hostId}`;
}

function failure(promise: Promise<unknown>): Promise<HostError> {
  return promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => (HostError.is(error) ? error : Promise.reject(error)),
  );
}

test('a scheduler finds two hosts, places a workload on each by label, and takes them away again', async () => {
  await using lattice = await Lattice.start();
  await using client = await listening(lattice);
  const edge = await lattice.host({ hostGroup: 'edge', heartbeatIntervalMs: 20 });
  const cloud = await lattice.host({ hostGroup: 'cloud', heartbeatIntervalMs: 20 });
  await eventually(() => client.hosts().length).toBe(2);

  for (const [hostgroup, running] of Object.entries({ edge, cloud })) {
    const { hostId = '' } = pickHost(client.hosts(), { labels: { hostgroup } }) ?? {};
    expect(hostId).toBe(running.host.id);
    const request = { workloadId: hostgroup, workload: { name: 'app', witWorld: { components: [counters] } } };
    expect(await client.start(hostId, request)).toEqual({
      workloadId: hostgroup,
      workloadState: 'WORKLOAD_STATE_RUNNING',
      message: 'Workload started successfully',
    });
    expect((await client.status(hostId, hostgroup)).workloadState).toBe('WORKLOAD_STATE_RUNNING');
    expect((await client.heartbeat(hostId)).workloadCount).toBe(1n);
    expect((await client.stop(hostId, hostgroup)).workloadState).toBe('WORKLOAD_STATE_STOPPING');
    expect((await client.status(hostId, hostgroup)).workloadState).toBe('WORKLOAD_STATE_NOT_FOUND');
  }
});

test('heartbeats are followed, and a host that is not heard of any more leaves', async () => {
  await using lattice = await Lattice.start();
  await using client = await listening(lattice);
  const changes = client.changes();
  beat(lattice, 'a', { environment: 'one' });
  expect(await next(changes)).toBe('joined a');
  expect(client.host('a')?.heartbeat.environment).toBe('one');
  beat(lattice, 'a', { environment: 'two' });
  expect(await next(changes)).toBe('updated a');
  expect(client.host('a')?.heartbeat.environment).toBe('two');

  await using impatient = await listening(lattice, { hostTtlMs: 50 });
  const seen = impatient.changes();
  beat(lattice, 'b');
  expect([await next(seen), await next(seen)]).toEqual(['joined b', 'left b']);
  expect(impatient.hosts()).toEqual([]);
  expect(client.hosts().map(({ hostId }) => hostId)).toEqual(['a', 'b']);
});

test('a reader that comes late begins with the hosts that are there, and a signal or a break ends it', async () => {
  await using lattice = await Lattice.start();
  await using client = await listening(lattice);
  beat(lattice, 'a');
  beat(lattice, 'b');
  await eventually(() => client.hosts().map(({ hostId }) => hostId)).toEqual(['a', 'b']);
  const controller = new AbortController();
  const late = client.changes({ signal: controller.signal });
  expect([await next(late), await next(late)]).toEqual(['joined a', 'joined b']);
  const ending = next(late);
  controller.abort();
  expect(await ending).toBe('end');
  for await (const { host } of client.changes()) {
    expect(host.hostId).toBe('a');
    break;
  }
  expect(await next(client.changes({ signal: AbortSignal.abort() }))).toBe('end');
});

test('heartbeats that are none, or of another host than their subject says, are left out with a line in the log', async () => {
  await using lattice = await Lattice.start();
  const logger = recordingLogger();
  await using client = await listening(lattice, { logger, maxHosts: 2 });
  const { connection } = lattice;
  const said = (id: string): Uint8Array => encodeMessage(hostHeartbeat, { id });
  connection.publish('runtime.operator.heartbeat.a', 'no json');
  connection.publish('runtime.operator.heartbeat.a', said('b'));
  connection.publish('runtime.operator.heartbeat.a.b', said('a.b'));
  connection.publish('runtime.operator.heartbeat.a', said('*'));
  connection.publish('runtime.operator.heartbeat.a', said(''));
  connection.publish('runtime.operator.heartbeat.a', `{"id":"a","environment":"${'x'.repeat(300_000)}"}`);
  for (const id of ['x', 'y', 'z']) beat(lattice, id);
  await eventually(() => logger.lines.length).toBe(7);
  expect(client.hosts().map(({ hostId }) => hostId)).toEqual(['x', 'y']);
  // Those that are known are heard of further.
  beat(lattice, 'x', { environment: 'new' });
  await eventually(() => client.host('x')?.heartbeat.environment).toBe('new');
});

test('a host that is not there is told apart from one that does not answer', async () => {
  await using lattice = await Lattice.start();
  await using client = await listening(lattice);
  expect(await failure(client.status('nobody', 'w'))).toMatchObject({
    code: 'ERR_HOST_UNREACHABLE',
    message:
      'host nobody cannot be asked for workload.status: nobody answers under its id on this NATS server and account',
    details: { hostId: 'nobody', command: 'workload.status' },
  });
  lattice.connection.subscribe('runtime.host.deaf.>', { callback: () => undefined });
  await lattice.connection.flush();
  expect(await failure(client.stop('deaf', 'w', { timeoutMs: 50 }))).toMatchObject({
    code: 'ERR_HOST_TIMEOUT',
    message: 'host deaf did not answer workload.stop in 50 ms; whether it did it is unknown',
  });
});

test('a call that is given up before it is made ends as one that is given up while it waits, and asks nobody', async () => {
  await using lattice = await Lattice.start();
  await using client = await listening(lattice);
  const heard: string[] = [];
  lattice.connection.subscribe('runtime.host.deaf.>', { callback: (_error, { subject }) => void heard.push(subject) });
  await lattice.connection.flush();
  const controller = new AbortController();
  const { signal } = controller;
  const given = failure(client.status('deaf', 'w', { signal }));
  controller.abort(new Error('enough'));
  const during = await given;
  expect(during).toMatchObject({ code: 'ERR_CALL_ABORTED', cause: new Error('enough') });
  const started = performance.now();
  const before = await failure(client.status('deaf', 'w', { signal }));
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(before).toEqual(during);
  // What was asked before this question would be heard before it.
  await failure(client.stop('deaf', 'w', { timeoutMs: 50 }));
  expect(heard).toEqual(['runtime.host.deaf.workload.status', 'runtime.host.deaf.workload.stop']);
});

test.each([
  ['not json', 'answered workload.status with what cannot be read: the message is not JSON', ''],
  [
    '{"workloadStatus":{"workloadState":"DANCING"}}',
    'workloadStatus.workloadState must be one of',
    'workloadStatus.workloadState',
  ],
  ['{"workloadStatus":{"workloadState":99}}', 'not 99', 'workloadStatus.workloadState'],
  ['{}', 'answered workload.status without a workloadStatus', 'workloadStatus'],
])('an answer of %j is an error with its path', async (answer, message, path) => {
  await using lattice = await Lattice.start();
  await using client = await listening(lattice);
  lattice.connection.subscribe('runtime.host.odd.>', { callback: (_, request) => void request.respond(answer) });
  await lattice.connection.flush();
  const error = await failure(client.status('odd', 'w'));
  expect(error).toMatchObject({ code: 'ERR_MESSAGE_INVALID', details: { path, hostId: 'odd' } });
  expect(error.message).toContain(message);
});

test('the answer of a host of a later version is read', async () => {
  await using lattice = await Lattice.start();
  await using client = await listening(lattice);
  const answer = '{"workload_status":{"workload_id":"w","workload_state":2,"since":"now"},"more":[]}';
  lattice.connection.subscribe('runtime.host.later.>', { callback: (_, request) => void request.respond(answer) });
  await lattice.connection.flush();
  expect(await client.status('later', 'w')).toEqual({
    workloadId: 'w',
    workloadState: 'WORKLOAD_STATE_RUNNING',
    message: '',
  });
});

test('times that no timer can keep are a TypeError', async () => {
  await using lattice = await Lattice.start();
  await using client = schedulerClient(await lattice.connect());
  for (const timeoutMs of [0, -1, Number.NaN, 2 ** 31]) {
    await expect(client.heartbeat('a', { timeoutMs })).rejects.toThrow(TypeError);
    expect(() => schedulerClient(lattice.connection, { hostTtlMs: timeoutMs })).toThrow(TypeError);
  }
});

test('a question that the account may not ask is told', async () => {
  const permissions = '{ publish: { deny: "runtime.host.>" }, subscribe: ">" }';
  const config = `authorization { users: [ { user: u, password: x, permissions: ${permissions} } ] }`;
  await using lattice = await Lattice.start({ config }, { user: 'u', pass: 'x' });
  await using client = schedulerClient(await lattice.connect({ user: 'u', pass: 'x' }));
  const error = await failure(client.status('a', 'w'));
  expect([error.code, error.message]).toEqual([
    'ERR_HOST_UNREACHABLE',
    expect.stringMatching(/permissions violation/i),
  ]);
});

test('a host id that would be another subject is a TypeError, and a malformed request is not sent', async () => {
  await using lattice = await Lattice.start();
  await using client = await listening(lattice);
  for (const id of ['', 'a.b', '*', '>', 'a b', 'x'.repeat(200)]) {
    await expect(client.status(id, 'w')).rejects.toThrow(TypeError);
  }
  const wrong = { workloadId: 'w', workload: { witWorld: { components: [{ poolSize: 1.5 }] } } };
  expect(await failure(client.start('a', wrong))).toMatchObject({
    code: 'ERR_MESSAGE_INVALID',
    details: { path: 'workload.witWorld.components[0].poolSize' },
  });
});

test('without a connection a question fails at once and is not sent later', async () => {
  await using lattice = await Lattice.start();
  const connection = await lattice.connect();
  await using client = schedulerClient(connection);
  const statuses = connection.status()[Symbol.asyncIterator]();
  await lattice.server.stop();
  while ((await statuses.next()).value?.type !== 'disconnect');
  expect(await failure(client.start('a', { workloadId: 'w' }))).toMatchObject({ code: 'ERR_HOST_UNREACHABLE' });
  await lattice.server.start();
});

test('an account that may not hear heartbeats can still ask, and readers are told', async () => {
  const permissions = '{ publish: ">", subscribe: { deny: "runtime.operator.>" } }';
  const config = `authorization { users: [ { user: u, password: x, permissions: ${permissions} } ] }`;
  await using lattice = await Lattice.start({ config }, { user: 'u', pass: 'x' });
  const connection = await lattice.connect({ user: 'u', pass: 'x' });
  await using client = schedulerClient(connection);
  await expect(client.changes().next()).rejects.toThrow(
    expect.objectContaining({
      code: 'ERR_CONFIG_INVALID',
      message: expect.stringContaining('runtime.operator.heartbeat.>'),
    }),
  );
  expect((await failure(client.status('nobody', 'w'))).code).toBe('ERR_HOST_UNREACHABLE');
});

test('closing the client ends its readers and leaves the connection open', async () => {
  await using lattice = await Lattice.start();
  const connection = await lattice.connect();
  const client = schedulerClient(connection);
  const reading = next(client.changes());
  await client.close();
  await client.close();
  expect(await reading).toBe('end');
  expect(await next(client.changes())).toBe('end');
  expect(connection.isClosed()).toBe(false);
  await connection.close();
  expect(() => schedulerClient(connection)).toThrow(expect.objectContaining({ code: 'ERR_HOST_UNREACHABLE' }));
});

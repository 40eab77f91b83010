import type { Msg } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { eventually, Lattice, type RunningHost, startRequest } from './running.js';

/** What makes a host schedulable by wasmCloud's operator, point by point. */

/** Everything that is published while the test runs, as the operator hears it. */
async function heartbeats(lattice: Lattice): Promise<{ readonly heard: Msg[] }> {
  const heard: Msg[] = [];
  const connection = await lattice.connect();
  connection.subscribe('runtime.operator.heartbeat.>', { callback: (_, message) => void heard.push(message) });
  await connection.flush();
  return { heard };
}

test('1: whoever hears the first heartbeat can ask at once', async () => {
  await using lattice = await Lattice.start();
  const operator = await lattice.connect();
  const answers: Promise<string>[] = [];
  operator.subscribe('runtime.operator.heartbeat.>', {
    max: 1,
    callback: (_, message) => {
      const { id } = message.json<{ id: string }>();
      const asked = operator.request(`runtime.host.${id}.workload.status`, '{"workloadId":"w"}', { timeout: 5_000 });
      answers.push(asked.then((answer) => answer.string()));
    },
  });
  await operator.flush();
  await lattice.host();
  await eventually(() => answers.length).toBe(1);
  expect(await answers[0]).toContain('WORKLOAD_STATE_NOT_FOUND');
});

test('2: a heartbeat comes at once, then at every interval, and says everything the operator reads', async () => {
  await using lattice = await Lattice.start();
  const { heard } = await heartbeats(lattice);
  const { host } = await lattice.host({
    heartbeatIntervalMs: 20,
    hostGroup: 'edge',
    host: {
      hostname: '10.0.0.7',
      friendlyName: 'quiet-harbor-4821',
      labels: { zone: 'eu-1' },
      environment: 'team-a',
      version: '1.2.3',
      system: () => ({
        osArch: 'x86_64',
        osName: 'linux',
        osKernel: 'unix',
        systemCpuUsage: 12.3,
        systemMemoryTotal: 2 ** 34 + 0.5,
        systemMemoryFree: 2 ** 33,
      }),
      plugins: [
        {
          specVersion: 1,
          id: 'web',
          world: {
            provides: [{ id: 'wasi:http/outgoing-handler@0.2.0', suspends: [] }],
            calls: [{ id: 'wasi:http/incoming-handler@0.2.0' }],
          },
          onWorkloadBind: async () => undefined,
          bindComponent: async () => ({ importsFor: () => ({}) }),
          onWorkloadUnbind: async () => undefined,
          describe: () => ({ httpPort: 8080 }),
        },
      ],
    },
  });
  await eventually(() => heard.length).toBeGreaterThan(2);
  expect(heard[0]?.headers).toBeUndefined();
  expect(heard[0]?.json()).toEqual({
    id: host.id,
    hostname: '10.0.0.7',
    friendlyName: 'quiet-harbor-4821',
    version: '1.2.3',
    labels: { zone: 'eu-1', hostgroup: 'edge' },
    startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/),
    osArch: 'x86_64',
    osName: 'linux',
    osKernel: 'unix',
    systemCpuUsage: 12.3,
    systemMemoryTotal: '17179869184',
    systemMemoryFree: '8589934592',
    imports: [{ namespace: 'wasi', package: 'http', version: '0.2.0', interfaces: ['outgoing-handler'] }],
    exports: [{ namespace: 'wasi', package: 'http', version: '0.2.0', interfaces: ['incoming-handler'] }],
    httpPort: 8080,
    environment: 'team-a',
  });
});

test('2: facts of the system that are no numbers make a heartbeat poorer, not absent', async () => {
  await using lattice = await Lattice.start();
  const { host } = await lattice.host({
    host: {
      system: () => ({
        hostname: 'half \ud800',
        osArch: '',
        osName: '',
        osKernel: '',
        systemCpuUsage: Number.NaN,
        systemMemoryTotal: Number.POSITIVE_INFINITY,
        systemMemoryFree: -1,
      }),
    },
  });
  const heartbeat = await lattice.ask(host, 'heartbeat', '');
  expect(heartbeat).toMatchObject({ id: host.id, hostname: 'half \ufffd' });
  for (const key of ['systemCpuUsage', 'systemMemoryTotal', 'systemMemoryFree']) {
    expect(heartbeat).not.toHaveProperty(key);
  }
});

test('3: twenty starts that hang delay no heartbeat, no status, no stop and no other start', async () => {
  await using lattice = await Lattice.start();
  const { heard } = await heartbeats(lattice);
  const { host, images } = await lattice.host({ heartbeatIntervalMs: 25 });
  const slow = Array.from({ length: 20 }, (_, index) => `slow-${index}`);
  const starts = slow.map((id) => lattice.askStatus(host, 'workload.start', startRequest(id, `test/${id}`)));
  await eventually(() => images.waiting.size).toBe(20);

  const before = heard.length;
  const asked = performance.now();
  for (const id of slow) {
    const { workloadState, message } = await lattice.askStatus(host, 'workload.status', { workloadId: id });
    expect([workloadState, message]).toEqual(['WORKLOAD_STATE_STARTING', 'Workload is Starting']);
  }
  expect(await lattice.ask(host, 'heartbeat', '')).toMatchObject({ workloadCount: '20' });
  expect(await lattice.askStatus(host, 'workload.start', startRequest('quick'))).toMatchObject({
    workloadState: 'WORKLOAD_STATE_RUNNING',
  });
  expect(await lattice.askStatus(host, 'workload.stop', { workloadId: 'quick' })).toMatchObject({
    workloadState: 'WORKLOAD_STATE_STOPPING',
  });
  expect(performance.now() - asked).toBeLessThan(5_000);
  await eventually(() => heard.length).toBeGreaterThan(before + 3);

  for (const id of slow) images.release(`test/${id}`);
  for (const status of await Promise.all(starts)) expect(status.workloadState).toBe('WORKLOAD_STATE_RUNNING');
});

const badRequests: readonly (readonly [string, string, string | Uint8Array, string, string])[] = [
  ['malformed JSON', 'workload.start', '{"workloadId":', '', 'the message is not JSON'],
  ['no data', 'workload.start', '', '', 'the message is empty; a JSON object is expected'],
  ['bytes that are no text', 'workload.status', Uint8Array.of(0xff), '', 'the message is not UTF-8'],
  ['a start without a workload', 'workload.start', '{"workloadId":"w"}', 'w', 'workload is required'],
  ['a start without an id', 'workload.start', '{"workload":{}}', '', 'workload_id is required'],
  ['a status without an id', 'workload.status', '{}', '', 'workload_id is required'],
  ['a stop with an empty id', 'workload.stop', '{"workload_id":""}', '', 'workload_id is required'],
  ['an unknown command', 'workload.dance', '{"workloadId":"w"}', '', 'unknown command: workload.dance'],
  ['an unknown command of one token', 'workload', '{}', '', 'unknown command: workload'],
  [
    'a field of the wrong type',
    'workload.start',
    '{"workload_id":"w","workload":{"witWorld":{"components":[{"poolSize":"x"}]}}}',
    'w',
    'workload.witWorld.components[0].poolSize must be a whole number, not "x"',
  ],
];

test.each(badRequests)('4: %s gets an answer that says so', async (_name, command, body, workloadId, message) => {
  await using lattice = await Lattice.start();
  const { host, log } = await lattice.host();
  const answer = await lattice.ask(host, command, body);
  expect(answer).toEqual({
    workloadStatus: { ...(workloadId && { workloadId }), workloadState: 'WORKLOAD_STATE_ERROR', message },
  });
  expect(log).toContainEqual(expect.objectContaining({ level: 'warn', message: 'a request was refused' }));
  expect(host.heartbeat().workloadCount).toBe(0);
});

test('4: an id longer than any id gets an answer too, and so does a request larger than allowed', async () => {
  await using lattice = await Lattice.start();
  const { host } = await lattice.host({ maxRequestBytes: 100_000 });
  for (const command of ['workload.status', 'workload.stop']) {
    const { workloadState, message } = await lattice.askStatus(host, command, { workloadId: 'x'.repeat(90_000) });
    expect([workloadState, message]).toEqual([
      'WORKLOAD_STATE_ERROR',
      'workload_id has 90000 characters; at most 512 are allowed',
    ]);
  }
  const { message } = await lattice.askStatus(host, 'workload.start', { workloadId: 'x'.repeat(200_000) });
  expect(message).toBe('the message has 200017 bytes; at most 100000 are read');
});

test('4: answers have no fields that the protocol does not know, and no headers', async () => {
  await using lattice = await Lattice.start();
  const { host } = await lattice.host();
  const request = { workloadId: 'w', workload: { witWorld: { components: [{ name: 'a', image: 'nope' }] } } };
  const failed = await lattice.connection.request(`runtime.host.${host.id}.workload.start`, JSON.stringify(request), {
    timeout: 5_000,
  });
  // The host's own status has a code and details as well; they are for embedders.
  expect(Object.keys(failed.json<{ workloadStatus: object }>().workloadStatus)).toEqual([
    'workloadId',
    'workloadState',
    'message',
  ]);
  expect(failed.headers).toBeUndefined();
});

test('4: a request without a reply subject is done, and the log says what became of it', async () => {
  await using lattice = await Lattice.start();
  const { host, log } = await lattice.host();
  lattice.connection.publish(`runtime.host.${host.id}.workload.start`, JSON.stringify(startRequest('w')));
  await eventually(() => log).toContainEqual({
    level: 'info',
    message: 'a request without a reply subject was done',
    fields: expect.objectContaining({ command: 'workload.start', answer: expect.stringContaining('RUNNING') }),
  });
  expect(host.workloadStatus('w').state).toBe('running');
});

test('4: what the host does not have is refused by name, and the id stays free', async () => {
  await using lattice = await Lattice.start();
  const { host, images } = await lattice.host();
  const workload = {
    witWorld: { components: [{ name: 'main', image: 'test/counters', localResources: { cpuLimit: 1 } }] },
    volumes: [{ name: 'data', emptyDir: {} }],
  };
  expect(await lattice.askStatus(host, 'workload.start', { workloadId: 'w', workload })).toEqual({
    workloadId: 'w',
    workloadState: 'WORKLOAD_STATE_ERROR',
    message:
      "the workload asks for what this host does not have: the volume 'data', cpuLimit of component 'main'; leave it out, or choose another host",
  });
  expect(images.asked).toEqual([]);
  expect(host.workloadStatus('w').state).toBe('not-found');
  await lattice.askStatus(host, 'workload.start', startRequest('w'));
  // Once the id is taken, that comes first.
  const { message } = await lattice.askStatus(host, 'workload.start', { workloadId: 'w', workload });
  expect(message).toContain('Workload ID [w] already exists');
});

test('4: hosts that cannot be allowed are all listed before anything is pulled, and the id stays free', async () => {
  await using lattice = await Lattice.start();
  const { host, images } = await lattice.host();
  const localResources = { allowedHosts: ['example.com', 'example.com/path', ''] };
  const workload = { witWorld: { components: [{ name: 'main', image: 'test/counters', localResources }] } };
  expect(await lattice.askStatus(host, 'workload.start', { workloadId: 'w', workload })).toMatchObject({
    workloadState: 'WORKLOAD_STATE_ERROR',
    message:
      "invalid local_resources for component main: invalid allowed_hosts:\n  - 'example.com/path': it must not include a path: hosts are allowed, not paths\n  - '': it is empty",
  });
  expect(images.asked).toEqual([]);
  expect(host.workloadStatus('w').state).toBe('not-found');
});

test('4: a workload that fails after it was loaded keeps its id in ERROR until a stop', async () => {
  await using lattice = await Lattice.start();
  const { host } = await lattice.host({
    host: { loader: async () => new TextEncoder().encode('no component') },
  });
  const { workloadState, message } = await lattice.askStatus(host, 'workload.start', startRequest('w'));
  expect(workloadState).toBe('WORKLOAD_STATE_ERROR');
  expect(await lattice.askStatus(host, 'workload.status', { workloadId: 'w' })).toEqual({
    workloadId: 'w',
    workloadState: 'WORKLOAD_STATE_ERROR',
    message: `Workload is Error: ${message}`,
  });
  expect((await lattice.askStatus(host, 'workload.start', startRequest('w'))).message).toContain('already exists');
  expect(await lattice.askStatus(host, 'workload.stop', { workloadId: 'w' })).toMatchObject({
    workloadState: 'WORKLOAD_STATE_STOPPING',
  });
  expect(host.workloadStatus('w').state).toBe('not-found');
});

test('6: a host that starts again has another id, and claims nothing', async () => {
  await using lattice = await Lattice.start();
  const start = async (): Promise<RunningHost> => lattice.host({ host: { friendlyName: 'same-name' } });
  const first = await start();
  await lattice.askStatus(first.host, 'workload.start', startRequest('w'));
  await first.served.close();
  await first.host.stop();
  const second = await start();
  expect(second.host.id).not.toBe(first.host.id);
  expect(await lattice.askStatus(second.host, 'workload.status', { workloadId: 'w' })).toMatchObject({
    workloadState: 'WORKLOAD_STATE_NOT_FOUND',
  });
  await expect(lattice.ask(first.host, 'heartbeat', '')).rejects.toThrow(/no responders/);
});

import { createHost, type Host } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { serveHost } from '@lodge/scheduler-protocol';
import { headers } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { eventually, Lattice, recordingLogger, startRequest } from './running.js';

/** A started host without components. */
async function bareHost(options: { readonly labels?: Record<string, string> } = {}): Promise<Host> {
  const host = createHost({ engine: lodgeEngine(), ...options });
  await host.start();
  return host;
}

test('after its link was cut the host is heard at once, its workloads still there', async () => {
  await using lattice = await Lattice.start();
  const proxy = await lattice.server.proxy();
  const connection = await lattice.connect({ servers: proxy.address });
  // No second heartbeat would come by itself while this test runs.
  const { host } = await lattice.host({ connection, heartbeatIntervalMs: 600_000 });
  await lattice.askStatus(host, 'workload.start', startRequest('w'));
  const heard: string[] = [];
  lattice.connection.subscribe('runtime.operator.heartbeat.>', {
    callback: (_, message) => void heard.push(message.subject),
  });
  await lattice.connection.flush();
  await proxy.cut();
  await proxy.restore();
  await eventually(() => heard).toEqual([`runtime.operator.heartbeat.${host.id}`]);
  // Whoever hears it can ask.
  expect(await lattice.askStatus(host, 'workload.status', { workloadId: 'w' })).toMatchObject({
    workloadState: 'WORKLOAD_STATE_RUNNING',
  });
});

test('after the server was away everything goes on', async () => {
  await using lattice = await Lattice.start();
  const { host } = await lattice.host();
  await lattice.askStatus(host, 'workload.start', startRequest('w'));
  await lattice.server.kill();
  await lattice.server.start();
  // A request that is made while nobody is connected waits in vain.
  const ask = (): Promise<unknown> => lattice.ask(host, 'workload.status', { workloadId: 'w' }, 200);
  await eventually(() => ask().catch(() => undefined)).toMatchObject({
    workloadStatus: { workloadState: 'WORKLOAD_STATE_RUNNING' },
  });
});

test('while the link is cut no heartbeat is kept back to be sent later', async () => {
  await using lattice = await Lattice.start();
  const proxy = await lattice.server.proxy();
  const connection = await lattice.connect({ servers: proxy.address });
  const logger = recordingLogger();
  let beats = 0;
  await lattice.host({
    connection,
    heartbeatIntervalMs: 10,
    logger,
    host: {
      system: () => {
        beats += 1;
        return {
          osArch: '',
          osName: '',
          osKernel: '',
          systemCpuUsage: 0,
          systemMemoryTotal: 0,
          systemMemoryFree: 0,
        };
      },
    },
  });
  await eventually(() => beats).toBeGreaterThan(3);
  const statuses = connection.status()[Symbol.asyncIterator]();
  await proxy.cut();
  while ((await statuses.next()).value?.type !== 'disconnect');
  const atCut = beats;
  // Ten intervals and more, by the same clock that beats.
  await new Promise<void>((resolve) => {
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
      if (ticks < 15) return;
      clearInterval(timer);
      resolve();
    }, 10);
  });
  expect(beats).toBe(atCut);
  await proxy.restore();
  await eventually(() => beats).toBeGreaterThan(atCut);
});

test('an account that may not subscribe, or not send heartbeats, is a clear error', async () => {
  const users = [
    '{ user: deaf, password: x, permissions: { publish: ">", subscribe: { deny: "runtime.>" } } }',
    '{ user: mute, password: x, permissions: { publish: { deny: "runtime.>" }, subscribe: ">" } }',
  ];
  const config = `authorization { users: [ ${users.join(',\n')} ] }`;
  await using lattice = await Lattice.start({ config }, { user: 'deaf', pass: 'x' });
  await using host = await bareHost();
  for (const user of ['deaf', 'mute']) {
    const connection = await lattice.connect({ user, pass: 'x' });
    await expect(serveHost(host, connection)).rejects.toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG_INVALID',
        message: expect.stringContaining(`runtime.host.${host.id}.> to subscribe`),
      }),
    );
    expect(connection.isClosed()).toBe(false);
  }
});

test('a right that is taken away later ends the heartbeats, with a line in the log', async () => {
  const permitted = (subscribe: string): string =>
    `authorization { users: [ { user: h, password: x, permissions: { publish: ">", subscribe: ${subscribe} } } ] }`;
  await using lattice = await Lattice.start({ config: permitted('">"') }, { user: 'h', pass: 'x' });
  const { served, log } = await lattice.host({ connection: await lattice.connect({ user: 'h', pass: 'x' }) });
  await lattice.server.restart(permitted('{ deny: "runtime.host.>" }'));
  expect(await served.closed).toMatchObject({ name: 'PermissionViolationError' });
  expect(log).toContainEqual(
    expect.objectContaining({ level: 'error', message: 'schedulers cannot reach the host any more' }),
  );
});

test('a connection that ends for good is told through closed', async () => {
  await using lattice = await Lattice.start();
  const { served, connection } = await lattice.host();
  await connection.close();
  expect(await served.closed).toMatchObject({ code: 'ERR_HOST_UNREACHABLE' });
  await served.close();
  await using host = await bareHost();
  await expect(serveHost(host, connection)).rejects.toMatchObject({ code: 'ERR_HOST_UNREACHABLE' });
});

test('labels, groups and numbers that make no sense are refused before anything is sent', async () => {
  await using lattice = await Lattice.start();
  const { connection } = lattice;
  await using host = await bareHost();
  await using labelled = await bareHost({ labels: { 'my zone': 'a' } });
  const before = connection.stats().outMsgs;
  const path = (name: string): object =>
    expect.objectContaining({ code: 'ERR_CONFIG_INVALID', details: { path: name } });
  await expect(serveHost(host, connection, { hostGroup: 'a b' })).rejects.toThrow(path('hostGroup'));
  await expect(serveHost(labelled, connection)).rejects.toThrow(path('labels.my zone'));
  for (const value of [0, -1, 1.5, Number.NaN, 2 ** 31]) {
    await expect(serveHost(host, connection, { heartbeatIntervalMs: value })).rejects.toThrow(
      path('heartbeatIntervalMs'),
    );
    await expect(serveHost(host, connection, { maxConcurrentStarts: value })).rejects.toThrow(
      path('maxConcurrentStarts'),
    );
  }
  expect(connection.stats().outMsgs).toBe(before);
});

test('the group of a host comes from its own label where no other is given', async () => {
  await using lattice = await Lattice.start();
  const { host } = await lattice.host({ host: { labels: { hostgroup: 'edge' } } });
  expect(await lattice.ask(host, 'heartbeat', '')).toMatchObject({ labels: { hostgroup: 'edge' } });
  const { host: other } = await lattice.host();
  expect(await lattice.ask(other, 'heartbeat', '')).toMatchObject({ labels: { hostgroup: 'default' } });
});

test('closing waits for the answers that are owed, refuses new starts meanwhile, and then nobody is there', async () => {
  await using lattice = await Lattice.start();
  const { host, served, images, connection } = await lattice.host();
  const starting = lattice.askStatus(host, 'workload.start', startRequest('w', 'test/slow'));
  await eventually(() => images.waiting.size).toBe(1);
  let isClosed = false;
  const closing = served.close().then(() => {
    isClosed = true;
  });
  // What is asked before the server has heard of it is still answered.
  await connection.flush();
  await expect(lattice.ask(host, 'workload.status', { workloadId: 'w' })).rejects.toThrow(/no responders/);
  // Whatever else closing has to wait for is over by now.
  for (let times = 0; times < 3; times += 1) await connection.flush();
  expect(isClosed).toBe(false);
  images.release('test/slow');
  expect((await starting).workloadState).toBe('WORKLOAD_STATE_RUNNING');
  await closing;
  expect(await served.closed).toBeUndefined();
  expect(connection.isClosed()).toBe(false);
  // It is the host's workload, not the lattice's.
  expect(host.workloadStatus('w').state).toBe('running');
});

test('requests that arrive while a host leaves are all answered, and start nothing', async () => {
  await using lattice = await Lattice.start();
  const proxy = await lattice.server.proxy();
  const { host, served } = await lattice.host({ connection: await lattice.connect({ servers: proxy.address }) });
  await lattice.askStatus(host, 'workload.start', startRequest('old'));
  // The server has passed them on before it hears that the host leaves.
  proxy.stall();
  const starts = ['a', 'b', 'old'].map((id) => lattice.askStatus(host, 'workload.start', startRequest(id)));
  const asked = lattice.askStatus(host, 'workload.status', { workloadId: 'old' });
  await lattice.connection.flush();
  const closing = served.close();
  await proxy.restore();
  expect((await Promise.all(starts)).map(({ message }) => message)).toEqual([
    'the host is leaving and starts nothing any more',
    'the host is leaving and starts nothing any more',
    expect.stringContaining('Workload ID [old] already exists'),
  ]);
  expect((await asked).workloadState).toBe('WORKLOAD_STATE_RUNNING');
  await closing;
  expect(host.heartbeat().workloadCount).toBe(1);
});

test('stopping the host gives up what closing waits for', async () => {
  await using lattice = await Lattice.start();
  const { host, served, images } = await lattice.host();
  const starting = lattice.askStatus(host, 'workload.start', startRequest('w', 'test/slow'));
  await eventually(() => images.waiting.size).toBe(1);
  await Promise.all([served.close(), host.stop()]);
  expect((await starting).message).toBe('Workload was stopped while starting');
});

test('a host that is not running answers starts with an error', async () => {
  await using lattice = await Lattice.start();
  const { host } = await lattice.host();
  await host.stop();
  const { workloadState, message } = await lattice.askStatus(host, 'workload.start', startRequest('w'));
  expect([workloadState, message]).toEqual([
    'WORKLOAD_STATE_ERROR',
    'the host is stopped and takes no workloads; start() it first',
  ]);
  expect(await lattice.askStatus(host, 'workload.status', { workloadId: 'w' })).toMatchObject({
    workloadState: 'WORKLOAD_STATE_NOT_FOUND',
  });
});

test('an answer fits into what the server takes, at the cost of its message', async () => {
  await using lattice = await Lattice.start({ config: 'max_payload: 2048' });
  const { host } = await lattice.host({
    host: {
      loader: async () => {
        throw new Error('x'.repeat(100_000));
      },
    },
  });
  const { workloadId, workloadState, message } = await lattice.askStatus(host, 'workload.start', startRequest('w'));
  expect([workloadId, workloadState]).toEqual(['w', 'WORKLOAD_STATE_ERROR']);
  expect(message).toMatch(/^failed to pull image for component 'main': test\/counters: x+…$/);
});

test('headers of a request make no difference', async () => {
  await using lattice = await Lattice.start();
  const { host } = await lattice.host();
  const extra = headers();
  extra.set('Content-Type', 'application/yaml');
  const options = { timeout: 5_000, headers: extra };
  const answer = await lattice.connection.request(
    `runtime.host.${host.id}.workload.status`,
    '{"workloadId":"w"}',
    options,
  );
  expect(answer.string()).toContain('WORKLOAD_STATE_NOT_FOUND');
});

import { connect } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { Lattice, startRequest } from './running.js';

/** What wasmCloud's own tests hold a host to over the wire. */

test('a second start of an id is an error that leaves the first workload alone, until a stop frees the id', async () => {
  await using lattice = await Lattice.start();
  const { host } = await lattice.host();
  const request = { workloadId: 'w-1', workload: { namespace: 'default', name: 'empty' } };
  expect(await lattice.askStatus(host, 'workload.start', request)).toEqual({
    workloadId: 'w-1',
    workloadState: 'WORKLOAD_STATE_RUNNING',
    message: 'Workload started successfully',
  });
  expect(await lattice.askStatus(host, 'workload.start', request)).toEqual({
    workloadId: 'w-1',
    workloadState: 'WORKLOAD_STATE_ERROR',
    message: 'Workload ID [w-1] already exists (the exising workload must be stopped to reuse the ID)',
  });
  expect(await lattice.askStatus(host, 'workload.status', { workloadId: 'w-1' })).toEqual({
    workloadId: 'w-1',
    workloadState: 'WORKLOAD_STATE_RUNNING',
    message: 'Workload is Running',
  });
  expect(await lattice.askStatus(host, 'workload.stop', { workloadId: 'w-1' })).toEqual({
    workloadId: 'w-1',
    workloadState: 'WORKLOAD_STATE_STOPPING',
    message: 'Workload stopped successfully',
  });
  expect(await lattice.askStatus(host, 'workload.start', request)).toMatchObject({
    workloadState: 'WORKLOAD_STATE_RUNNING',
  });
});

test('unknown ids are not found, and leave no entry', async () => {
  await using lattice = await Lattice.start();
  const { host } = await lattice.host();
  expect(await lattice.askStatus(host, 'workload.status', { workloadId: 'nobody' })).toEqual({
    workloadId: 'nobody',
    workloadState: 'WORKLOAD_STATE_NOT_FOUND',
    message: 'Workload not found: nobody',
  });
  expect(await lattice.askStatus(host, 'workload.stop', { workloadId: 'nobody' })).toEqual({
    workloadId: 'nobody',
    workloadState: 'WORKLOAD_STATE_NOT_FOUND',
    message: 'Workload not found',
  });
  expect(host.heartbeat().workloadCount).toBe(0);
});

test('a failed pull is an error with the component and the reference, and the id can be used again', async () => {
  await using lattice = await Lattice.start();
  const { host } = await lattice.host();
  const unpullable = startRequest('w-1', '127.0.0.1:1/nope:latest', 'unpullable');
  expect(await lattice.askStatus(host, 'workload.start', unpullable)).toEqual({
    workloadId: 'w-1',
    workloadState: 'WORKLOAD_STATE_ERROR',
    message: "failed to pull image for component 'unpullable': 127.0.0.1:1/nope:latest: connection refused",
  });
  expect(await lattice.askStatus(host, 'workload.status', { workloadId: 'w-1' })).toMatchObject({
    workloadState: 'WORKLOAD_STATE_NOT_FOUND',
  });
  expect(await lattice.askStatus(host, 'workload.start', startRequest('w-1'))).toMatchObject({
    workloadState: 'WORKLOAD_STATE_RUNNING',
  });
});

test('a service that cannot be pulled is told apart from a component', async () => {
  await using lattice = await Lattice.start();
  const { host } = await lattice.host();
  const request = { workloadId: 'w-1', workload: { namespace: 'd', name: 'n', service: { image: 'nope:1' } } };
  const { message } = await lattice.askStatus(host, 'workload.start', request);
  expect(message).toBe('failed to pull image for the workload service: nope:1: connection refused');
});

test('heartbeats tell who the host is, and a question for one counts what runs', async () => {
  await using lattice = await Lattice.start();
  const watcher = await connect({ servers: lattice.server.url });
  const published = watcher.subscribe('runtime.operator.heartbeat.>', { max: 1 });
  await watcher.flush();
  const { host } = await lattice.host({ hostGroup: 'edge', host: { environment: 'staging' } });
  for await (const message of published) {
    expect(message.subject).toBe(`runtime.operator.heartbeat.${host.id}`);
    expect(message.reply).toBeFalsy();
    expect(message.json()).toMatchObject({ id: host.id, labels: { hostgroup: 'edge' }, environment: 'staging' });
    // 0 is the default, which is left out.
    expect(message.json()).not.toHaveProperty('workloadCount');
  }
  await watcher.close();
  await lattice.askStatus(host, 'workload.start', startRequest('w-1'));
  expect(await lattice.ask(host, 'heartbeat', '')).toMatchObject({
    id: host.id,
    workloadCount: '1',
    componentCount: '1',
  });
  expect(await lattice.ask(host, 'heartbeat', '{}')).toMatchObject({ id: host.id });
});

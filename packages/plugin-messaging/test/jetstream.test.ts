import { natsMessaging } from '@lodge/plugin-messaging/nats';
import { type NatsServer, startNatsServer } from '@lodge-internal/test-nats';
import { type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, Running } from './running.js';

let server: NatsServer;
let operator: NatsConnection;
let manager: JetStreamManager;
const hosts: Running[] = [];
const never = new AbortController().signal;

beforeEach(async () => {
  server = await startNatsServer();
  operator = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 20 });
  manager = await jetstreamManager(operator);
  await manager.streams.add({ name: 'WORK', subjects: ['work.>'] });
  await manager.streams.add({ name: 'DONE', subjects: ['done.>', 'dead.>'] });
});

afterEach(async () => {
  for (const running of hosts.splice(0)) await running[Symbol.asyncDispose]();
  await operator.close();
  await server[Symbol.asyncDispose]();
});

async function start(): Promise<Running> {
  const running = await Running.start({ backends: [natsMessaging({ url: server.url, timeoutMs: 2_000 })] });
  hosts.push(running);
  return running;
}

const config = { mode: 'jetstream', subscriptions: 'work.>', retry_delay: '5ms', ack_wait: '1s' };

/** The subjects in the stream of what is done, in order. */
async function done(): Promise<string[]> {
  const { state } = await manager.streams.info('DONE');
  const subjects: string[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await manager.streams.getMessage('DONE', { seq });
    if (message !== null) subjects.push(message.subject);
  }
  return subjects;
}

/** Messages that nobody has answered for. */
async function open(): Promise<number> {
  let count = 0;
  for await (const consumer of manager.consumers.list('WORK')) count += consumer.num_pending + consumer.num_ack_pending;
  return count;
}

test('work that was stored before the workload came is handled, once', async () => {
  const running = await start();
  const sender = await running.client({ mode: 'jetstream' });
  for (const name of ['a', 'b']) await running.tell('work.x', 'e', `done.${name}`, sender);
  await running.run({ config });
  await eventually(done).toEqual(['done.a', 'done.b']);
  await eventually(open).toBe(0);
  await running.host.workloadStop('one');
  await running.tell('work.x', 'e', 'done.c', sender);
  await running.run({ config });
  await eventually(done).toEqual(['done.a', 'done.b', 'done.c']);
  await sender.close({ signal: never });
});

test('a message whose handler fails becomes a dead letter after its last try, headers and all', async () => {
  const running = await start();
  await running.run({ config: { ...config, max_deliver: '3', dead_letter: 'dead.work' } });
  const extra = headers();
  extra.append('trace', 'one');
  extra.append('trace', 'two');
  extra.set('Nats-Expected-Stream', 'WORK');
  await jetstream(operator).publish('work.bad', 'f', { headers: extra });
  await jetstream(operator).publish('work.trap', 't');
  await eventually(done).toEqual(['dead.work', 'dead.work']);
  await eventually(open).toBe(0);
  const letter = await manager.streams.getMessage('DONE', { last_by_subj: 'dead.work' });
  const first = await manager.streams.getMessage('DONE', { seq: 1 });
  const letters = [first, letter].filter((one) => one !== null);
  const bad = letters.find((one) => one.string() === 'f');
  expect(bad?.header.values('trace')).toEqual(['one', 'two']);
  expect(bad?.header.get('Lodge-Dead-Letter-Subject')).toBe('work.bad');
  expect(bad?.header.get('Lodge-Dead-Letter-Stream')).toBe('WORK');
  expect(bad?.header.get('Lodge-Dead-Letter-Tries')).toBe('3');
  expect(running.guestErrors()).toHaveLength(3);
});

test('each further try waits twice as long', async () => {
  const running = await start();
  await running.run({ config: { ...config, max_deliver: '4', retry_delay: '40ms', dead_letter: 'dead.work' } });
  const began = performance.now();
  await jetstream(operator).publish('work.bad', 'f');
  await eventually(done).toHaveLength(1);
  expect(performance.now() - began).toBeGreaterThan(40 + 80 + 160);
});

test('without a place for dead letters a message is given up after its last try', async () => {
  const running = await start();
  await running.run({ config: { ...config, max_deliver: '2' } });
  await jetstream(operator).publish('work.bad', 'f');
  await eventually(() => running.log.find(({ message }) => message.startsWith('a message was given up'))).toBeTruthy();
  await eventually(open).toBe(0);
  expect(running.guestErrors()).toHaveLength(2);
});

test('a message that is in work longer than ack_wait goes to nobody else', async () => {
  const running = await start();
  const { mode, ack_wait, retry_delay } = config;
  const session = await running.client({ mode, ack_wait, retry_delay });
  const gate = Promise.withResolvers<void>();
  let received = 0;
  await session.subscribe(
    {
      subjects: ['work.>'],
      group: 'slow',
      maxInFlight: 4,
      async receive() {
        received++;
        await gate.promise;
        return 'handled';
      },
      onLost() {},
    },
    { signal: never },
  );
  const began = performance.now();
  await jetstream(operator).publish('work.slow', 'x');
  await eventually(() => performance.now() - began, { timeout: 5_000 }).toBeGreaterThan(1_800);
  expect(received).toBe(1);
  gate.resolve();
  await eventually(open).toBe(0);
  expect(received).toBe(1);
  await session.close({ signal: never });
});

test('a workload that stops gives its messages back at once', async () => {
  const running = await start();
  await running.run({ config: { ...config, max_in_flight: '4' } });
  await running.hear('silent');
  for (let index = 0; index < 8; index++)
    await jetstream(operator).publish('work.x', 'rsilent', { msgID: String(index) });
  await eventually(() => running.plugin.inFlight).toBe(4);
  await running.host.workloadStop('one', { drainMs: 0 });
  const began = performance.now();
  let received = 0;
  const session = await running.client({ mode: config.mode });
  await session.subscribe(
    {
      subjects: ['work.>'],
      group: 'wasmcloud.test.one.messenger.8a3ede8fdc55e3a6',
      maxInFlight: 100,
      async receive() {
        received++;
        return 'handled';
      },
      onLost() {},
    },
    { signal: never },
  );
  await eventually(() => received).toBe(8);
  expect(performance.now() - began).toBeLessThan(900);
  await session.close({ signal: never });
});

test.each([
  [{ subscriptions: 'elsewhere' }, 'no stream keeps'],
  [{ stream: 'MISSING' }, 'no stream keeps'],
  [{ dead_letter: 'elsewhere' }, 'no stream keeps'],
  [{ dead_letter: 'work.dead' }, 'among the subscriptions'],
])('a workload with %j does not start, and is told why', async (wrong, text) => {
  const running = await start();
  const status = await running.run({ config: { ...config, ...wrong } });
  expect(status).toMatchObject({ state: 'error', error: { code: 'ERR_CONFIG_INVALID' } });
  expect(status.message).toContain(text);
});

test('a full stream is told to the guest, and takes messages again when there is room', async () => {
  await manager.streams.add({ name: 'SMALL', subjects: ['small'], max_msgs: 1, discard: 'new' });
  const running = await start();
  await running.run({ config: { ...config, max_deliver: '1' } });
  for (let index = 0; index < 2; index++) await jetstream(operator).publish('work.x', 'psmall');
  await eventually(() => running.guestErrors()).toEqual(['the message was not stored']);
  await manager.streams.purge('SMALL');
  await jetstream(operator).publish('work.x', 'psmall');
  await eventually(async () => (await manager.streams.info('SMALL')).state.messages).toBe(1);
  expect(running.guestErrors()).toHaveLength(1);
});

test('a message that no stream keeps any more is told to the guest', async () => {
  await manager.streams.add({ name: 'SHORT', subjects: ['short'] });
  const running = await start();
  await running.run({ config: { ...config, max_deliver: '1' } });
  await manager.streams.delete('SHORT');
  await jetstream(operator).publish('work.x', 'pshort');
  await eventually(() => running.guestErrors()).toEqual(['the message was not stored']);
  expect(running.host.workloadStatus('one')).toMatchObject({ state: 'running' });
});

test('a stream that somebody deletes moves the workload to error', async () => {
  const running = await start();
  await running.run({ config });
  await manager.streams.delete('WORK');
  await eventually(() => running.host.workloadStatus('one').state, { timeout: 20_000 }).toBe('error');
});

test('a stream that is deleted while its only handler works moves the workload to error as well', async () => {
  const running = await start();
  await running.run({ config: { ...config, max_in_flight: '1' } });
  const asked: Msg[] = [];
  operator.subscribe('question', { callback: (_error, message) => void asked.push(message) });
  await operator.flush();
  await jetstream(operator).publish('work.x', 'rquestion');
  await eventually(() => asked.length).toBe(1);
  // Nothing is asked for while there is no room, so nobody is told.
  await manager.streams.delete('WORK');
  asked[0]?.respond('answer');
  await eventually(() => running.host.workloadStatus('one').state, { timeout: 20_000 }).toBe('error');
});

test('a consumer that somebody deletes moves the workload to error', async () => {
  const running = await start();
  await running.run({ config });
  for await (const { name } of manager.consumers.list('WORK')) await manager.consumers.delete('WORK', name);
  await eventually(() => running.host.workloadStatus('one').state, { timeout: 20_000 }).toBe('error');
});

test('a connection that is closed while a message is in work moves the workload to error, and nothing else', async () => {
  const connection = await connect({ servers: server.url });
  const running = await Running.start({ backends: [natsMessaging({ connection, timeoutMs: 500 })] });
  hosts.push(running);
  await running.run({ config });
  await running.hear('silent');
  await jetstream(operator).publish('work.x', 'rsilent');
  await eventually(() => running.plugin.inFlight).toBe(1);
  await connection.close();
  await eventually(() => running.host.workloadStatus('one').state).toBe('error');
  await eventually(() => running.plugin.inFlight).toBe(0);
});

test('a broadcast leaves no consumer behind', async () => {
  const running = await start();
  await running.run({ config: { ...config, consumer_group: 'broadcast' } });
  expect((await manager.streams.info('WORK')).state.consumer_count).toBe(1);
  await jetstream(operator).publish('work.x', 'pdone.x');
  await eventually(done).toEqual(['done.x']);
  await running.host.workloadStop('one');
  expect((await manager.streams.info('WORK')).state.consumer_count).toBe(0);
});

test('no acknowledged work is lost, however often the server dies', async () => {
  const running = await start();
  await running.run({ config: { ...config, max_deliver: '1000' } });
  const sender = await running.client({ mode: 'jetstream' });
  const journal: string[] = [];
  let isOver = false;
  const sending = (async () => {
    for (let number = 1; !isOver; number++) {
      const reply = `done.${number}`;
      await running.tell('work.x', 'e', reply, sender).then(
        () => journal.push(reply),
        () => undefined,
      );
    }
  })();
  for (let round = 0; round < 20; round++) {
    const before = journal.length;
    await eventually(() => journal.length).toBeGreaterThan(before + 10);
    await (round % 2 === 0 ? server.stop() : server.kill());
    await server.start();
  }
  isOver = true;
  await sending;
  const missing = async (): Promise<string[]> => {
    const subjects = new Set(await done());
    return journal.filter((reply) => !subjects.has(reply));
  };
  await eventually(missing, { timeout: 15_000, interval: 300 }).toEqual([]);
  expect(running.host.workloadStatus('one')).toMatchObject({ state: 'running' });
  await sender.close({ signal: never });
}, 60_000);

import type { HostOptions } from '@lodge/core';
import type { MessagingPluginOptions } from '@lodge/plugin-messaging';
import { inMemoryMessaging } from '@lodge/plugin-messaging/in-memory';
import { natsMessaging } from '@lodge/plugin-messaging/nats';
import { type NatsServer, startNatsServer } from '@lodge-internal/test-nats';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually, Running, textOf } from './running.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

// One host has both brokers; which is used is a line of the configuration.
describe.each(['in-memory', 'nats'])('over %s', (backend) => {
  const hosts: Running[] = [];
  afterEach(async () => {
    for (const running of hosts.splice(0)) {
      await running[Symbol.asyncDispose]();
      expect(running.plugin.inFlight).toBe(0);
    }
  });

  async function start(
    options: Omit<MessagingPluginOptions, 'backends'> = {},
    more: Partial<HostOptions> = {},
  ): Promise<Running> {
    const both = [inMemoryMessaging(), natsMessaging({ url: server.url })];
    const backends = both.sort((one) => (one.name === backend ? -1 : 1));
    const running = await Running.start({ ...options, backends }, more);
    hosts.push(running);
    return running;
  }

  const config = { backend, subscriptions: 'work.>' };

  test('a handler answers a request as soon as its workload runs', async () => {
    const running = await start();
    expect(await running.run({ config })).toMatchObject({ state: 'running' });
    expect(await running.ask('work.one', 'e hello')).toBe('e hello');
  });

  test('two workloads talk', async () => {
    const running = await start();
    await running.run({ id: 'front', config });
    await running.run({ id: 'back', config: { backend, subscriptions: 'back' } });
    expect(await running.ask('work.one', 'rback')).toBe('echo');
  });

  test('a message that is passed on with its reply subject is answered by who gets it last', async () => {
    const running = await start();
    await running.run({ id: 'front', config });
    await running.run({ id: 'back', config: { backend, subscriptions: 'back' } });
    expect(await running.ask('work.one', 'pback')).toBe('echo');
  });

  test('replicas share the messages, other workloads get their own', async () => {
    const running = await start();
    await running.run({ id: 'a', name: 'app', config: { ...config, allowed_publish: 'done' } });
    await running.run({ id: 'b', name: 'app', config: { ...config, allowed_publish: 'done' } });
    await running.run({ id: 'c', name: 'other', config: { ...config, allowed_publish: 'done' } });
    const done = await running.hear('done');
    for (let index = 0; index < 10; index++) await running.tell('work.one', 'pdone');
    await eventually(() => done.length).toBe(20);
    await running.tell('done', 'fence');
    await eventually(() => done.map(textOf).includes('fence')).toBe(true);
    expect(done).toHaveLength(21);
  });

  test('broadcast gives each replica every message', async () => {
    const running = await start();
    const broadcast = { ...config, consumer_group: 'broadcast' };
    await running.run({ id: 'a', name: 'app', config: broadcast });
    await running.run({ id: 'b', name: 'app', config: broadcast });
    const done = await running.hear('done');
    for (let index = 0; index < 5; index++) await running.tell('work.one', 'pdone');
    await eventually(() => done.length).toBe(10);
  });

  test("the component's own configuration goes before the entry's", async () => {
    const running = await start();
    await running.run({ config, own: { subscriptions: 'mine' } });
    expect(await running.ask('mine', 'e1')).toBe('e1');
    await expect(running.ask('work.one', 'e2')).rejects.toMatchObject({ kind: 'no-responders' });
  });

  test('without subscriptions nothing is delivered', async () => {
    const running = await start();
    expect(await running.run({ config: { backend } })).toMatchObject({ state: 'running' });
    await expect(running.ask('work.one', 'e')).rejects.toMatchObject({ kind: 'no-responders' });
  });

  test('a handler that fails or traps gets the next message', async () => {
    const running = await start();
    await running.run({ config });
    for (const text of ['f', 't', 'f', 't']) await running.tell('work.one', text);
    expect(await running.ask('work.one', 'e after')).toBe('e after');
    await eventually(() => running.guestErrors()).toEqual(['it went wrong', 'it went wrong']);
    const traps = running.log.filter(({ message }) => message === 'a call failed');
    expect(traps).toHaveLength(2);
  });

  test('a warm instance keeps its state, a fresh one has none', async () => {
    const running = await start();
    await running.run({ id: 'warm', config: { backend, subscriptions: 'warm' }, poolSize: 1 });
    await running.run({ id: 'fresh', config: { backend, subscriptions: 'fresh' } });
    const count = async (subject: string): Promise<string> => {
      const answer = await running.ask(subject, 'n');
      // The answer comes while the handler still runs; a busy pool makes another instance.
      await eventually(() => running.plugin.inFlight, { interval: 1 }).toBe(0);
      return answer;
    };
    expect([await count('warm'), await count('warm'), await count('warm')]).toEqual(['1', '2', '3']);
    expect([await count('fresh'), await count('fresh')]).toEqual(['1', '1']);
  });

  test('a request that nobody answers fails at once, and one that takes too long in time', async () => {
    const running = await start();
    await running.run({ config });
    await running.hear('silent');
    await running.tell('work.one', 'rnobody');
    await running.tell('work.one', 'rsilent');
    await eventually(() => running.guestErrors()).toEqual([
      'nobody listens to the subject',
      'request timed out after 300ms',
    ]);
  });

  test.each(['p$SYS.REQ.SERVER.PING', 'r$JS.API.INFO', 'pruntime.host.1.workload.start', 'p_INBOX.somebody.else'])(
    'a guest that may send everywhere and is told %j is refused',
    async (text) => {
      const running = await start();
      await running.run({ config });
      const heard = await running.hear('runtime.>', '_INBOX.somebody.>', '$SYS.REQ.SERVER.PING');
      await running.tell('work.one', text);
      await eventually(() => running.guestErrors()).toEqual(['access to the subject is denied']);
      expect(heard).toEqual([]);
    },
  );

  test.each([
    ['qfine', 'access to the reply subject is denied'],
    ['pnot.allowed', 'access to the subject is denied'],
    ['pfine\r\nPUB x 1\r\n', 'the subject is not valid'],
    ['pfine thing', 'the subject is not valid'],
    ['pfine.>', 'the subject is not valid'],
  ])('a guest that is told %j fails with "%s"', async (text, error) => {
    const running = await start();
    await running.run({ config: { ...config, allowed_publish: 'fine, fine.>' } });
    const heard = await running.hear('fine', 'not.allowed', 'x');
    await running.tell('work.one', text);
    await eventually(() => running.guestErrors()).toEqual([error]);
    await running.tell('work.one', 'pfine');
    await eventually(() => heard.map(({ subject }) => subject)).toEqual(['fine']);
  });

  test('an inbox that came with a message can be answered while that message is handled, not later', async () => {
    const running = await start();
    await running.run({ config, poolSize: 1 });
    const heard = await running.hear('_INBOX.mine.1');
    await running.tell('work.one', 'e first', '_INBOX.mine.1');
    await eventually(() => heard.map(textOf)).toEqual(['e first']);
    await eventually(() => running.plugin.inFlight).toBe(0);
    await running.tell('work.one', 'p_INBOX.mine.1');
    await eventually(() => running.guestErrors()).toEqual(['access to the subject is denied']);
    expect(heard).toHaveLength(1);
  });

  test('a reply subject that is not for guests is kept from them', async () => {
    const running = await start();
    await running.run({ config });
    // A guest that saw it would answer there, and fail.
    for (const replyTo of ['$JS.ACK.WORK.x.1', 'runtime.host.1']) await running.tell('work.one', 'e', replyTo);
    expect(await running.ask('work.one', 'e fence')).toBe('e fence');
    await eventually(() => running.plugin.inFlight).toBe(0);
    expect(running.guestErrors()).toEqual([]);
  });

  test('of a long error the log has the beginning', async () => {
    const running = await start();
    await running.run({ config });
    await running.tell('work.one', 'l');
    await eventually(() => running.guestErrors().map((error) => String(error).length)).toEqual([500]);
  });

  test('a wildcard does not bring what is not for guests', async () => {
    const running = await start();
    await running.run({ config: { backend, subscriptions: '>' } });
    const done = await running.hear('done');
    for (const subject of ['runtime.host.1', '_INBOX.a.b']) await running.tell(subject, 'pdone');
    await running.tell('work.one', 'pdone');
    await eventually(() => done.length).toBe(1);
    // It has heard its own message too, and that is no order.
    expect(running.guestErrors()).toEqual([]);
    await running.tell('done', 'fence');
    await eventually(() => done.length).toBe(2);
  });

  test('a burst beyond max_in_flight is handled completely', async () => {
    const running = await start({ maxInFlight: 3 });
    await running.run({ config: { ...config, max_in_flight: '1' } });
    const done = await running.hear('done');
    await Promise.all(Array.from({ length: 100 }, () => running.tell('work.one', 'pdone')));
    await eventually(() => done.length).toBe(100);
    expect(running.plugin.shed).toBe(0);
  });

  test('a message that waits too long for its turn is dropped and counted', async () => {
    const running = await start();
    await running.run({ config: { ...config, max_in_flight: '1', admission_wait: '20ms' } });
    await running.hear('silent');
    await running.tell('work.one', 'rsilent');
    await eventually(() => running.plugin.inFlight).toBe(1);
    await running.tell('work.one', 'pdone');
    await eventually(() => running.plugin.shed).toBe(1);
    const line = running.log.find(({ message }) => message.startsWith('a message was dropped'));
    expect(line?.fields).toMatchObject({ component: 'messenger', subject: 'work.>', reason: 'timeout', count: 1 });
    await eventually(() => running.plugin.inFlight).toBe(0);
    expect(await running.ask('work.one', 'e')).toBe('e');
  });

  describe('a host that has memory for one instance', () => {
    async function startFull(admissionWait: string): Promise<Running> {
      const sizer = await start();
      await sizer.run({ config });
      await sizer.hear('silent');
      await sizer.tell('work.one', 'rsilent');
      await eventually(() => sizer.host.usage().guestMemoryBytes).toBeGreaterThan(0);
      const { guestMemoryBytes } = sizer.host.usage();
      await sizer.host.workloadStop('one', { drainMs: 0 });
      const full = await start({ deliverTimeoutMs: 300 }, { maxGuestMemoryBytes: 1.5 * guestMemoryBytes });
      await full.run({ config: { ...config, admission_wait: admissionWait } });
      // Holds the one instance until its deadline.
      await full.hear('silent');
      await full.tell('work.one', 'rsilent');
      await eventually(() => full.host.usage().guestMemoryBytes).toBeGreaterThan(0);
      return full;
    }

    test('lets messages wait for their turn', async () => {
      const running = await startFull('30s');
      const done = await running.hear('done');
      for (let index = 0; index < 5; index++) await running.tell('work.one', 'pdone');
      await eventually(() => done.length).toBe(5);
      expect(running.plugin.shed).toBe(0);
    });

    test('drops and counts those that wait too long, and handles what comes later', async () => {
      const running = await startFull('20ms');
      await running.tell('work.one', 'pdone');
      await eventually(() => running.plugin.shed).toBe(1);
      await eventually(() => running.plugin.inFlight).toBe(0);
      expect(await running.ask('work.one', 'e')).toBe('e');
    });
  });

  test('a handler that is ended at its deadline leaves no request behind', async () => {
    const running = await start({ deliverTimeoutMs: 40 });
    await running.run({ config });
    await running.hear('silent');
    const before = running.held;
    await running.tell('work.one', 'rsilent');
    await eventually(() => running.held, { interval: 1 }).toBe(before + 1);
    await eventually(() => running.log.some(({ message }) => message === 'a call failed')).toBe(true);
    expect(running.held).toBe(before);
    expect(await running.ask('work.one', 'e')).toBe('e');
  });

  test('a handler that computes without end is ended at its deadline, and the message that waits for it is handled', async () => {
    const running = await start({ deliverTimeoutMs: 2_000 }, { interruption: 'always' });
    await running.run({ config: { ...config, max_in_flight: '1', admission_wait: '30s' } });
    await running.tell('work.one', 's');
    expect(await running.ask('work.one', 'e after')).toBe('e after');
    const failed = running.log.filter(({ message }) => message === 'a call failed');
    expect(failed.map(({ fields }) => fields['error'])).toMatchObject([{ code: 'ERR_CALL_TIMEOUT' }]);
    await eventually(() => running.plugin.inFlight).toBe(0);
    expect(running.host.usage().workloads).toMatchObject([{ instances: 0 }]);
  });

  test('a workload that has stopped gets nothing more, and leaves nothing', async () => {
    const running = await start();
    await running.client();
    const before = running.held;
    await running.run({ config });
    await running.hear('silent');
    await running.tell('work.one', 'rsilent');
    await eventually(() => running.plugin.inFlight).toBe(1);
    await running.host.workloadStop('one');
    expect(running.plugin.inFlight).toBe(0);
    expect(running.held).toBe(before + 1);
    await expect(running.ask('work.one', 'e')).rejects.toMatchObject({ kind: 'no-responders' });
    expect(await running.run({ config })).toMatchObject({ state: 'running' });
    expect(await running.ask('work.one', 'e')).toBe('e');
  });

  test.each([
    [{ subscriptions: 'a b' }, 'subscriptions'],
    [{ subscriptions: 'a..b' }, 'subscriptions'],
    [{ subscriptions: '$SYS.>' }, 'subscriptions'],
    [{ subscriptions: 'runtime.>' }, 'subscriptions'],
    [{ subscriptions: '_INBOX.>' }, 'subscriptions'],
    [{ allowed_publish: 'a.>.b' }, 'allowed_publish'],
    [{ consumer_group: 'two words' }, 'consumer_group'],
    [{ consumer_group: 'a.*' }, 'consumer_group'],
    [{ backend: 'kafka' }, 'backend'],
    [{ subscription: 'a' }, 'subscription'],
  ])('a workload with %j does not start, and is told where to look', async (wrong, key) => {
    const running = await start();
    const status = await running.run({ config: { ...config, ...wrong } });
    expect(status.state).toBe('error');
    expect(status.error?.code).toBe('ERR_CONFIG_INVALID');
    expect(status.message).toContain(`hostInterfaces[wasmcloud:messaging].config.${key} `);
  });

  test('a wrong number gets a warning, as on wasmCloud', async () => {
    const running = await start();
    await running.run({ config: { ...config, max_in_flight: '0', admission_wait: 'soon' } });
    expect(await running.ask('work.one', 'e')).toBe('e');
    const warnings = running.log.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(warnings).toEqual([expect.stringContaining('max_in_flight'), expect.stringContaining('admission_wait')]);
  });
});

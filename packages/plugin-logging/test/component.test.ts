import { createHost, type Logger } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { hostLogging, type LoggingBackend, type LoggingLimits, loggingPlugin } from '@lodge/plugin-logging';
import { inMemoryLogging } from '@lodge/plugin-logging/in-memory';
import { natsLogging } from '@lodge/plugin-logging/nats';
import { startNatsServer } from '@lodge-internal/test-nats';
import { connect } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { loggerComponent, speakerCaller } from './logger-component.js';

interface Options {
  readonly config?: Record<string, string>;
  readonly limits?: Partial<LoggingLimits>;
  readonly logger?: Logger;
}

async function startSpeaker(backend: LoggingBackend, { config = {}, limits = {}, logger }: Options = {}) {
  const caller = speakerCaller();
  const plugins = [loggingPlugin({ backends: [backend], limits }), caller];
  const host = createHost({ engine: lodgeEngine(), plugins, ...(logger === undefined ? {} : { logger }) });
  await host.start();
  const bytes = await loggerComponent();
  const status = await host.workloadStart({
    workloadId: 'speaker',
    workload: {
      namespace: 'shop',
      name: 'cart',
      components: [{ name: 'main', source: { bytes } }],
      hostInterfaces: [
        { namespace: 'wasi', package: 'logging', interfaces: ['logging'], config },
        { namespace: 'test', package: 'speaker', interfaces: ['run'] },
      ],
    },
  });
  return { caller, status, host, [Symbol.asyncDispose]: () => host.stop() };
}

describe('a component', () => {
  test('logs, and each record names its instance', async () => {
    const backend = inMemoryLogging();
    await using speaker = await startSpeaker(backend);
    expect(speaker.status).toMatchObject({ state: 'running' });
    await speaker.caller.say(1, 'cart', 'first');
    await speaker.caller.say(5, 'cart', 'second\nline');
    const [first, second] = backend.records('speaker');
    expect(first).toMatchObject({
      level: 'debug',
      context: 'cart',
      message: 'first',
      workload: { id: 'speaker', namespace: 'shop', name: 'cart' },
      component: 'main',
    });
    expect(second).toMatchObject({ level: 'critical', message: 'second\\nline' });
    expect(first?.instance).toMatch(/^speaker\/main\//);
    expect(second?.instance).not.toBe(first?.instance);
  });

  test('that logs without end leaves a bounded number of records and a count', async () => {
    const backend = inMemoryLogging();
    const limits = { burst: 100, recordsPerSecond: 1 };
    await using speaker = await startSpeaker(backend, { limits });
    await speaker.caller.say(2, 'loop', 'again', 200_000);
    await speaker.host.workloadStop('speaker');
    const records = backend.records();
    const dropped = records.reduce((sum, record) => sum + (record.dropped ?? 0), 0);
    const said = records.filter(({ message }) => message === 'again').length;
    expect(said).toBeLessThan(150);
    expect(said + dropped).toBe(200_000);
  });

  test('writes to the logger of the host', async () => {
    const lines: string[] = [];
    const logger: Logger = { log: (level, message) => void lines.push(`${level} ${message}`) };
    await using speaker = await startSpeaker(hostLogging(), { logger });
    await speaker.caller.say(3, 'cart', 'careful');
    expect(lines).toContain('warn careful');
  });

  test('whose entry is wrong does not start, and the error says where', async () => {
    await using speaker = await startSpeaker(inMemoryLogging(), { config: { level: 'loud' } });
    expect(speaker.status).toMatchObject({
      state: 'error',
      message: expect.stringContaining('hostInterfaces[wasi:logging].config.level'),
      error: { code: 'ERR_CONFIG_INVALID' },
    });
  });

  test('is heard on NATS, up to its last word', async () => {
    await using server = await startNatsServer();
    const reader = await connect({ servers: server.url });
    const heard: string[] = [];
    reader.subscribe('lodge.logs.shop.cart', {
      callback: (_error, message) => void heard.push(message.json<{ message: string }>().message),
    });
    await reader.flush();
    {
      await using speaker = await startSpeaker(natsLogging({ url: server.url }));
      await speaker.caller.say(2, 'cart', 'hello', 500);
      await speaker.caller.say(2, 'cart', 'goodbye');
    }
    await expect.poll(() => heard.length).toBe(501);
    expect(heard.at(-1)).toBe('goodbye');
    await reader.close();
  });
});

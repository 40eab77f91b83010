import { expect, test } from 'vitest';
import { natsConfigKeys, parseNatsSettings } from './settings.js';

test('without settings messages go over core NATS', () => {
  expect(parseNatsSettings({}, 'config')).toEqual({ url: undefined, jetStream: undefined });
});

test('streams have their defaults', () => {
  expect(parseNatsSettings({ mode: 'jetstream' }, 'config').jetStream).toEqual({
    stream: undefined,
    ackWaitMs: 30_000,
    maxDeliver: 5,
    retryDelayMs: 1_000,
    deadLetter: undefined,
  });
});

test('every key is read', () => {
  const config = {
    url: 'nats://127.0.0.1:1',
    mode: 'jetstream',
    stream: 'ORDERS',
    ack_wait: '1m',
    max_deliver: '3',
    retry_delay: '50ms',
    dead_letter: 'orders.dead',
  };
  expect(Object.keys(config).sort()).toEqual([...natsConfigKeys].sort());
  expect(parseNatsSettings(config, 'config')).toEqual({
    url: 'nats://127.0.0.1:1',
    jetStream: { stream: 'ORDERS', ackWaitMs: 60_000, maxDeliver: 3, retryDelayMs: 50, deadLetter: 'orders.dead' },
  });
});

test.each([
  [{ mode: 'JetStream' }, 'mode'],
  [{ stream: 'ORDERS' }, 'stream'],
  [{ mode: 'core', dead_letter: 'a' }, 'dead_letter'],
  [{ mode: 'jetstream', stream: 'a.b' }, 'stream'],
  [{ mode: 'jetstream', stream: '' }, 'stream'],
  [{ mode: 'jetstream', ack_wait: '10ms' }, 'ack_wait'],
  [{ mode: 'jetstream', ack_wait: '2h' }, 'ack_wait'],
  [{ mode: 'jetstream', retry_delay: 'soon' }, 'retry_delay'],
  [{ mode: 'jetstream', max_deliver: '0' }, 'max_deliver'],
  [{ mode: 'jetstream', max_deliver: '-1' }, 'max_deliver'],
  [{ mode: 'jetstream', dead_letter: '$JS.x' }, 'dead_letter'],
  [{ mode: 'jetstream', dead_letter: 'a.>' }, 'dead_letter'],
])('%j is refused', (config, key) => {
  expect(() => parseNatsSettings(config as Readonly<Record<string, string>>, 'config')).toThrow(
    expect.objectContaining({ code: 'ERR_CONFIG_INVALID', message: expect.stringContaining(`config.${key} `) }),
  );
});

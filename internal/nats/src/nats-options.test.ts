import { describe, expect, test } from 'vitest';
import { describeServers, type NatsOptions, toConnectionOptions } from './nats-options.js';

describe('toConnectionOptions', () => {
  test.each<[NatsOptions, string[]]>([
    [{}, ['127.0.0.1:4222']],
    [{ url: 'nats://server' }, ['server:4222']],
    [{ url: 'tls://server:80' }, ['server:80']],
    [{ url: 'server:4223' }, ['server:4223']],
    [{ url: '[::1]' }, ['[::1]:4222']],
    [{ url: 'nats://[::1]:4223/' }, ['[::1]:4223']],
    [{ servers: ['a', 'nats://b:1'] }, ['a:4222', 'b:1']],
    [{ url: 'nats://user:pass:7@server' }, ['server:4222']],
  ])('of %j connects to %j', (options, servers) => {
    expect(toConnectionOptions(options, 'name').servers).toEqual(servers);
  });

  test('tries to reconnect for ever', () => {
    expect(toConnectionOptions({}, 'name')).toMatchObject({ maxReconnectAttempts: -1, name: 'name' });
  });

  test('hands on how to log in, and what to trust', () => {
    const tls = { caFile: 'ca.pem', certFile: 'cert.pem', keyFile: 'key.pem' };
    expect(toConnectionOptions({ token: 't', tls }, '')).toMatchObject({ token: 't', tls });
    expect(toConnectionOptions({ user: 'u', password: 'p' }, '')).toMatchObject({ user: 'u', pass: 'p' });
    expect(toConnectionOptions({ url: 'nats://a%40b:c%3Ad@server' }, '')).toMatchObject({ user: 'a@b', pass: 'c:d' });
  });

  test.each(['ftp://a', 'nats://', 'nats://a/b', 'nats://a?b', 'nats://a:1:2', 'nats://u:%zz@a'])(
    'refuses %s, without quoting what may be a password',
    (url) => {
      expect(() => toConnectionOptions({ url }, '')).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }));
      expect(() => toConnectionOptions({ url }, '')).not.toThrow('%zz');
    },
  );
});

test('describeServers leaves the login out', () => {
  expect(describeServers({ servers: ['nats://user:secret@a', 'b:1'] })).toBe('a:4222, b:1');
});

test('a tls:// address requires TLS, a nats:// one takes what the server offers', () => {
  expect(toConnectionOptions({ url: 'tls://nats.test:4222' }, 'n')).toMatchObject({
    servers: ['nats.test:4222'],
    tls: {},
  });
  expect(toConnectionOptions({ url: 'nats://nats.test:4222' }, 'n')).not.toHaveProperty('tls');
});

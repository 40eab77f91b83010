import { expect, test } from 'vitest';
import { maySendTo, zoneOf } from './addresses.js';

test.each([
  ['127.0.0.1', 'loopback'],
  ['0.0.0.0', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['64:ff9b::7f00:1', 'loopback'],
  ['2002:7f00:1::', 'loopback'],
  ['10.1.2.3', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.0.1', 'private'],
  ['100.64.0.1', 'private'],
  ['fd12:3456::1', 'private'],
  ['64:ff9b::a01:203', 'private'],
  ['169.254.169.254', 'local'],
  ['100.100.100.200', 'local'],
  ['fd00:ec2::254', 'local'],
  ['fe80::1', 'local'],
  ['ff02::1', 'local'],
  ['255.255.255.255', 'local'],
  ['2002:a9fe:a9fe::', 'local'],
  ['no address', 'local'],
  ['93.184.216.34', 'public'],
  ['172.32.0.1', 'public'],
  ['2606:2800:220:1::1', 'public'],
])('%s is %s', (address, zone) => {
  expect(zoneOf(address)).toBe(zone);
});

test('a server sends clients no closer to their machine than it is itself', () => {
  const all = ['public', 'private', 'loopback', 'local'] as const;
  const allowed = Object.fromEntries(all.map((from) => [from, all.filter((to) => maySendTo(from, to))]));
  expect(allowed).toEqual({
    public: ['public'],
    private: ['public', 'private'],
    loopback: ['public', 'private', 'loopback'],
    local: ['public', 'local'],
  });
});

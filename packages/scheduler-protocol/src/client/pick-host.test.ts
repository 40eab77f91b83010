import { expect, test } from 'vitest';
import { hostHeartbeat } from '../messages/host-heartbeat.js';
import { decodeMessage } from '../protojson/codec.js';
import type { KnownHost } from './host-directory.js';
import { pickHost } from './pick-host.js';

function host(hostId: string, labels: Record<string, string>, environment = ''): KnownHost {
  const heartbeat = decodeMessage(hostHeartbeat, JSON.stringify({ id: hostId, labels, environment }));
  return { hostId, heartbeat, lastSeen: new Date() };
}

const hosts = [host('a', { hostgroup: 'edge', zone: '1' }), host('b', { hostgroup: 'edge' }, 'team'), host('c', {})];

test('any host fits where nothing is required, each as likely as the others', () => {
  expect([0, 0.34, 0.99].map((at) => pickHost(hosts, { random: () => at })?.hostId)).toEqual(['a', 'b', 'c']);
});

test('labels, environment and exceptions narrow the choice', () => {
  const random = (): number => 0;
  expect(pickHost(hosts, { labels: { zone: '1' } })?.hostId).toBe('a');
  expect(pickHost(hosts, { labels: { hostgroup: 'edge' }, except: ['a'] })?.hostId).toBe('b');
  expect(pickHost(hosts, { environment: 'team' })?.hostId).toBe('b');
  expect(pickHost(hosts, { environment: '', random })?.hostId).toBe('a');
});

test('where none fits there is none', () => {
  expect(pickHost(hosts, { labels: { hostgroup: 'edge', zone: '2' } })).toBeUndefined();
  expect(pickHost(hosts, { labels: { constructor: 'x' } })).toBeUndefined();
  expect(pickHost([])).toBeUndefined();
});

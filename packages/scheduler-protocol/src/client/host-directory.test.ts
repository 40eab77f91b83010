import { silentLogger } from '@lodge/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hostHeartbeat } from '../messages/host-heartbeat.js';
import { encodeMessage } from '../protojson/codec.js';
import { heartbeatSubject } from '../subjects.js';
import { HostDirectory } from './host-directory.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const ttlMs = 60_000;

function directory(): { hear(id: string): void; readonly hosts: HostDirectory } {
  const hosts = new HostDirectory({ ttlMs, maxHosts: 10, logger: silentLogger });
  return { hosts, hear: (id) => hosts.hear(heartbeatSubject(id), encodeMessage(hostHeartbeat, { id })) };
}

const idsOf = (hosts: HostDirectory): string[] => hosts.hosts().map(({ hostId }) => hostId);

test('hosts leave in the order in which they fell silent, and whoever speaks stays', async () => {
  const { hosts, hear } = directory();
  const changes = hosts.changes(undefined);
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { type, host } of changes) seen.push(`${type} ${host.hostId}`);
  })();
  for (const id of ['c', 'a', 'b']) {
    hear(id);
    await vi.advanceTimersByTimeAsync(10_000);
  }
  hear('c');
  expect(idsOf(hosts)).toEqual(['a', 'b', 'c']);
  await vi.advanceTimersByTimeAsync(39_999);
  expect(idsOf(hosts)).toEqual(['a', 'b', 'c']);
  await vi.advanceTimersByTimeAsync(1);
  expect(idsOf(hosts)).toEqual(['b', 'c']);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(idsOf(hosts)).toEqual([]);
  hear('a');
  hosts.close();
  await reading;
  expect(seen).toEqual(['joined c', 'joined a', 'joined b', 'updated c', 'left a', 'left b', 'left c', 'joined a']);
});

test('a host that is silent too long is not there even before a timer says so', () => {
  const { hosts, hear } = directory();
  hear('a');
  // A process that was suspended: time passed, and no timer ran.
  vi.setSystemTime(Date.now() + 1);
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + ttlMs);
  expect(hosts.host('a')).toBeUndefined();
  vi.restoreAllMocks();
});

test('no timer is left behind', async () => {
  const { hosts, hear } = directory();
  hear('a');
  hear('b');
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(ttlMs);
  expect(vi.getTimerCount()).toBe(0);
  hear('a');
  hosts.close();
  expect(vi.getTimerCount()).toBe(0);
});

import { expect, test } from 'vitest';
import { hostHeartbeat } from '../messages/host-heartbeat.js';
import { decodeMessage } from '../protojson/codec.js';
import { type HostChange, HostChanges } from './host-changes.js';

function change(type: HostChange['type'], hostId = 'a', environment = ''): HostChange {
  const heartbeat = decodeMessage(hostHeartbeat, JSON.stringify({ id: hostId, environment }));
  return { type, host: { hostId, heartbeat, lastSeen: new Date() } };
}

/** What a reader sees of changes of one host that all came before it read. */
async function seen(...types: readonly HostChange['type'][]): Promise<string[]> {
  const changes = new HostChanges(() => undefined);
  for (const type of types) changes.push(change(type));
  changes.end();
  return (await Array.fromAsync(changes)).map(({ type }) => type);
}

test('a slow reader sees what the changes of a host come to', async () => {
  expect(await seen('joined', 'updated', 'updated')).toEqual(['joined']);
  expect(await seen('joined', 'updated', 'left')).toEqual([]);
  expect(await seen('updated', 'left')).toEqual(['left']);
  expect(await seen('updated', 'left', 'joined')).toEqual(['updated']);
  expect(await seen('joined', 'left', 'joined')).toEqual(['joined']);
});

test('a reader gets the newest of each host', async () => {
  const changes = new HostChanges(() => undefined);
  changes.push(change('joined', 'a', 'old'));
  changes.push(change('joined', 'b'));
  changes.push(change('updated', 'a', 'new'));
  changes.end();
  const read = await Array.fromAsync(changes);
  expect(read.map(({ host }) => `${host.hostId} ${host.heartbeat.environment}`)).toEqual(['a new', 'b ']);
});

test('readers that ask at the same time, again and again, each get their own changes', async () => {
  const changes = new HostChanges(() => undefined);
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    for (;;) {
      const { value } = await changes.next();
      if (value === undefined) return;
      seen.push(value.host.hostId);
    }
  };
  const readers = [read(), read()];
  for (const id of ['a', 'b', 'c', 'd']) {
    changes.push(change('joined', id));
    await new Promise((resolve) => setImmediate(resolve));
  }
  changes.end();
  await Promise.all(readers);
  expect(seen).toEqual(['a', 'b', 'c', 'd']);
});

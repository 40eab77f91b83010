import { expect, test } from 'vitest';
import { defaultConsumerGroup, fnv1a64 } from './consumer-group.js';

test('the default group is the one that wasmCloud hosts use', () => {
  const group = defaultConsumerGroup({ namespace: 'orders', workload: 'processor', component: 'worker' });
  expect(group).toBe('wasmcloud.orders.processor.worker.6e62186180ab9c0e');
});

test('names that groups cannot hold stay apart', () => {
  const odd = defaultConsumerGroup({ namespace: 'größe', workload: 'a b', component: 'x' });
  expect(odd).toBe('wasmcloud.gr--e.a-b.x.6e0935450729c66f');
  expect(defaultConsumerGroup({ namespace: 'größe', workload: 'a.b', component: 'x' })).not.toBe(odd);
});

test('a group has at most 128 characters, whatever the names', () => {
  const long = { namespace: 'n'.repeat(300), workload: 'w', component: 'c' };
  const group = defaultConsumerGroup(long);
  expect(group).toHaveLength(128);
  expect(group).toMatch(/^wasmcloud\.n+\.[0-9a-f]{16}$/);
  expect(defaultConsumerGroup({ ...long, component: 'd' })).not.toBe(group);
});

test('the hash is FNV-1a of 64 bits', () => {
  expect([fnv1a64(''), fnv1a64('a'), fnv1a64('foobar')]).toEqual([
    'cbf29ce484222325',
    'af63dc4c8601ec8c',
    '85944171f73967e8',
  ]);
});

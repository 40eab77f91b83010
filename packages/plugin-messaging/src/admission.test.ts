import { expect, test } from 'vitest';
import { Admission } from './admission.js';

async function settled(promise: Promise<unknown>): Promise<unknown> {
  return Promise.race([promise, new Promise((resolve) => setImmediate(() => resolve('waits')))]);
}

test('a lane lets in as many as it has room for, in order', async () => {
  const lane = new Admission(10).open({ key: 'a', maxInFlight: 2 });
  const tickets = [1, 2, 3, 4].map(() => lane.enter(1, 10_000));
  expect(await Promise.all(tickets.map(({ outcome }) => settled(outcome)))).toEqual([
    'admitted',
    'admitted',
    'waits',
    'waits',
  ]);
  lane.leave();
  expect(await settled(tickets[2]?.outcome ?? Promise.reject())).toBe('admitted');
  expect(lane.waiting).toBe(1);
  tickets[3]?.cancel();
});

test('all lanes together have a bound, and take turns', async () => {
  const admission = new Admission(1);
  const [first, second] = ['a', 'b'].map((key) => admission.open({ key, maxInFlight: 5 }));
  const order: string[] = [];
  const tickets = ['a1', 'a2', 'a3', 'b1'].map((name) => {
    const lane = name.startsWith('a') ? first : second;
    return lane?.enter(1, 10_000).outcome.then(() => {
      order.push(name);
      lane.leave();
    });
  });
  await Promise.all(tickets);
  expect(order.slice(0, 3)).toContain('b1');
  expect(order).toHaveLength(4);
  expect(admission.running).toBe(0);
});

test('who waits too long is told so, and takes no place', async () => {
  const lane = new Admission(10).open({ key: 'a', maxInFlight: 1 });
  lane.enter(1, 10_000);
  expect(await lane.enter(1, 5).outcome).toBe('timeout');
  lane.leave();
  expect(await settled(lane.enter(1, 10_000).outcome)).toBe('admitted');
});

test('who gives up takes no place', async () => {
  const lane = new Admission(10).open({ key: 'a', maxInFlight: 1 });
  lane.enter(1, 10_000);
  const given = lane.enter(1, 10_000);
  given.cancel();
  expect(await given.outcome).toBe('cancelled');
  expect(lane.waiting).toBe(0);
});

test('what waits is bounded in number and in bytes', async () => {
  const lane = new Admission(10).open({ key: 'a', maxInFlight: 1 });
  lane.enter(0, 10_000);
  const large = lane.enter(33_554_432, 10_000);
  expect(await lane.enter(1, 10_000).outcome).toBe('queue-full');
  large.cancel();
  const many = Array.from({ length: 10_000 }, () => lane.enter(0, 10_000));
  expect(await lane.enter(0, 10_000).outcome).toBe('queue-full');
  for (const ticket of many) ticket.cancel();
  expect(lane.waiting).toBe(0);
});

test('replicas share a lane, and the last one takes it along', async () => {
  const admission = new Admission(10);
  const one = admission.open({ key: 'a', maxInFlight: 1 });
  const two = admission.open({ key: 'a', maxInFlight: 1 });
  expect(two).toBe(one);
  expect(admission.open({ key: 'b', maxInFlight: 1 })).not.toBe(one);
  one.close();
  expect(admission.size).toBe(2);
  two.close();
  expect(admission.size).toBe(1);
});

import { AssertionError } from 'node:assert';
import { describe, expect, test } from 'vitest';
import { hostContext } from './host-context.js';
import { atMost, eventually, promptly } from './patience.js';
import { testBrokenSetups } from './test-broken-setups.js';

describe('promptly', () => {
  test('gives what comes in time', async () => {
    expect(await promptly(Promise.resolve(1), 1_000, 'late')).toBe(1);
    await expect(promptly(Promise.reject(new Error('own')), 1_000, 'late')).rejects.toThrow('own');
  });

  test('fails what does not come', async () => {
    await expect(promptly(new Promise(() => {}), 5, 'late')).rejects.toThrow(AssertionError);
  });
});

test('atMost forgives failures and what never ends', async () => {
  await atMost(Promise.reject(new Error('ignored')));
  await atMost(new Promise(() => {}));
});

test('eventually asks until the answer is right, and tells the last one', async () => {
  let asked = 0;
  const options = { patienceMs: 5_000, message: 'too few' };
  expect(await eventually(() => ++asked, { ...options, isRight: (count) => count >= 3 })).toBe(3);
  const never = eventually(() => 7, { patienceMs: 5, message: 'wrong', isRight: () => false });
  await expect(never).rejects.toThrow('wrong: 7');
});

test('a host context has one thing per key, and closes them last first', async () => {
  const { context, close } = hostContext();
  const closed: string[] = [];
  const thing = (name: string) => async () => ({ close: async () => void closed.push(name) });
  expect(await context.shared('a', thing('a'))).toBe(await context.shared('a', thing('other')));
  await context.shared('b', thing('b'));
  await close();
  expect(closed).toEqual(['b', 'a']);
});

test('a rule that passes a broken setup is found out', async () => {
  const outcomes: Record<string, string> = {};
  const running: Promise<void>[] = [];
  const runner = {
    test(name: string, body: () => Promise<void>) {
      const noted = (outcome: string) => () => {
        outcomes[name] = outcome;
      };
      running.push(body().then(noted('passed'), noted('failed')));
    },
  };
  const rules = [
    { name: 'bites', check: async () => Promise.reject(new AssertionError({ message: 'broken' })) },
    { name: 'sleeps', check: async () => undefined },
    { name: 'crashes', check: async () => Promise.reject(new TypeError('a defect of the rule')) },
  ];
  testBrokenSetups(runner, rules, { faults: { bites: [1], sleeps: [1], crashes: [1] }, setupWith: (fault) => fault });
  testBrokenSetups(runner, rules.slice(0, 1), { faults: { bites: [], other: [] }, setupWith: (fault) => fault });
  await Promise.all(running);
  expect(outcomes).toEqual({
    'every rule has a backend that breaks it, and no other has': 'failed',
    'fault 1 breaks the rule that a backend bites': 'passed',
    'fault 1 breaks the rule that a backend sleeps': 'failed',
    'fault 1 breaks the rule that a backend crashes': 'failed',
  });
});

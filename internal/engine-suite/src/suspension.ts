import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WitError } from '@lodge/core';
import { fixture } from '@lodge-internal/fixtures';
import { startCalls } from './calls-host.js';
import { type Bench, expectHostError, failureOf, nextTurn, type Suite, testScope } from './suite.js';

/** Waiting: what may suspend, what may not, and how a suspended guest ends. */
export function testSuspension(suite: Suite): void {
  suite.describe('suspension', () => {
    suite.test('a guest waits for a host function that answers later, and the event loop goes on', async (bench) => {
      const { promise, resolve } = Promise.withResolvers<number>();
      const { guest } = await startCalls(bench, { wait: () => promise });
      const call = guest['wait']?.(1);
      assert(call instanceof Promise);
      await nextTurn();
      resolve(42);
      assert.equal(await call, 42);
    });

    suite.test('a guest may wait many times in one call', async (bench) => {
      const { guest } = await startCalls(bench, { wait: async (x: number) => nextTurn().then(() => x) });
      assert.equal(await guest['waitMany']?.(10), 55);
    });

    suite.test('a function that may wait can also answer at once', async (bench) => {
      const { guest } = await startCalls(bench, { wait: (x: number) => x + 1 });
      assert.equal(await guest['wait']?.(1), 2);
    });

    suite.test('a component without suspending imports is called without promises', async (bench) => {
      const { guest } = await startCalls(bench, {}, { suspending: [] });
      assert.equal(guest['addOne']?.(1), 2);
    });

    suite.test('a WitError that a waiting host function rejects with reaches the guest', async (bench) => {
      const { guest, instance } = await startCalls(bench, {
        waitCheck: () => Promise.reject(new WitError('too late')),
      });
      const error = await failureOf(() => guest['waitCheck']?.(1));
      assert(WitError.is(error));
      assert.equal(error.payload, 'too late');
      assert.equal(instance.isPoisoned, false);
    });

    for (const name of ['wait', 'waitCheck'] as const) {
      suite.test(`another rejection ends the call with it as the cause (${name})`, async (bench) => {
        const cause = new Error('a secret of the host');
        const { guest, instance } = await startCalls(bench, { [name]: () => Promise.reject(cause) });
        const error = await expectHostError(() => guest[name]?.(1), 'ERR_HOST_CALL_FAILED');
        assert.equal(error.cause, cause);
        assert.equal(instance.isPoisoned, true);
      });
    }

    suite.test('a promise from a function that was not declared to wait is an error', async (bench) => {
      const { guest, instance } = await startCalls(bench, { addOne: async (x: number) => x });
      await expectHostError(() => guest['addOne']?.(1), 'ERR_HOST_CALL_FAILED', 'ERR_GUEST_TRAPPED');
      assert.equal(instance.isPoisoned, true);
    });

    suite.test('a rejecting promise from such a function is not left unhandled', async (bench) => {
      const { guest } = await startCalls(bench, { addOne: () => Promise.reject(new Error('nobody waits')) });
      await expectHostError(() => guest['addOne']?.(1), 'ERR_HOST_CALL_FAILED', 'ERR_GUEST_TRAPPED');
      await nextTurn();
    });

    suite.test('a second call while one is suspended is refused, and the first goes on', async (bench) => {
      const { promise, resolve } = Promise.withResolvers<number>();
      const { guest } = await startCalls(bench, { wait: () => promise });
      const first = guest['wait']?.(1);
      await expectHostError(() => guest['count']?.(), 'ERR_INSTANCE_BUSY');
      resolve(7);
      assert.equal(await first, 7);
      assert.equal(await guest['count']?.(), 0);
    });

    suite.test('a call from within a host function of the same instance is refused', async (bench) => {
      const seen: unknown[] = [];
      const started = await startCalls(bench, {
        note: () => {
          seen.push(failureOf(() => started.guest['count']?.()));
        },
      });
      await started.guest['note']?.();
      await expectHostError(async () => throwIt(await seen[0]), 'ERR_INSTANCE_BUSY');
      assert.equal(await started.guest['count']?.(), 0);
    });

    suite.test(
      'a function that may wait is not allowed to in a start function, an allocation or a post-return',
      async (bench) => {
        const guest = async (): Promise<Record<string, (...args: unknown[]) => unknown>> => {
          const host = { ...badTimingHost(), wait: () => nextTurn() };
          const imports = { 'lodge:fixture/host': host };
          const started = await bench.start(await fixture('bad-timing'), {
            imports,
            suspending: ['lodge:fixture/host#wait'],
          });
          return started.exported('lodge:fixture/guest');
        };
        const inPostReturn = await guest();
        await expectHostError(() => inPostReturn['waitInPostReturn']?.(), 'ERR_GUEST_TRAPPED');
        const inRealloc = await guest();
        await inRealloc['setRealloc']?.(4);
        await expectHostError(() => inRealloc['takeText']?.('text'), 'ERR_GUEST_TRAPPED');
      },
    );

    suite.test('the asynchronous context of the caller survives suspension', async (bench) => {
      const storage = new AsyncLocalStorage<string>();
      const seen: unknown[] = [];
      const { guest } = await startCalls(bench, {
        wait: async (x: number) => {
          seen.push(storage.getStore());
          await nextTurn();
          return x;
        },
      });
      await storage.run('this call', async () => guest['waitMany']?.(3));
      assert.deepEqual(seen, ['this call', 'this call', 'this call']);
    });

    suite.test('two instances wait at the same time', async (bench) => {
      const order: string[] = [];
      const gate = Promise.withResolvers<number>();
      const slow = await startCalls(bench, { wait: () => gate.promise });
      const fast = await startCalls(bench, { wait: async (x: number) => x });
      const slowCall = slow.guest['wait']?.(1).then(() => order.push('slow'));
      await fast.guest['wait']?.(1).then(() => order.push('fast'));
      gate.resolve(1);
      await slowCall;
      assert.deepEqual(order, ['fast', 'slow']);
    });
  });

  suite.describe('interrupt', () => {
    suite.test('an interrupted suspended call rejects with the reason, and the instance is over', async (bench) => {
      const { guest, instance } = await startCalls(bench, { wait: () => new Promise(() => {}) });
      const reason = new Error('the deadline has passed');
      const call = failureOf(() => guest['wait']?.(1));
      await nextTurn();
      instance.interrupt(reason);
      assert.equal(await call, reason);
      assert.equal(instance.isPoisoned, true);
      await expectHostError(() => guest['count']?.(), 'ERR_INSTANCE_POISONED');
    });

    suite.test('a guest cannot catch an interruption', async (bench) => {
      const { guest, instance } = await startCalls(bench, { wait: () => new Promise(() => {}) });
      const reason = new Error('stop');
      const call = failureOf(() => guest['surviveWait']?.(1));
      await nextTurn();
      instance.interrupt(reason);
      assert.equal(await call, reason);
    });

    suite.test('an answer that comes after the interruption changes nothing', async (bench) => {
      const { promise, resolve } = Promise.withResolvers<number>();
      const { guest, instance } = await startCalls(bench, { wait: () => promise });
      const reason = new Error('stop');
      const call = failureOf(() => guest['wait']?.(1));
      await nextTurn();
      instance.interrupt(reason);
      resolve(1);
      assert.equal(await call, reason);
    });

    suite.test('a running guest is interrupted at its next crossing', async (bench) => {
      const reason = new Error('stop');
      let calls = 0;
      const started = await startCalls(bench, {
        wait: (x: number) => {
          calls++;
          started.instance.interrupt(reason);
          return x;
        },
      });
      assert.equal(await failureOf(() => started.guest['waitMany']?.(5)), reason);
      assert.equal(calls, 1);
    });

    suite.test('an interruption without a call ends the instance', async (bench) => {
      const { guest, instance } = await startCalls(bench);
      instance.interrupt(new Error('stop'));
      assert.equal(instance.isPoisoned, true);
      await expectHostError(() => guest['count']?.(), 'ERR_INSTANCE_POISONED');
    });

    suite.test('a dispose during a suspended call ends the call', async (bench) => {
      const { guest, instance } = await startCalls(bench, { wait: () => new Promise(() => {}) });
      const call = failureOf(() => guest['wait']?.(1));
      await nextTurn();
      instance.dispose();
      assert((await call) instanceof Error);
    });

    suite.test('an interrupted suspended call leaves nothing behind', async (bench) => {
      const held: WeakRef<object>[] = [];
      for (let count = 0; count < 20; count++) held.push(await interruptOne(bench));
      const collect = exposeCollector();
      for (let round = 0; round < 10 && held.some((ref) => ref.deref()); round++) {
        await nextTurn();
        collect();
      }
      const alive = held.filter((ref) => ref.deref()).length;
      assert(alive <= 1, `${alive} of 20 interrupted instances are still alive`);
    });
  });
}

/** Suspends an instance of its own and interrupts it. The object lives as long as the instance's imports do. */
async function interruptOne(bench: Bench): Promise<WeakRef<object>> {
  const token = { marker: new Uint8Array(1000) };
  const compiled = await bench.engine.compile(await fixture('calls'), {
    name: 'subject',
    suspendingImports: new Set(['lodge:fixture/host#wait']),
  });
  const host = {
    addOne: () => token,
    check: () => 1,
    checkCode: () => {},
    note: () => {},
    waitCheck: () => 1,
    wait: () => new Promise(() => token),
  };
  const imports = new Map([['subject', { 'lodge:fixture/host': host, 'world-level': () => 1 }]]);
  const instance = await compiled.instantiate(imports, testScope('subject'));
  const guest = instance.exports['lodge:fixture/guest'];
  assert(typeof guest === 'object');
  const call = failureOf(() => guest['wait']?.(1));
  await nextTurn();
  instance.interrupt(new Error('stop'));
  await call;
  instance.dispose();
  compiled.dispose();
  return new WeakRef(token);
}

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** The host of the fixture `bad-timing`. */
export function badTimingHost(): Record<string, unknown> {
  return {
    note: () => undefined,
    wait: () => undefined,
    text: () => 'a text',
    bytes: () => [1, 2, 3],
    make: () => new Thing(),
    Thing,
  };
}

class Thing {
  [Symbol.dispose](): void {}
}

function throwIt(error: unknown): never {
  throw error;
}

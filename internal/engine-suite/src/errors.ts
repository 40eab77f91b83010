import assert from 'node:assert/strict';
import { GuestExit, WitError } from '@lodge/core';
import { fixture, watComponent } from '@lodge-internal/fixtures';
import { startCalls } from './calls-host.js';
import { expectHostError, failureOf, type Suite } from './suite.js';

/** Errors that cross between host and guest, and those that must not. */
export function testErrors(suite: Suite): void {
  suite.describe('errors', () => {
    suite.test('an ok result is returned as its payload', async (bench) => {
      const { guest } = await startCalls(bench, { check: (x: number) => x * 2 });
      assert.equal(await guest['check']?.(21), 42);
    });

    suite.test(
      'a WitError of a host function reaches the guest, and the err of the guest is a WitError',
      async (bench) => {
        const { guest, instance } = await startCalls(bench, { check: () => throwIt(new WitError('not today')) });
        assert.equal(payloadOf(await failureOf(() => guest['check']?.(1))), 'not today');
        assert.equal(instance.isPoisoned, false);
      },
    );

    suite.test('an err leaves the instance usable', async (bench) => {
      const { guest } = await startCalls(bench, {
        check: (x: number) => (x === 0 ? throwIt(new WitError('zero')) : x),
      });
      await failureOf(() => guest['check']?.(0));
      assert.equal(await guest['check']?.(3), 3);
    });

    suite.test('an enum travels as the error of a result without ok', async (bench) => {
      const { guest } = await startCalls(bench, { checkCode: () => throwIt(new WitError('access-denied')) });
      assert.equal(payloadOf(await failureOf(() => guest['checkCode']?.(1))), 'access-denied');
    });

    suite.test('a WitError is recognised by its structure', async (bench) => {
      class WitErrorOfAnotherCopy extends Error {
        override readonly name: string = 'WitError';
        readonly payload: string = 'from afar';
      }
      const { guest } = await startCalls(bench, { check: () => throwIt(new WitErrorOfAnotherCopy()) });
      assert.equal(payloadOf(await failureOf(() => guest['check']?.(1))), 'from afar');
    });

    suite.test(
      'any other error of a host function ends the call with it as the cause, and the instance',
      async (bench) => {
        const cause = new Error('a secret of the host');
        const { guest, instance } = await startCalls(bench, { addOne: () => throwIt(cause) });
        const error = await expectHostError(() => guest['addOne']?.(1), 'ERR_HOST_CALL_FAILED');
        assert.equal(error.cause, cause);
        assert.equal(instance.isPoisoned, true);
        await expectHostError(() => guest['count']?.(), 'ERR_INSTANCE_POISONED');
      },
    );

    suite.test('the text of another error never becomes the err of a result', async (bench) => {
      const { guest } = await startCalls(bench, { check: () => throwIt(new Error('a secret of the host')) });
      await expectHostError(() => guest['check']?.(1), 'ERR_HOST_CALL_FAILED');
    });

    suite.test('an error that merely has a payload is no WitError', async (bench) => {
      const error = Object.assign(new Error('a secret'), { payload: 'a secret' });
      const { guest } = await startCalls(bench, { check: () => throwIt(error) });
      await expectHostError(() => guest['check']?.(1), 'ERR_HOST_CALL_FAILED');
    });

    suite.test('a WitError from a function whose type has no error ends the call', async (bench) => {
      const { guest, instance } = await startCalls(bench, { addOne: () => throwIt(new WitError('out of place')) });
      await expectHostError(() => guest['addOne']?.(1), 'ERR_HOST_CALL_FAILED');
      assert.equal(instance.isPoisoned, true);
    });

    for (const thrown of ['text', undefined, 7, { payload: 'plain object' }]) {
      suite.test(
        `a host function that throws ${JSON.stringify(thrown) ?? 'undefined'} ends the call`,
        async (bench) => {
          const { guest } = await startCalls(bench, { check: () => throwIt(thrown) });
          const error = await expectHostError(() => guest['check']?.(1), 'ERR_HOST_CALL_FAILED');
          assert.deepEqual(error.cause, thrown);
        },
      );
    }

    suite.test('a host function that returns a value of another type ends the call', async (bench) => {
      const { guest, instance } = await startCalls(bench, { addOne: () => ({ not: 'a number' }) });
      await expectHostError(() => guest['addOne']?.(1), 'ERR_HOST_CALL_FAILED');
      assert.equal(instance.isPoisoned, true);
    });

    suite.test('a guest cannot catch what a host function throws', async (bench) => {
      const { guest } = await startCalls(bench, { addOne: () => throwIt(new Error('uncatchable')) });
      await expectHostError(() => guest['survive']?.(1), 'ERR_HOST_CALL_FAILED');
    });

    suite.test('a guest cannot catch what a waiting host function rejects with', async (bench) => {
      const { guest } = await startCalls(bench, { wait: async () => throwIt(new Error('uncatchable')) });
      await expectHostError(() => guest['surviveWait']?.(1), 'ERR_HOST_CALL_FAILED');
    });

    suite.test('a GuestExit ends the guest, and the call rejects with it', async (bench) => {
      const exit = new GuestExit(3);
      const { guest, instance } = await startCalls(bench, { addOne: () => throwIt(exit) });
      assert.equal(await failureOf(() => guest['survive']?.(1)), exit);
      assert.equal(instance.isPoisoned, true);
    });

    suite.test('a command ends with the GuestExit of its exit call', async (bench) => {
      const exit = new GuestExit(1);
      const started = await bench.start(await fixture('cli-exit'), {
        imports: { 'wasi:cli/exit@0.2.3': { exit: () => throwIt(exit) } },
      });
      assert.equal(await failureOf(() => started.exported('wasi:cli/run@0.2.3')['run']?.()), exit);
    });

    suite.test('functions of the world are called like others', async (bench) => {
      const started = await startCalls(bench);
      assert.equal(await started.exportedFunction('worldDouble')(20), 42);
    });

    suite.test('two versions of one interface are two imports', async (bench) => {
      const started = await bench.start(await watComponent(twoVersions), {
        imports: { 'lodge:fixture/clock@0.1.0': { now: () => 40 }, 'lodge:fixture/clock@0.2.0': { now: () => 2 } },
      });
      assert.equal(started.exportedFunction('difference')(), 38);
    });

    suite.test('an import object without a declared function is refused by its name', async (bench) => {
      const { note: _, ...rest } = { note: 1, addOne: () => 1 };
      const imports = { 'lodge:fixture/host': rest, 'world-level': () => 1 };
      const error = await expectHostError(
        async () => bench.start(await fixture('calls'), { imports }),
        'ERR_IMPORT_INVALID',
      );
      assert.match(error.message, /lodge:fixture\/host/);
    });

    suite.test('an import that is not a function is refused', async (bench) => {
      await expectHostError(() => startCalls(bench, { note: 'text' as never }), 'ERR_IMPORT_INVALID');
    });

    suite.test('an import object that is not there is refused', async (bench) => {
      await expectHostError(async () => bench.start(await fixture('calls'), { imports: {} }), 'ERR_IMPORT_INVALID');
    });
  });
}

const twoVersions = `(component
  (import "lodge:fixture/clock@0.1.0" (instance $old (export "now" (func (result u32)))))
  (import "lodge:fixture/clock@0.2.0" (instance $new (export "now" (func (result u32)))))
  (core func $old (canon lower (func $old "now")))
  (core func $new (canon lower (func $new "now")))
  (core module $m
    (import "host" "old" (func $old (result i32)))
    (import "host" "new" (func $new (result i32)))
    (func (export "difference") (result i32) (i32.sub (call $old) (call $new))))
  (core instance $m (instantiate $m (with "host" (instance (export "old" (func $old)) (export "new" (func $new))))))
  (func (export "difference") (result u32) (canon lift (core func $m "difference"))))`;

function throwIt(error: unknown): never {
  throw error;
}

function payloadOf(error: unknown): unknown {
  assert(WitError.is(error), `expected a WitError, got ${String(error)}`);
  return error.payload;
}

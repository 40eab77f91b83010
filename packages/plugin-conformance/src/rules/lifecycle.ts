import assert from 'node:assert/strict';
import { HostError } from '@lodge/core';
import type { Rule } from '../rule.js';
import type { HostPluginSetup } from '../setup.js';
import { givesUp, withPlugin, withUnstarted } from '../stage.js';

/** Hooks may fail, be given up, come twice and come half-way. */
export const lifecycleRules: readonly Rule<HostPluginSetup>[] = [
  {
    name: 'refuses a wrong configuration with an error that names it',
    skipReason: ({ refused = [] }) => (refused.length === 0 ? 'the setup has no refused workloads' : undefined),
    check: (setup) =>
      withPlugin(setup, async (stage) => {
        for (const [index, sample] of (setup.refused ?? []).entries()) {
          const error: unknown = await stage.bind(`refused-${index}`, { sample }).catch((reason: unknown) => reason);
          assert.ok(HostError.is(error), `refused[${index}] must be refused with a HostError`);
          assert.ok(error.isUserError, `${error.code} is no fault of the user; use ERR_CONFIG_INVALID`);
          const keys = Object.keys({ ...sample.config, ...sample.localResources });
          const isNamed = keys.some((key) => error.message.includes(key)) || 'path' in error.details;
          assert.ok(keys.length === 0 || isNamed, `"${error.message}" names none of ${keys.join(', ')}`);
        }
      }),
  },
  {
    name: 'holds nothing after a bind that threw',
    skipReason: (setup) =>
      isCounted(setup) ?? (setup.refused?.length ? undefined : 'the setup has no refused workloads'),
    check: (setup) =>
      withPlugin(setup, async (stage) => {
        const before = await stage.held();
        for (const sample of setup.refused ?? []) {
          // Alone, and after an entry that is right and for which something may have been taken.
          for (const options of [{ sample }, { also: sample }]) {
            const bound = await stage.bindWorkload('refused', options).catch(() => undefined);
            // One that only bindComponent refuses is unbound by the host.
            if (bound !== undefined) await stage.unbind(bound);
            assert.equal(await stage.held(), before, 'a bind that throws must release what it took');
          }
        }
      }),
  },
  {
    name: 'unbinds twice',
    check: (setup) =>
      withPlugin(setup, async (stage) => {
        const other = await stage.bind('other');
        const held = await stage.held();
        const bound = await stage.bind('first');
        await stage.unbind(bound);
        await assert.doesNotReject(stage.unbind(bound), 'a second unbind must do nothing');
        assert.equal(await stage.held(), held, 'the second unbind took away what is not its own');
        await stage.unbind(other);
      }),
  },
  {
    name: 'unbinds a workload that got half-way',
    check: (setup) =>
      withPlugin(setup, async (stage) => {
        const before = await stage.held();
        const withoutComponent = await stage.bindWorkload('without-component');
        await assert.doesNotReject(stage.unbind(withoutComponent), 'an unbind may come before bindComponent');
        const unresolved = await stage.bind('unresolved');
        await assert.doesNotReject(stage.unbind(unresolved), 'an unbind may come before onWorkloadResolved');
        assert.equal(await stage.held(), before, 'something is held after the unbind');
      }),
  },
  {
    name: 'stops without a start, and twice',
    check: async (setup) => {
      const signal = new AbortController().signal;
      await withUnstarted(setup, async ({ plugin }) => {
        await assert.doesNotReject(async () => plugin.stop?.({ signal }), 'a stop may come without a start');
      });
      await withPlugin(setup, async ({ plugin }) => {
        await plugin.stop?.({ signal });
        await assert.doesNotReject(async () => plugin.stop?.({ signal }), 'a second stop must do nothing');
      });
    },
  },
  {
    name: 'stops after a start that failed',
    skipReason: ({ createUnstartable }) =>
      createUnstartable ? undefined : 'the setup has no plugin that cannot start',
    check: (setup) =>
      withUnstarted(
        setup,
        async (stage) => {
          await assert.rejects(stage.start(), 'createUnstartable must make a plugin whose start fails');
          const signal = new AbortController().signal;
          await assert.doesNotReject(
            async () => stage.plugin.stop?.({ signal }),
            'a stop may come after a failed start',
          );
          assert.equal(await stage.held(), 0, 'something is held after a start that failed and a stop');
        },
        () => (setup.createUnstartable ?? setup.create)(),
      ),
  },
  {
    name: 'holds nothing after the stop',
    skipReason: isCounted,
    check: (setup) =>
      withPlugin(setup, async (stage) => {
        const bound = await stage.bind('first');
        await stage.observe(bound);
        await stage.unbind(bound);
        await stage.plugin.stop?.({ signal: new AbortController().signal });
        assert.equal(await stage.held(), 0, 'something is held after the stop');
      }),
  },
  {
    name: 'gives up a start, and a bind, whose signal aborts',
    check: async (setup) => {
      const create = setup.createStalled ?? setup.create;
      await withUnstarted(setup, (stage) => givesUp(stage.start(AbortSignal.abort(reason())), 'start'), create);
      await withUnstarted(
        setup,
        async (stage) => {
          const starting = new AbortController();
          const started = stage.start(starting.signal);
          abortSoon(starting);
          await givesUp(started, 'start');
          const binding = new AbortController();
          const before = await stage.held();
          const bound = stage.bindWorkload('first', { signal: binding.signal });
          abortSoon(binding);
          await givesUp(bound, 'onWorkloadBind');
          await bound.then((one) => stage.unbind(one)).catch(() => undefined);
          assert.equal(await stage.held(), before, 'a bind that was given up must release what it took');
        },
        create,
      );
    },
  },
  {
    name: 'unbinds and stops under a signal that has aborted',
    check: (setup) =>
      withPlugin(setup, async (stage) => {
        const bound = await stage.bind('first');
        const signal = AbortSignal.abort(reason());
        await givesUp(stage.unbind(bound, signal), 'onWorkloadUnbind');
        await givesUp(Promise.resolve(stage.plugin.stop?.({ signal })), 'stop');
        assert.equal(await stage.held(), 0, 'an aborted signal ends patience, not the duty to release');
      }),
  },
];

function isCounted({ held }: HostPluginSetup): string | undefined {
  return held === undefined ? 'the setup does not count what is held' : undefined;
}

/** After the hook has got to its first wait. */
function abortSoon(controller: AbortController): void {
  setTimeout(() => controller.abort(reason()), 0);
}

function reason(): HostError {
  return new HostError('ERR_CALL_ABORTED', 'the conformance suite gave up');
}

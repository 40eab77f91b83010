import assert from 'node:assert/strict';
import type { Rule } from '../rule.js';
import type { HostPluginSetup, WorkloadSample } from '../setup.js';
import { withPlugin, withUnstarted } from '../stage.js';

const concurrentBinds = 8;

/** Workloads of one host do not know of each other. */
export const workloadRules: readonly Rule<HostPluginSetup>[] = [
  {
    name: 'shows each workload what it would see alone',
    check: async (setup) => {
      const [first, second] = samplesOf(setup);
      const aloneFirst = await observeAlone(setup, 'first', first);
      const aloneSecond = await observeAlone(setup, 'second', second);
      await withPlugin(setup, async (stage) => {
        const boundFirst = await stage.bind('first', { sample: first });
        const boundSecond = await stage.bind('second', { sample: second });
        assert.deepEqual(await stage.observe(boundFirst), aloneFirst, 'the first workload sees the second');
        assert.deepEqual(await stage.observe(boundSecond), aloneSecond, 'the second workload sees the first');
        await stage.unbind(boundFirst);
        const boundThird = await stage.bind('third', { sample: second });
        assert.deepEqual(
          await stage.observe(boundThird),
          await observeAlone(setup, 'third', second),
          'a later workload sees one that is gone',
        );
      });
    },
  },
  {
    name: 'keeps a workload whole when another is unbound',
    check: async (setup) => {
      const [first, second] = samplesOf(setup);
      const alone = await observeAlone(setup, 'second', second);
      await withPlugin(setup, async (stage) => {
        const boundFirst = await stage.bind('first', { sample: first });
        const boundSecond = await stage.bind('second', { sample: second });
        await stage.unbind(boundFirst);
        assert.deepEqual(await stage.observe(boundSecond), alone, 'the unbind of one workload reached another');
      });
    },
  },
  {
    name: 'binds many workloads at the same time',
    check: async (setup) => {
      const samples = samplesOf(setup);
      const names = Array.from({ length: concurrentBinds }, (_, index) => `number-${index}`);
      const sampleOf = (index: number): WorkloadSample => samples[index % 2 === 0 ? 0 : 1];
      const alone: unknown[] = [];
      for (const [index, name] of names.entries()) alone.push(await observeAlone(setup, name, sampleOf(index)));
      await withPlugin(setup, async (stage) => {
        const before = await stage.held();
        const bound = await Promise.all(names.map((name, index) => stage.bind(name, { sample: sampleOf(index) })));
        const seen = await Promise.all(bound.map((one) => stage.observe(one)));
        assert.deepEqual(seen, alone, 'workloads bound at the same time were mixed up');
        await Promise.all(bound.map((one) => stage.unbind(one)));
        assert.equal(await stage.held(), before, 'something is held after the last unbind');
      });
    },
  },
  {
    name: 'has forgotten a workload after its unbind',
    check: async (setup) => {
      const [first] = samplesOf(setup);
      const alone = await observeAlone(setup, 'first', first);
      await withPlugin(setup, async (stage) => {
        const before = await stage.held();
        const bound = await stage.bind('first', { sample: first });
        await stage.resolve(bound);
        await stage.observe(bound);
        await stage.unbind(bound);
        assert.equal(await stage.held(), before, 'something is held after the unbind');
        const again = await stage.bind('first', { sample: first });
        assert.deepEqual(await stage.observe(again), alone, 'a workload sees what its earlier life left behind');
      });
    },
  },
  {
    name: 'does not know of another plugin of its kind in the process',
    check: async (setup) => {
      const [first, second] = samplesOf(setup);
      const alone = await observeAlone(setup, 'first', first);
      await withPlugin(setup, async (stage) => {
        const bound = await stage.bind('first', { sample: first });
        await withUnstarted(setup, async (other) => {
          await other.start();
          await other.observe(await other.bind('first', { sample: second }));
        });
        assert.deepEqual(await stage.observe(bound), alone, 'two plugins share state: keep none at module level');
      });
    },
  },
  {
    name: 'asks only for exports that its world calls',
    check: (setup) =>
      withPlugin(setup, async (stage) => {
        const asked = await stage.resolve(await stage.bind('first'));
        const { calls = [] } = stage.plugin.world;
        for (const id of asked)
          assert.ok(
            calls.some((call) => call.id === id),
            `${id} is not among the calls of the world`,
          );
      }),
  },
];

function samplesOf(setup: HostPluginSetup): readonly [WorkloadSample, WorkloadSample] {
  return setup.workloads ?? [{}, {}];
}

/** What a workload sees in a host of its own. */
async function observeAlone(setup: HostPluginSetup, id: string, sample: WorkloadSample): Promise<unknown> {
  let seen: unknown;
  await withPlugin(setup, async (stage) => {
    seen = await stage.observe(await stage.bind(id, { sample }));
  });
  return seen;
}

import assert from 'node:assert/strict';
import { isWitName, parseInterfaceId } from '@lodge/core';
import type { Rule } from '../rule.js';
import { hostMember } from '../samples.js';
import type { HostPluginSetup } from '../setup.js';
import { withUnstarted } from '../stage.js';

/** A plugin can be told from others, and says what it is before it is started. */
export const identityRules: readonly Rule<HostPluginSetup>[] = [
  {
    name: 'says which version of the plugin interface it is written for',
    check: (setup) =>
      withUnstarted(setup, async ({ plugin }) => {
        assert.equal(plugin.specVersion, 1, 'specVersion must be 1');
      }),
  },
  {
    name: 'has an id that a manifest can name',
    check: (setup) =>
      withUnstarted(setup, async ({ plugin }) => {
        const isFit = typeof plugin.id === 'string' && isWitName(plugin.id) && plugin.id.length <= 64;
        assert.ok(isFit, `the id ${JSON.stringify(plugin.id)} must be words and hyphens, 64 characters at most`);
      }),
  },
  {
    name: 'names one interface, once, with each entry of its world',
    check: (setup) =>
      withUnstarted(setup, async ({ plugin }) => {
        const { provides, calls = [] } = plugin.world;
        for (const ids of [provides.map(({ id }) => id), calls.map(({ id }) => id)]) {
          assert.equal(new Set(ids).size, ids.length, `an interface is named twice in ${ids.join(', ')}`);
          for (const id of ids) {
            assert.equal(
              parseInterfaceId(id)?.interfaces.length,
              1,
              `${id} must be namespace:package/interface@version`,
            );
          }
        }
        assert.ok(provides.length + calls.length > 0, 'the world is empty: nothing would ever reach the plugin');
      }),
  },
  {
    name: 'has a sample in the setup for each interface that it provides',
    check: (setup) =>
      withUnstarted(setup, async ({ plugin }) => {
        const sampled = setup.interfaces.map(({ id }) => id);
        for (const { id } of plugin.world.provides) {
          assert.ok(sampled.includes(id), `add ${id} with all its functions to the interfaces of the setup`);
        }
      }),
  },
  {
    name: 'lets only functions wait that there are, each named once',
    check: (setup) =>
      withUnstarted(setup, async ({ plugin }) => {
        for (const { id, suspends } of plugin.world.provides) {
          const functions = setup.interfaces.find((entry) => entry.id === id)?.functions ?? [];
          assert.equal(new Set(suspends).size, suspends.length, `${id} names a function twice in suspends`);
          for (const name of suspends) {
            assert.ok(functions.includes(name), `${id} has no function ${name}, which is in suspends`);
            // A constructor cannot answer with a promise: `new` would hand the guest something else.
            assert.notEqual(hostMember(name).kind, 'constructor', `the constructor ${name} cannot wait`);
          }
        }
      }),
  },
  {
    name: 'has the same id and world whenever it is looked at',
    check: (setup) =>
      withUnstarted(setup, async (stage) => {
        const before = structuredClone({ id: stage.plugin.id, world: stage.plugin.world });
        await stage.start();
        await stage.unbind(await stage.bind('first'));
        await stage.plugin.stop?.({ signal: new AbortController().signal });
        assert.deepEqual({ id: stage.plugin.id, world: stage.plugin.world }, before, 'id or world changed on the way');
      }),
  },
  {
    name: 'answers heartbeats before the start and after the stop',
    check: (setup) =>
      withUnstarted(setup, async (stage) => {
        const { plugin } = stage;
        assert.doesNotThrow(() => plugin.describe?.(), 'describe must not throw before the start');
        await stage.start();
        await plugin.stop?.({ signal: new AbortController().signal });
        assert.doesNotThrow(() => plugin.describe?.(), 'describe must not throw after the stop');
      }),
  },
];

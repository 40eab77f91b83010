import assert from 'node:assert/strict';
import type { ComponentImports, GuestFunction } from '@lodge/core';
import type { Rule } from '../rule.js';
import { hostMember, pascalCase, resourcesOf } from '../samples.js';
import type { HostPluginSetup, InterfaceSample } from '../setup.js';
import { type BoundComponent, type Stage, withPlugin } from '../stage.js';

/** A component gets what the world promises. */
export const importRules: readonly Rule<HostPluginSetup>[] = [
  {
    name: 'gives every function and resource of the interfaces it provides',
    check: (setup) =>
      withPlugin(setup, async (stage) => {
        const bound = await stage.bind('first');
        const imports = stage.importsOf(bound);
        for (const { id } of stage.plugin.world.provides) {
          const entry = setup.interfaces.find((sample) => sample.id === id);
          if (entry !== undefined) assertComplete(entry, imports);
        }
      }),
  },
  {
    name: "answers under the component's own names",
    check: (setup) =>
      withPlugin(setup, async (stage) => {
        const bound = await stage.bind('first', { spelling: 'labelled' });
        assert.deepEqual(Object.keys(stage.importsOf(bound)).sort(), importNames(bound), 'key imports by externName');
      }),
  },
  {
    name: 'gives nothing that was not asked for',
    check: (setup) =>
      withPlugin(setup, async (stage) => {
        for (const { id } of stage.plugin.world.provides) {
          const bound = await stage.bind(`only-${id}`, { wants: (wanted) => wanted === id });
          assert.deepEqual(Object.keys(stage.importsOf(bound)), importNames(bound), 'give what is requested, no more');
        }
      }),
  },
  {
    name: 'gives frozen imports, the same to each instance unless they need its scope',
    check: (setup) =>
      withPlugin(setup, async (stage) => {
        const bound = await stage.bind('first');
        const first = stage.importsOf(bound);
        const second = stage.importsOf(bound);
        assert.ok(Object.isFrozen(first), 'freeze what importsFor returns');
        if (setup.usesScope === true) return;
        assert.equal(first, second, 'make the imports once, in bindComponent; or set usesScope in the setup');
      }),
  },
  {
    name: 'keeps its resource classes from instance to instance',
    skipReason: (setup) =>
      setup.interfaces.some((entry) => resourcesOf(entry).length > 0) ? undefined : 'it has no resources',
    check: (setup) =>
      withPlugin(setup, async (stage) => {
        const bound = await stage.bind('first');
        assert.deepEqual(classesOf(stage, bound), classesOf(stage, bound), 'make classes per module or per component');
      }),
  },
  {
    name: 'narrows what waits to functions of its world',
    check: (setup) =>
      withPlugin(setup, async (stage) => {
        const { binding, requests } = await stage.bind('first');
        const known = requests.flatMap(({ id, externName }) => {
          const provided = stage.plugin.world.provides.find((entry) => entry.id === id);
          return (provided?.suspends ?? []).map((name) => `${externName}#${name}`);
        });
        for (const name of binding.suspends ?? []) {
          assert.ok(
            known.includes(name),
            `${name} is not among what the world lets wait: ${known.join(', ') || 'nothing'}`,
          );
        }
      }),
  },
  {
    name: 'answers at once where its world does not say that it waits',
    check: (setup) =>
      withPlugin(setup, async (stage) => {
        const waiting: string[] = [];
        const bound = await stage.bind('first');
        const observed = stage.observe(bound, (id, functions) => {
          const suspends = stage.plugin.world.provides.find((entry) => entry.id === id)?.suspends ?? [];
          const members = suspends.map((name) => hostMember(name).name);
          return watched(functions, (name) => void (members.includes(name) || waiting.push(`${id} ${name}`)));
        });
        // A promise where a value belongs makes most guests stumble: tell of it first.
        await Promise.allSettled([observed]);
        assert.deepEqual(waiting, [], 'returned a promise: name the function in suspends');
        await observed;
      }),
  },
];

function assertComplete(entry: InterfaceSample, imports: ComponentImports): void {
  const object = imports[entry.id];
  assert.ok(typeof object === 'object' && object !== null, `importsFor gives nothing for ${entry.id}`);
  for (const name of entry.functions) {
    const member = hostMember(name);
    const value: unknown = Reflect.get(object, member.name);
    assert.equal(typeof value, 'function', `${entry.id} has no ${member.name}, which WIT calls ${name}`);
    if (member.method === undefined) continue;
    const owner = member.kind === 'static' ? value : (value as { readonly prototype: unknown }).prototype;
    const method: unknown = Reflect.get(owner as object, member.method);
    assert.equal(
      typeof method,
      'function',
      `${entry.id} has no ${member.name}.${member.method}, which WIT calls ${name}`,
    );
  }
  for (const resource of resourcesOf(entry)) {
    const name = pascalCase(resource);
    assert.equal(typeof Reflect.get(object, name), 'function', `${entry.id} has no class ${name} for its resource`);
  }
}

function importNames({ requests }: BoundComponent): string[] {
  return requests.flatMap(({ direction, externName }) => (direction === 'import' ? [externName] : [])).sort();
}

function classesOf(stage: Stage, bound: BoundComponent): unknown[] {
  const imports = stage.importsOf(bound);
  return stage.setup.interfaces.flatMap((entry) => {
    const object = imports[entry.id];
    if (typeof object !== 'object' || object === null) return [];
    return resourcesOf(entry).map((name): unknown => Reflect.get(object, pascalCase(name)));
  });
}

/** Calls `report` for each function that answers with a promise. Classes stay as they are: guests make resources of them. */
function watched(
  functions: Readonly<Record<string, GuestFunction>>,
  report: (name: string) => void,
): Readonly<Record<string, GuestFunction>> {
  // Around an empty target: what a frozen one has, a proxy may not answer differently.
  return new Proxy<Record<string, GuestFunction>>(
    {},
    {
      get(_target, name): unknown {
        const value: unknown = Reflect.get(functions, name);
        if (typeof value !== 'function' || typeof name !== 'string' || name !== lowerFirst(name)) return value;
        return (...args: unknown[]): unknown => {
          const result: unknown = value.apply(functions, args);
          if (result instanceof Promise) report(name);
          return result;
        };
      },
    },
  );
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

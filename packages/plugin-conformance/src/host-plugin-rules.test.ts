import { AssertionError } from 'node:assert';
import { HostError } from '@lodge/core';
import { describe, expect, test } from 'vitest';
import { hostPluginRules } from './host-plugin-rules.js';
import type { Rule } from './rule.js';
import type { HostPluginSetup } from './setup.js';
import { testHostPlugin } from './test-host-plugin.js';
import { type Notes, type NotesPlugin, notesId, notesPlugin, notesSetup } from './testing/notes-plugin.js';

testHostPlugin({ describe, test }, notesSetup());

/** For each rule, plugins that break it. */
const faults: Readonly<Record<string, readonly ((plugin: NotesPlugin) => void)[]>> = {
  'says which version of the plugin interface it is written for': [(plugin) => set(plugin, 'specVersion', 2)],
  'has an id that a manifest can name': [
    (plugin) => set(plugin, 'id', 'Test Notes'),
    (plugin) => set(plugin, 'id', ''),
    (plugin) => set(plugin, 'id', 'a'.repeat(65)),
  ],
  'names one interface, once, with each entry of its world': [
    (plugin) => set(plugin, 'world', { provides: [...plugin.world.provides, ...plugin.world.provides] }),
    (plugin) => set(plugin, 'world', { provides: [{ id: 'notes', suspends: [] }] }),
    (plugin) => set(plugin, 'world', { provides: [{ id: 'test:notes/notes,more@1.0.0', suspends: [] }] }),
    (plugin) => set(plugin, 'world', { provides: [] }),
  ],
  'has a sample in the setup for each interface that it provides': [
    (plugin) => set(plugin, 'world', { provides: [{ id: 'test:notes/forgotten@1.0.0', suspends: [] }] }),
  ],
  'lets only functions wait that there are, each named once': [
    (plugin) => suspend(plugin, ['no-such-function']),
    (plugin) => suspend(plugin, ['wait', 'wait']),
    (plugin) => suspend(plugin, ['[constructor]page']),
  ],
  'has the same id and world whenever it is looked at': [
    (plugin) => after(plugin, 'start', () => suspend(plugin, [])),
    (plugin) => after(plugin, 'stop', () => set(plugin, 'id', 'stopped')),
  ],
  'answers heartbeats before the start and after the stop': [
    (plugin) => {
      let isStarted = false;
      after(plugin, 'start', () => {
        isStarted = true;
      });
      set(plugin, 'describe', () => {
        if (!isStarted) throw new Error('not started');
        return {};
      });
    },
  ],
  'gives every function and resource of the interfaces it provides': [
    (plugin) => changeImports(plugin, (functions) => ({ ...functions, addText: undefined })),
    (plugin) => changeImports(plugin, (functions) => ({ ...functions, Page: class {} })),
    (plugin) => changeImports(plugin, () => undefined),
  ],
  "answers under the component's own names": [
    (plugin) => renameImports(plugin, (name) => (name.startsWith('label') ? notesId : name)),
  ],
  'gives nothing that was not asked for': [(plugin) => addImport(plugin, 'test:notes/secret@1.0.0')],
  'gives frozen imports, the same to each instance unless they need its scope': [
    (plugin) => wrapBinding(plugin, (imports) => ({ ...imports })),
    (plugin) => wrapBinding(plugin, (imports) => Object.freeze({ ...imports })),
  ],
  'keeps its resource classes from instance to instance': [
    (plugin) => {
      wrapBinding(plugin, (imports) => {
        const functions = imports[notesId] as object;
        return Object.freeze({ [notesId]: { ...functions, Page: class Page {} } });
      });
    },
  ],
  'narrows what waits to functions of its world': [
    (plugin) => {
      const bind = plugin.bindComponent;
      plugin.bindComponent = async (...args) => ({
        ...(await bind.apply(plugin, args)),
        suspends: [`${notesId}#title`],
      });
    },
  ],
  'answers at once where its world does not say that it waits': [
    (plugin) => changeImports(plugin, (functions) => ({ ...functions, addText: async () => 1 })),
  ],
  'shows each workload what it would see alone': [
    (plugin) => {
      const shared: Notes = { title: 'shared', texts: [], isOpen: true };
      after(plugin, 'onWorkloadBind', (notes: Notes) => ({ ...notes, texts: shared.texts }));
    },
  ],
  'keeps a workload whole when another is unbound': [
    (plugin) => {
      const all: Notes[] = [];
      after(plugin, 'onWorkloadBind', (notes: Notes) => {
        all.push(notes);
        return notes;
      });
      after(plugin, 'onWorkloadUnbind', () => {
        for (const { texts } of all) texts.push('gone');
      });
    },
  ],
  'binds many workloads at the same time': [
    (plugin) => {
      let current: Notes;
      const bind = plugin.bindComponent;
      after(plugin, 'onWorkloadBind', (notes: Notes) => {
        current = notes;
        return notes;
      });
      // Works as long as nobody else binds in between.
      plugin.bindComponent = (component, requests, _notes, options) =>
        bind.call(plugin, component, requests, current, options);
    },
  ],
  'has forgotten a workload after its unbind': [
    (plugin) => set(plugin, 'onWorkloadUnbind', async () => {}),
    (plugin) => {
      const kept = new Map<string, string[]>();
      const bind = plugin.onWorkloadBind;
      plugin.onWorkloadBind = async (workload, requests, options) => {
        const notes = await bind.call(plugin, workload, requests, options);
        const texts = kept.get(workload.id) ?? notes.texts;
        kept.set(workload.id, texts);
        return { ...notes, texts };
      };
    },
  ],
  'does not know of another plugin of its kind in the process': [shareAtModuleLevel()],
  'asks only for exports that its world calls': [(plugin) => set(plugin, 'world', { provides: plugin.world.provides })],
  'refuses a wrong configuration with an error that names it': [
    (plugin) => refuse(plugin, undefined),
    (plugin) => refuse(plugin, new Error('title is wrong')),
    (plugin) => refuse(plugin, new HostError('ERR_CONFIG_INVALID', 'something is wrong')),
    (plugin) => refuse(plugin, new HostError('ERR_PLUGIN_FAILED', 'title is wrong')),
  ],
  'holds nothing after a bind that threw': [
    (plugin) => {
      const bind = plugin.onWorkloadBind;
      plugin.onWorkloadBind = (...args) => {
        plugin.pages += 1;
        return bind.apply(plugin, args);
      };
    },
    (plugin) => {
      const bind = plugin.onWorkloadBind;
      plugin.onWorkloadBind = (workload, requests, options) => {
        // Takes something for each entry until one is wrong.
        const [first, ...others] = requests.map(({ config }) => config['title']);
        if (first !== '' && others.includes('')) plugin.pages += 1;
        return bind.call(plugin, workload, requests, options);
      };
    },
  ],
  'unbinds twice': [
    (plugin) => {
      plugin.onWorkloadUnbind = async (_workload, notes) => {
        if (!notes.isOpen) throw new Error('it is closed');
        notes.isOpen = false;
        plugin.pages -= 1;
      };
    },
    (plugin) => {
      plugin.onWorkloadUnbind = async () => {
        plugin.pages -= 1;
      };
    },
  ],
  'unbinds a workload that got half-way': [
    (plugin) => {
      const resolved = new WeakSet<Notes>();
      const resolve = plugin.onWorkloadResolved;
      const unbind = plugin.onWorkloadUnbind;
      plugin.onWorkloadResolved = async (workload, notes, options) => {
        resolved.add(notes);
        await resolve?.call(plugin, workload, notes, options);
      };
      plugin.onWorkloadUnbind = async (workload, notes, options) => {
        if (!resolved.has(notes)) throw new Error('it was never resolved');
        await unbind.call(plugin, workload, notes, options);
      };
    },
    (plugin) => {
      const complete = new WeakSet<Notes>();
      const bind = plugin.bindComponent;
      const unbind = plugin.onWorkloadUnbind;
      plugin.bindComponent = (component, requests, notes, options) => {
        complete.add(notes);
        return bind.call(plugin, component, requests, notes, options);
      };
      plugin.onWorkloadUnbind = async (workload, notes, options) => {
        if (complete.has(notes)) await unbind.call(plugin, workload, notes, options);
      };
    },
  ],
  'stops without a start, and twice': [
    (plugin) => {
      let isStarted = false;
      after(plugin, 'start', () => {
        isStarted = true;
      });
      plugin.stop = async () => {
        if (!isStarted) throw new Error('it was never started');
      };
    },
    (plugin) => {
      let isStopped = false;
      plugin.stop = async () => {
        if (isStopped) throw new Error('it has stopped');
        isStopped = true;
      };
    },
  ],
  'stops after a start that failed': [
    (plugin) => {
      plugin.stop = async () => {
        throw new Error('it has not started');
      };
    },
    (plugin) => {
      const start = plugin.start;
      plugin.start = async (...args) => {
        plugin.pages += 1;
        await start?.apply(plugin, args);
      };
    },
  ],
  'holds nothing after the stop': [
    (plugin) =>
      after(plugin, 'start', () => {
        plugin.pages += 1;
      }),
  ],
  'gives up a start, and a bind, whose signal aborts': [
    (plugin) => {
      plugin.start = () => new Promise(() => {});
    },
    (plugin) => {
      plugin.onWorkloadBind = () => new Promise(() => {});
    },
    (plugin) => {
      plugin.onWorkloadBind = (_workload, _requests, { signal }) => {
        plugin.pages += 1;
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      };
    },
  ],
  'unbinds and stops under a signal that has aborted': [
    (plugin) => {
      const unbind = plugin.onWorkloadUnbind;
      plugin.onWorkloadUnbind = async (workload, notes, options) => {
        options.signal.throwIfAborted();
        await unbind.call(plugin, workload, notes, options);
      };
    },
    (plugin) => {
      plugin.stop = ({ signal }) => (signal.aborted ? new Promise(() => {}) : Promise.resolve());
    },
  ],
};

describe('hostPluginRules', () => {
  test('have a broken plugin each', () => {
    expect(Object.keys(faults).sort()).toEqual(hostPluginRules.map(({ name }) => name).sort());
  });

  for (const [name, changes] of Object.entries(faults)) {
    for (const [index, change] of changes.entries()) {
      test(`fail broken plugin ${index + 1} of: ${name}`, async () => {
        await expect(ruleNamed(name).check(notesSetup(change))).rejects.toThrow(AssertionError);
      });
    }
  }

  test('are skipped, with the reason, where the setup has nothing to test them with', () => {
    const skipped: string[] = [];
    const runner = {
      describe: (_name: string, body: () => void) => body(),
      test: Object.assign(() => {}, { skip: (text: string) => void skipped.push(text) }),
    };
    const bare: HostPluginSetup = {
      create: notesPlugin,
      interfaces: [{ id: notesId, functions: ['title'] }],
      observe: () => {},
    };
    testHostPlugin(runner, bare);
    expect(skipped).toEqual([
      'keeps its resource classes from instance to instance (it has no resources)',
      'refuses a wrong configuration with an error that names it (the setup has no refused workloads)',
      'holds nothing after a bind that threw (the setup does not count what is held)',
      'stops after a start that failed (the setup has no plugin that cannot start)',
      'holds nothing after the stop (the setup does not count what is held)',
    ]);
  });
});

function ruleNamed(name: string): Rule<HostPluginSetup> {
  const rule = hostPluginRules.find((entry) => entry.name === name);
  if (rule === undefined) throw new Error(`there is no rule "${name}"`);
  return rule;
}

function set(plugin: NotesPlugin, key: keyof NotesPlugin, value: unknown): void {
  Object.defineProperty(plugin, key, { value, writable: true });
}

function suspend(plugin: NotesPlugin, suspends: readonly string[]): void {
  set(plugin, 'world', { ...plugin.world, provides: [{ id: notesId, suspends }] });
}

/** Does something when a hook has returned; what it answers, unless nothing, takes the place of the result. */
function after(plugin: NotesPlugin, hook: keyof NotesPlugin, then: (result: Notes) => unknown): void {
  const original = plugin[hook] as unknown as (...args: unknown[]) => Promise<Notes>;
  set(plugin, hook, async (...args: unknown[]) => {
    const result = await original.apply(plugin, args);
    return then(result) ?? result;
  });
}

/** Changes the imports of each component, once. */
function changeBinding(
  plugin: NotesPlugin,
  change: (imports: Record<string, unknown>) => Record<string, unknown>,
): void {
  const bind = plugin.bindComponent;
  plugin.bindComponent = async (...args) => {
    const { importsFor } = await bind.apply(plugin, args);
    let changed: Record<string, unknown> | undefined;
    return {
      importsFor(scope) {
        changed ??= Object.freeze(change(importsFor(scope)));
        return changed;
      },
    };
  };
}

function changeImports(plugin: NotesPlugin, change: (functions: object) => unknown): void {
  changeBinding(plugin, (imports) => {
    return Object.fromEntries(Object.entries(imports).map(([name, functions]) => [name, change(functions as object)]));
  });
}

function renameImports(plugin: NotesPlugin, rename: (name: string) => string): void {
  changeBinding(plugin, (imports) => {
    return Object.fromEntries(Object.entries(imports).map(([name, functions]) => [rename(name), functions]));
  });
}

function addImport(plugin: NotesPlugin, name: string): void {
  changeBinding(plugin, (imports) => ({ ...imports, [name]: {} }));
}

/** Changes what each instance is given. */
function wrapBinding(
  plugin: NotesPlugin,
  wrap: (imports: Readonly<Record<string, unknown>>) => Record<string, unknown>,
): void {
  const bind = plugin.bindComponent;
  plugin.bindComponent = async (...args) => {
    const { importsFor } = await bind.apply(plugin, args);
    return { importsFor: (scope) => wrap(importsFor(scope)) };
  };
}

/** Keeps the title of the newest workload, of whatever plugin. */
function shareAtModuleLevel(): (plugin: NotesPlugin) => void {
  let title = '';
  return (plugin) => {
    after(plugin, 'onWorkloadBind', (notes) => {
      title = notes.title;
    });
    changeImports(plugin, (functions) => ({ ...functions, title: () => title }));
  };
}

function refuse(plugin: NotesPlugin, error: Error | undefined): void {
  const bind = plugin.onWorkloadBind;
  plugin.onWorkloadBind = async (workload, requests, options) => {
    if (requests[0]?.config['title'] !== '') return bind.call(plugin, workload, requests, options);
    if (error !== undefined) throw error;
    return { title: '', texts: [], isOpen: false };
  };
}

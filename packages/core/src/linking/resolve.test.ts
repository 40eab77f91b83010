import { describe, expect, it } from 'vitest';
import { HostError } from '../errors.js';
import type { InterfaceId } from '../interface-id.js';
import { planComponents } from '../lifecycle/component-info.js';
import type { ComponentBinding, HostPlugin } from '../plugin.js';
import type { InterfaceShape } from '../shape.js';
import { bytesOf, interfaceOf, MemoryEngine, shapeOf } from '../testing/memory-engine.js';
import type { HostInterfaceSpec } from '../workload.js';
import { planGraphs } from './compile-plan.js';
import { ProviderIndex } from './provider-index.js';
import { resolveWorkload } from './resolve.js';
import type { LoadedUnit } from './unit.js';

const store: InterfaceId = 'wasi:keyvalue/store@0.2.0-draft';
const storeEntry: HostInterfaceSpec = { namespace: 'wasi', package: 'keyvalue', interfaces: ['store'] };

function unit(name: string, shape: { imports?: InterfaceShape[]; exports?: InterfaceShape[] }): LoadedUnit {
  const bytes = bytesOf(name);
  const info = { id: 'w', namespace: 'n', name: 'w', annotations: {} };
  const spec = { namespace: 'n', name: 'w', components: [{ name, source: { bytes } }] };
  const component = planComponents(info, spec)[0]?.component ?? expect.unreachable();
  return { component, bytes, shape: shapeOf(shape) };
}

function plugin(
  id: string,
  provides: InterfaceId[],
  options: { isAmbient?: boolean; calls?: InterfaceId[] } = {},
): HostPlugin {
  return {
    specVersion: 1,
    id,
    world: {
      provides: provides.map((provided) => ({
        id: provided,
        suspends: ['get'],
        isAmbient: options.isAmbient ?? false,
      })),
      calls: (options.calls ?? []).map((id) => ({ id })),
    },
    onWorkloadBind: async () => undefined,
    bindComponent: async (): Promise<ComponentBinding> => ({ importsFor: () => ({}) }),
    onWorkloadUnbind: async () => undefined,
  };
}

function resolve(units: LoadedUnit[], entries: HostInterfaceSpec[], plugins: HostPlugin[]) {
  const resolution = resolveWorkload(units, entries, new ProviderIndex(plugins));
  const requests = resolution.requests.map((entry) => ({
    plugin: entry.plugin.id,
    externName: entry.request.externName,
    direction: entry.request.direction,
    name: entry.request.name,
    config: { ...entry.request.config },
  }));
  const links = units.flatMap((importer) =>
    [...(resolution.links.get(importer) ?? [])].map(
      ([name, server]) => `${importer.component.name} ${name} -> ${server.unit.component.name}`,
    ),
  );
  return { requests, links, uncalled: resolution.uncalled };
}

function failure(run: () => unknown): HostError {
  try {
    run();
  } catch (error) {
    if (HostError.is(error)) return error;
    throw error;
  }
  return expect.unreachable('nothing failed');
}

describe('an import', () => {
  const importer = (): LoadedUnit => unit('a', { imports: [interfaceOf(store, ['get'])] });

  it('goes to the sibling that alone exports it, rather than to a plugin', () => {
    const units = [importer(), unit('b', { exports: [interfaceOf(store, ['get'])] })];
    const { requests, links } = resolve(units, [storeEntry], [plugin('kv', [store])]);
    expect(links).toEqual([`a ${store} -> b`]);
    expect(requests).toEqual([]);
  });

  it('goes to the plugin when two siblings export it', () => {
    const units = [importer(), ...['b', 'c'].map((name) => unit(name, { exports: [interfaceOf(store, ['get'])] }))];
    expect(resolve(units, [storeEntry], [plugin('kv', [store])]).requests).toMatchObject([{ plugin: 'kv' }]);
  });

  it('is an error when two siblings export it and no plugin serves it', () => {
    const units = [importer(), ...['b', 'c'].map((name) => unit(name, { exports: [interfaceOf(store, ['get'])] }))];
    const error = failure(() => resolve(units, [], []));
    expect(error.code).toBe('ERR_LINK_AMBIGUOUS');
    expect(error.message).toBe(
      `component 'a' imports interface '${store}', which is exported by multiple components in the workload; cannot disambiguate the provider`,
    );
  });

  it('is not served by the component itself', () => {
    const selfish = unit('a', { imports: [interfaceOf(store, [])], exports: [interfaceOf(store, [])] });
    expect(failure(() => resolve([selfish], [], [])).code).toBe('ERR_IMPORT_UNMET');
  });

  it('binds to a plugin only through an entry of hostInterfaces', () => {
    const error = failure(() => resolve([importer()], [], [plugin('kv', [store])]));
    expect(error.message).toContain('grant it with an entry in hostInterfaces for wasi:keyvalue with store');
  });

  it('binds without an entry where the plugin says it is ambient', () => {
    const { requests } = resolve([importer()], [], [plugin('kv', [store], { isAmbient: true })]);
    expect(requests).toMatchObject([{ plugin: 'kv', config: {} }]);
  });

  it('carries the config of its entry', () => {
    const { requests } = resolve([importer()], [{ ...storeEntry, config: { bucket: 'b' } }], [plugin('kv', [store])]);
    expect(requests).toMatchObject([{ config: { bucket: 'b' }, name: undefined }]);
  });

  it('goes to the plugin that its entry names', () => {
    const plugins = [plugin('first', [store]), plugin('second', [store])];
    expect(resolve([importer()], [{ ...storeEntry, name: 'second' }], plugins).requests).toMatchObject([
      { plugin: 'second' },
    ]);
    expect(resolve([importer()], [storeEntry], plugins).requests).toMatchObject([{ plugin: 'first' }]);
  });

  it('does not bind through an entry that is named for a label', () => {
    const entries = [{ ...storeEntry, name: 'cache' }];
    expect(failure(() => resolve([importer()], entries, [plugin('kv', [store])])).code).toBe('ERR_IMPORT_UNMET');
  });

  it('links to another patch of the same 0.minor', () => {
    const poll = unit('a', { imports: [interfaceOf('wasi:io/poll@0.2.0', [])] });
    const wasi = plugin('wasi', ['wasi:io/poll@0.2.6'], { isAmbient: true });
    expect(resolve([poll], [], [wasi]).requests).toMatchObject([{ externName: 'wasi:io/poll@0.2.0' }]);
  });
});

describe('a labelled import', () => {
  const labelled = (): LoadedUnit =>
    unit('a', { imports: [interfaceOf(store, ['get'], 'cache'), interfaceOf(store, ['get'], 'session')] });

  it('goes to the entry of its name', () => {
    const entries = [
      { ...storeEntry, name: 'session', config: { backend: 's' } },
      { ...storeEntry, name: 'cache', config: { backend: 'c' } },
    ];
    expect(resolve([labelled()], entries, [plugin('kv', [store])]).requests).toMatchObject([
      { externName: 'cache', name: 'cache', config: { backend: 'c' } },
      { externName: 'session', name: 'session', config: { backend: 's' } },
    ]);
  });

  it('is unmet without an entry of its name, which the error names', () => {
    const error = failure(() => resolve([labelled()], [{ ...storeEntry, name: 'cache' }], [plugin('kv', [store])]));
    expect(error.message).toContain(`session (${store})`);
    expect(error.message).toContain("with the name 'session'");
  });

  it('leaves no named entry over: one that nothing uses is an error that names it', () => {
    const entries = ['cache', 'session', 'sesion'].map((name) => ({ ...storeEntry, name }));
    const error = failure(() => resolve([labelled()], entries, [plugin('kv', [store])]));
    expect(error).toMatchObject({ code: 'ERR_SPEC_INVALID', details: { path: 'hostInterfaces[2].name' } });
    expect(error.message).toContain("named 'sesion', but no component imports store of wasi:keyvalue");
  });

  it('leaves over what has no label of its own: entries without a name, and those named for a plugin', () => {
    const atomics = { ...storeEntry, interfaces: ['atomics'] };
    const entries = [...['cache', 'session'].map((name) => ({ ...storeEntry, name })), atomics];
    entries.push({ ...atomics, name: 'kv' });
    expect(resolve([labelled()], entries, [plugin('kv', [store])]).requests).toHaveLength(2);
  });

  it('is of one package: the same name over another package is left over', () => {
    const entries = ['cache', 'session'].map((name) => ({ ...storeEntry, name }));
    const stray = { namespace: 'wasi', package: 'blobstore', interfaces: ['container'], name: 'cache' };
    const error = failure(() => resolve([labelled()], [...entries, stray], [plugin('kv', [store])]));
    expect(error.message).toContain("hostInterfaces[2] is named 'cache', but no component imports container");
  });

  it('is not the only use of a named entry: an export that it grants is one as well', () => {
    const watcher: InterfaceId = 'wasi:keyvalue/watcher@0.2.0-draft';
    const watching = unit('a', { exports: [interfaceOf(watcher, ['on-set'])] });
    const entries = [{ ...storeEntry, interfaces: ['watcher'], name: 'orders' }];
    const { requests } = resolve([watching], entries, [plugin('kv', [store], { calls: [watcher] })]);
    expect(requests).toMatchObject([{ direction: 'export', name: 'orders' }]);
  });
});

describe('the functions of an interface', () => {
  const withFunctions = (functions: readonly string[]): HostPlugin => {
    const base = plugin('kv', [store]);
    return { ...base, world: { provides: base.world.provides.map((provided) => ({ ...provided, functions })) } };
  };
  const shape: InterfaceShape = {
    ...interfaceOf(store, []),
    functions: [{ name: '[method]bucket.internals', kind: 'method', isAsync: false, params: [], result: undefined }],
  };

  it('are those that its plugin states: a component cannot reach anything else of the classes', () => {
    const importing = unit('curious', { imports: [shape] });
    const error = failure(() => resolve([importing], [storeEntry], [withFunctions(['open', '[method]bucket.get'])]));
    expect(error).toMatchObject({ code: 'ERR_IMPORT_UNMET', details: { function: '[method]bucket.internals' } });
    expect(error.message).toContain("component 'curious' imports '[method]bucket.internals'");
  });

  it('are not compared where the plugin states none', () => {
    const importing = unit('a', { imports: [shape] });
    expect(resolve([importing], [storeEntry], [plugin('kv', [store])]).requests).toHaveLength(1);
  });
});

describe('unmet imports', () => {
  it('are all named in one error, with the package that would serve each', () => {
    const ids: InterfaceId[] = ['wasi:io/poll@0.2.0', 'wasi:http/types@0.2.0', 'acme:queue/jobs@1.0.0'];
    const units = [
      unit('a', { imports: ids.slice(0, 2).map((id) => interfaceOf(id, [])) }),
      unit('b', { imports: ids.slice(2).map((id) => interfaceOf(id, [])) }),
    ];
    const error = failure(() => resolve(units, [], []));
    expect(error.code).toBe('ERR_IMPORT_UNMET');
    expect(error.details.unmet).toMatchObject([
      { component: 'a', import: ids[0], package: '@lodge/wasi' },
      { component: 'a', import: ids[1], package: '@lodge/plugin-http' },
      { component: 'b', import: ids[2], package: '@lodge/plugin-queue' },
    ]);
    for (const name of ['@lodge/wasi', '@lodge/plugin-http', '@lodge/plugin-queue'])
      expect(error.message).toContain(name);
  });

  it('say which version the host has instead', () => {
    const a = unit('a', { imports: [interfaceOf('wasi:keyvalue/store@0.2.0-draft2', [])] });
    expect(failure(() => resolve([a], [], [plugin('kv', [store])])).message).toContain(`plugin 'kv' has ${store} only`);
  });

  it('stay short for a hostile component', () => {
    const imports = Array.from(
      { length: 10_000 },
      (_, index): InterfaceShape => ({
        externName: `x${index}${'y'.repeat(1000)}`,
        id: undefined,
        functions: [],
        resources: [],
      }),
    );
    expect(failure(() => resolve([unit('a', { imports })], [], [])).message.length).toBeLessThan(20_000);
  });
});

describe('an export', () => {
  const handler: InterfaceId = 'wasi:http/incoming-handler@0.2.0';
  const entry: HostInterfaceSpec = { namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'] };
  const server = (): LoadedUnit => unit('a', { exports: [interfaceOf(handler, ['handle'])] });

  it('is given to every plugin that calls it, if an entry grants it', () => {
    const plugins = [
      plugin('http', [], { calls: [handler] }),
      plugin('probe', [], { calls: ['wasi:http/incoming-handler@0.2.8'] }),
    ];
    expect(resolve([server()], [entry], plugins).requests).toMatchObject([
      { plugin: 'http', direction: 'export', externName: handler },
      { plugin: 'probe', direction: 'export', externName: handler },
    ]);
    expect(resolve([server()], [], plugins).requests).toEqual([]);
  });

  it('is reported when it is granted and nobody calls it', () => {
    expect(resolve([server()], [entry], []).uncalled).toEqual([{ component: 'a', externName: handler }]);
  });
});

describe('links', () => {
  const id = (name: string): InterfaceId => `test:links/${name}@1.0.0` as InterfaceId;
  const link = (name: string, imports: string[]): LoadedUnit =>
    unit(name, { exports: [interfaceOf(id(name), [])], imports: imports.map((other) => interfaceOf(id(other), [])) });

  it('that go round are an error naming the way', () => {
    const error = failure(() => resolve([link('a', ['b']), link('b', ['c']), link('c', ['a'])], [], []));
    expect(error.code).toBe('ERR_LINK_CYCLIC');
    expect(error.message).toBe('circular dependency detected among components: a -> b -> c -> a');
  });

  it('name one object per component, also in a diamond', () => {
    const units = [
      link('top', ['left', 'right']),
      link('left', ['bottom']),
      link('right', ['bottom']),
      link('bottom', []),
    ];
    const { links } = resolveWorkload(units, [], new ProviderIndex([]));
    const graphs = planGraphs(units, links, new Map(), new Set(), new MemoryEngine({}));
    expect(graphs.map(({ unit: root }) => root.component.name)).toEqual(['top']);
    const [graph] = graphs;
    expect(graph?.linked.map(({ component }) => component.name)).toEqual(['left', 'bottom', 'right']);
    const sides = [...(graph?.options.links?.values() ?? [])].map(({ component }) => component);
    const bottoms = sides.map(({ links: inner }) => [...(inner?.values() ?? [])][0]?.component);
    expect(bottoms[0]).toBeDefined();
    expect(bottoms[0]).toBe(bottoms[1]);
  });

  it('are refused by name where the engine has none', () => {
    const units = [link('a', ['b']), link('b', [])];
    const { links } = resolveWorkload(units, [], new ProviderIndex([]));
    const error = failure(() => planGraphs(units, links, new Map(), new Set(), new MemoryEngine({}, { links: false })));
    expect(error.code).toBe('ERR_ENGINE_UNSUPPORTED');
    expect(error.message).toContain("component 'a' imports 'test:links/b@1.0.0' from component 'b'");
    expect(error.message).toContain("'memory' cannot link");
  });
});

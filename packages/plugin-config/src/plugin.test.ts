import type { ComponentInfo, HostPlugin, InterfaceId, InterfaceRequest, LocalResources } from '@lodge/core';
import { HostError, silentLogger, WitError } from '@lodge/core';
import { testHostPlugin } from '@lodge/plugin-conformance';
import { describe, expect, test } from 'vitest';
import type { ConfigBackend, ConfigSource } from './backend.js';
import { inMemoryConfig } from './in-memory/index.js';
import { type ConfigWorkload, configPlugin } from './plugin.js';
import type { ConfigStore } from './wit/store.js';

const signal = new AbortController().signal;
const storeId: InterfaceId = 'wasi:config/store@0.2.0-rc.1';
const runtimeId: InterfaceId = 'wasi:config/runtime@0.2.0-draft';

const backends = new WeakMap<HostPlugin, ReturnType<typeof inMemoryConfig>>();

testHostPlugin<HostPlugin<ConfigWorkload>>(
  { describe, test },
  {
    create() {
      const backend = inMemoryConfig({
        stores: [
          { namespace: 'default', store: 'config', values: { colour: 'green' } },
          { namespace: undefined, store: 'config', values: { colour: 'red' } },
        ],
      });
      const plugin = configPlugin({ backends: [backend] });
      backends.set(plugin, backend);
      return plugin;
    },
    createStalled: () => configPlugin({ backends: [stalledBackend()] }),
    createUnstartable: () =>
      configPlugin({ backends: [{ ...stalledBackend(), start: () => Promise.reject(new Error('no')) }] }),
    interfaces: [
      { id: storeId, functions: ['get', 'get-all'] },
      { id: runtimeId, functions: ['get', 'get-all'] },
    ],
    workloads: [
      { config: { size: '1' }, localResources: { config: { weight: '1' } } },
      { config: { backend: 'in-memory', shared: 'true' }, localResources: { config: { weight: '2' } } },
    ],
    refused: [
      { config: { backend: 'redis' } },
      { config: { backend: 'in-memory', stor: 'config' } },
      { config: { backend: 'in-memory', store: 'nowhere' } },
      { config: { backend: 'in-memory', store: '' } },
      { config: { backend: 'in-memory', shared: 'yes' } },
    ],
    held: (plugin) => backends.get(plugin)?.openSources ?? 0,
    observe(guest) {
      const all: unknown = guest.imports('wasi:config/store')['getAll']?.();
      return { all, colour: guest.imports('wasi:config/runtime')['get']?.('colour') };
    },
  },
);

describe('configPlugin', () => {
  test('gives the values of the entry, of the backend, of localResources.config and of the environment, the last first', async () => {
    const names = ['entry', 'backend', 'component', 'environment'];
    const above = (name: string): Record<string, string> =>
      Object.fromEntries(names.slice(names.indexOf(name)).map((key) => [`up-to-${key}`, name]));
    const backend = inMemoryConfig({ stores: [{ namespace: 'shop', store: 'config', values: above('backend') }] });
    const store = await storeOf(configPlugin({ backends: [backend], copyEnvironment: true }), {
      config: above('entry'),
      localResources: { config: above('component'), environment: above('environment') },
    });
    const expected = Object.fromEntries(names.map((name) => [`up-to-${name}`, name]));
    for (const [key, value] of Object.entries(expected)) expect(store.get(key)).toBe(value);
    expect(Object.fromEntries(store.getAll())).toEqual(expected);
  });

  test('keeps the environment out unless copyEnvironment says otherwise', async () => {
    const resources = { localResources: { environment: { TOKEN: 'secret' } } };
    expect((await storeOf(configPlugin(), resources)).get('TOKEN')).toBeUndefined();
    expect((await storeOf(configPlugin({ copyEnvironment: true }), resources)).get('TOKEN')).toBe('secret');
  });

  test('shows a change of the backend at the next read', async () => {
    const backend = inMemoryConfig({ stores: [{ namespace: 'shop', store: 'config', values: { colour: 'green' } }] });
    const store = await storeOf(configPlugin({ backends: [backend] }));
    expect(store.get('colour')).toBe('green');
    backend.set({ namespace: 'shop', store: 'config' }, 'colour', 'red');
    expect(store.get('colour')).toBe('red');
    expect(store.getAll()).toEqual([['colour', 'red']]);
  });

  test('answers with a list of its own each time', async () => {
    const store = await storeOf(configPlugin(), { config: { colour: 'green' } });
    store.getAll()[0]?.splice(1, 1, 'changed by the guest');
    expect(store.getAll()).toEqual([['colour', 'green']]);
  });

  test('knows what objects inherit only when it is set', async () => {
    expect((await storeOf(configPlugin())).get('__proto__')).toBeUndefined();
    const config = JSON.parse('{ "__proto__": "a", "constructor": "b" }');
    const store = await storeOf(configPlugin(), { config });
    expect(store.get('__proto__')).toBe('a');
    expect(store.get('constructor')).toBe('b');
  });

  test('keeps namespaces apart, and shares where the entry says so', async () => {
    const stores = [
      { namespace: 'bank', store: 'config', values: { owner: 'bank' } },
      { namespace: undefined, store: 'config', values: { owner: 'all' } },
    ];
    const plugin = configPlugin({ backends: [inMemoryConfig({ stores })] });
    expect((await storeOf(plugin)).get('owner')).toBeUndefined();
    expect((await storeOf(plugin, { config: { backend: 'in-memory', shared: 'true' } })).get('owner')).toBe('all');
  });

  test('takes all keys of an entry without a backend for values', async () => {
    const store = await storeOf(configPlugin(), { config: { store: 'the corner shop', shared: 'yes' } });
    expect(store.get('store')).toBe('the corner shop');
  });

  test('sends labelled imports to the backends of their own entries', async () => {
    const first = inMemoryConfig({
      name: 'first',
      stores: [{ namespace: 'shop', store: 'a', values: { where: 'first a' } }],
    });
    const second = inMemoryConfig({
      name: 'second',
      stores: [{ namespace: 'shop', store: 'b', values: { where: 'second b' } }],
    });
    const component = componentOf({});
    const plugin = configPlugin({ backends: [first, second] });
    const stores = await bind(plugin, component, [
      requestOf(component, 'flags', { backend: 'first', store: 'a' }),
      requestOf(component, 'limits', { backend: 'second', store: 'b' }),
      requestOf(component, undefined, { where: 'the entry' }),
    ]);
    expect(stores['flags']?.get('where')).toBe('first a');
    expect(stores['limits']?.get('where')).toBe('second b');
    expect(stores[storeId]?.get('where')).toBe('the entry');
  });

  test.each([
    [{ backend: 'redis' }, "hostInterfaces[wasi:config].config.backend is 'redis'; this host has in-memory."],
    [{ backend: 'in-memory', storre: 'a' }, /config\.storre is not known.*known are backend, store, shared/],
    [
      { backend: 'in-memory', store: 'lost' },
      /config\.store is 'lost'; backend 'in-memory' has no such store of namespace 'shop'/,
    ],
    [{ backend: 'in-memory', shared: '1' }, /config\.shared must be 'true' or 'false'/],
  ])('refuses %o', async (config, message) => {
    const error: unknown = await storeOf(configPlugin(), { config }).catch((reason: unknown) => reason);
    expect(HostError.is(error, 'ERR_CONFIG_INVALID')).toBe(true);
    expect(error).toMatchObject({ message: typeof message === 'string' ? message : expect.stringMatching(message) });
  });

  test('names the entry whose config is wrong', async () => {
    const component = componentOf({});
    const bound = bind(configPlugin(), component, [requestOf(component, 'flags', { backend: 'x' })]);
    await expect(bound).rejects.toMatchObject({
      details: { path: 'hostInterfaces[wasi:config, flags].config.backend' },
    });
  });

  test('stops the backends that have started when another one cannot', async () => {
    const calls: string[] = [];
    const first = {
      ...stalledBackend(),
      name: 'first',
      start: async () => void calls.push('start'),
      stop: async () => void calls.push('stop'),
    };
    const second = { ...stalledBackend(), name: 'second', start: () => Promise.reject(new Error('no server')) };
    const plugin = configPlugin({ backends: [first, second] });
    const host = { id: 'h', friendlyName: 'h', version: '0', labels: {} };
    const shared = <T>(_key: string, create: () => Promise<T>) => create();
    const context = { logger: silentLogger, host, stopping: signal, shared };
    await expect(plugin.start?.(context, { signal })).rejects.toThrow('no server');
    expect(calls).toEqual(['start', 'stop']);
  });

  test('refuses two backends of one name, and none', () => {
    expect(() => configPlugin({ backends: [inMemoryConfig(), inMemoryConfig()] })).toThrow(/in-memory, in-memory/);
    expect(() => configPlugin({ backends: [] })).toThrow(HostError);
  });

  test("tells the guest that a read failed, and not the backend's own words", async () => {
    const failing: ConfigSource = {
      get: () => {
        throw new Error('password wrong at 10.0.0.7');
      },
      entries: () => {
        throw new WitError({ tag: 'io', val: 'closed' });
      },
      close: async () => {},
    };
    const store = await storeOf(configPlugin({ backends: [{ ...stalledBackend(), open: async () => failing }] }));
    expect(() => store.get('a')).toThrow(
      expect.objectContaining({ payload: { tag: 'upstream', val: 'the configuration cannot be read' } }),
    );
    expect(() => store.getAll()).toThrow(expect.objectContaining({ payload: { tag: 'io', val: 'closed' } }));
  });

  test('stops every backend, over failures', async () => {
    const stopped: string[] = [];
    const plugin = configPlugin({
      backends: [
        { ...stalledBackend('a'), stop: () => Promise.reject(new Error('a')) },
        { ...stalledBackend('b'), stop: async () => void stopped.push('b') },
      ],
    });
    await expect(plugin.stop?.({ signal })).rejects.toThrow(AggregateError);
    expect(stopped).toEqual(['b']);
  });
});

interface Sample {
  readonly config?: Record<string, string>;
  readonly localResources?: LocalResources;
}

function stalledBackend(name = 'stalled'): ConfigBackend {
  return {
    name,
    supports: { changes: false },
    open: (_place, options) =>
      new Promise((_resolve, reject) => options.signal.addEventListener('abort', () => reject(options.signal.reason))),
  };
}

function componentOf({ localResources = {} }: Sample): ComponentInfo {
  return {
    name: 'front',
    kind: 'component',
    workload: { id: 'w1', namespace: 'shop', name: 'cart', annotations: {} },
    localResources: {
      memoryLimitMb: 0,
      cpuLimit: 0,
      config: {},
      environment: {},
      arguments: [],
      volumeMounts: [],
      allowedHosts: [],
      allowedIpNameLookups: [],
      allowedHostLoopbackPorts: [],
      ...localResources,
    },
    callConcurrency: 0,
  };
}

function requestOf(
  component: ComponentInfo,
  name: string | undefined,
  config: Record<string, string>,
): InterfaceRequest {
  const externName = name ?? storeId;
  const shape = { externName, id: storeId, functions: [], resources: [] };
  return { id: storeId, direction: 'import', externName, component, name, config, shape };
}

async function bind(
  plugin: HostPlugin<ConfigWorkload>,
  component: ComponentInfo,
  requests: readonly InterfaceRequest[],
): Promise<Readonly<Record<string, ConfigStore>>> {
  const state = await plugin.onWorkloadBind(component.workload, requests, { signal });
  const binding = await plugin.bindComponent(component, requests, state, { signal });
  const imports = binding.importsFor({ id: 'i1', component, signal, defer() {} });
  return imports as Readonly<Record<string, ConfigStore>>;
}

async function storeOf(plugin: HostPlugin<ConfigWorkload>, sample: Sample = {}): Promise<ConfigStore> {
  const component = componentOf(sample);
  const stores = await bind(plugin, component, [requestOf(component, undefined, sample.config ?? {})]);
  const store = stores[storeId];
  if (store === undefined) throw new Error('the plugin gave no store');
  return store;
}

import {
  type ComponentShape,
  createHost,
  type Engine,
  type FunctionShape,
  type Host,
  type HostInterfaceSpec,
  type HostPlugin,
  type InterfaceShape,
  parseInterfaceId,
  type TypeShape,
  type WorkloadStatus,
} from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { jcoEngine } from '@lodge/engine-jco';
import { blobstorePlugin } from '@lodge/plugin-blobstore';
import { configPlugin } from '@lodge/plugin-config';
import { devRouter, httpPlugin } from '@lodge/plugin-http';
import { keyValuePlugin } from '@lodge/plugin-keyvalue';
import { loggingPlugin } from '@lodge/plugin-logging';
import { messagingPlugin } from '@lodge/plugin-messaging';
import { wasi } from '@lodge/wasi';
import { describe, expect, onTestFinished, test } from 'vitest';
import { mutations } from '../src/mutations.ts';
import { dummyComponent } from '../src/signatures.ts';
import { packageFolder, readWitPackages, type WitPackage, type World, worldOf } from '../src/wit-package.ts';

const plugins: readonly (readonly [string, () => HostPlugin])[] = [
  ['wasi', () => wasi()],
  ['plugin-http', () => httpPlugin({ router: devRouter() })],
  ['plugin-keyvalue', () => keyValuePlugin()],
  ['plugin-blobstore', () => blobstorePlugin()],
  ['plugin-config', () => configPlugin()],
  ['plugin-logging', () => loggingPlugin()],
  ['plugin-messaging', () => messagingPlugin()],
];

const allPlugins = (): HostPlugin[] => plugins.map(([, make]) => make());

function witOf(name: string): Promise<WitPackage[]> {
  return readWitPackages(new URL('wit/', packageFolder(name)));
}

async function startHost(engine: Engine): Promise<Host> {
  const host = createHost({ engine, plugins: allPlugins() });
  await host.start();
  onTestFinished(() => host.stop());
  return host;
}

/** Puts changed interfaces into a shape. */
type Lie = (shapes: readonly InterfaceShape[]) => Partial<ComponentShape>;

/** Grants everything that a shape names. */
function grants(shape: Pick<ComponentShape, 'imports' | 'exports'>): HostInterfaceSpec[] {
  return [...shape.imports, ...shape.exports].flatMap(({ id }) => {
    const parsed = id === undefined ? undefined : parseInterfaceId(id);
    return parsed === undefined
      ? []
      : [{ namespace: parsed.namespace, package: parsed.package, interfaces: parsed.interfaces }];
  });
}

/** Starts the one component, and tells how that went. */
async function start(
  host: Host,
  bytes: Uint8Array,
  hostInterfaces: readonly HostInterfaceSpec[],
): Promise<Pick<WorkloadStatus, 'state' | 'message'> & { readonly code: string | undefined }> {
  const components = [{ name: 'guest', source: { bytes } }];
  const workload = { namespace: 'n', name: 'w', components, hostInterfaces };
  const { state, message, error } = await host.workloadStart({ workloadId: 'w', workload });
  await host.workloadStop('w');
  return { state, message, code: error?.code };
}

/** The real engine with another reading of every component: what a binary with these types would make it see. */
class MisreadingEngine implements Engine {
  readonly #engine: Engine = lodgeEngine();
  readonly name = 'misreading';
  readonly supports: Engine['supports'] = this.#engine.supports;
  shape: ComponentShape | undefined;
  compiled = 0;

  async inspect(bytes: Uint8Array): Promise<ComponentShape> {
    return this.shape ?? this.#engine.inspect(bytes);
  }

  compile(...args: Parameters<Engine['compile']>): ReturnType<Engine['compile']> {
    this.compiled += 1;
    return this.#engine.compile(...args);
  }
}

/** A component with everything that a plugin provides, and everything that it calls. */
async function guestOf(name: string, plugin: HostPlugin): Promise<Uint8Array> {
  const { provides, calls = [] } = plugin.world;
  const world = { imports: provides.map(({ id }) => id), exports: calls.map(({ id }) => id) };
  return dummyComponent(await worldOf(await witOf(name), world));
}

describe.each(plugins)('%s', (name, make) => {
  test('refuses every function of other types before it binds or compiles anything', async () => {
    const engine = new MisreadingEngine();
    const plugin = make();
    const bytes = await guestOf(name, plugin);
    const honest = await engine.inspect(bytes);
    const hostInterfaces = grants(honest);
    const host = await startHost(engine);
    const tried = new Set<string>();

    const tryAll = async (verb: string, ids: readonly string[], shapes: readonly InterfaceShape[], lie: Lie) => {
      for (const [index, one] of shapes.entries()) {
        if (one.id === undefined || !ids.includes(one.id)) continue;
        for (const [at, shape] of one.functions.entries()) {
          for (const { what, shape: changed } of mutations(shape)) {
            const functions = one.functions.with(at, changed);
            engine.shape = { ...honest, ...lie(shapes.with(index, { ...one, functions })) };
            const outcome = await start(host, bytes, hostInterfaces);
            const where = `${one.id} ${shape.name} ${what}`;
            expect(outcome, where).toMatchObject({ state: 'error', code: 'ERR_SIGNATURE_MISMATCH' });
            expect(outcome.message).toContain(`${verb} '${shape.name}' of '${one.id}'`);
            tried.add(`${one.id} ${shape.name}`);
          }
        }
      }
    };
    const { provides, calls = [] } = plugin.world;
    const provided = provides.map(({ id }) => id);
    const called = calls.map(({ id }) => id);
    await tryAll('imports', provided, honest.imports, (imports) => ({ imports }));
    await tryAll('exports', called, honest.exports, (exports) => ({ exports }));
    const stated = [...provides, ...calls].flatMap(({ id, functions = {} }) =>
      Object.keys(functions).map((fn) => `${id} ${fn}`),
    );
    expect([...tried].sort()).toEqual(stated.sort());
    expect(engine.compiled).toBe(0);
  });

  test('serves a component that has its very types', async () => {
    const bytes = await guestOf(name, make());
    const engine = lodgeEngine();
    const host = await startHost(engine);
    const { imports, exports } = await engine.inspect(bytes);
    const outcome = await start(host, bytes, grants({ imports, exports }));
    // A component that does nothing still stands up to everything before its first call.
    expect(outcome).toMatchObject({ state: 'running' });
  });
});

test.each(['plugin-http', 'wasi'])('%s serves what was built against WASI 0.2.0', async (name) => {
  const [, make] = plugins.find(([known]) => known === name) ?? expect.unreachable();
  const { provides, calls = [] } = make().world;
  const old = (text: string): string => text.replaceAll('0.2.12', '0.2.0');
  const packages = (await witOf(name)).map((one) => ({ ...one, version: old(one.version), body: old(one.body) }));
  const world = { imports: provides.map(({ id }) => old(id)), exports: calls.map(({ id }) => old(id)) };
  const bytes = await dummyComponent(await worldOf(packages, world));
  const engine = lodgeEngine();
  const host = await startHost(engine);
  expect(await start(host, bytes, grants(await engine.inspect(bytes)))).toMatchObject({ state: 'running' });
});

describe.each([
  ['engine', lodgeEngine],
  ['engine-jco', jcoEngine],
])('a binary, read by %s,', (_name, makeEngine) => {
  const storeId = 'wasi:keyvalue/store@0.2.0-draft2';
  const atomicsId = 'wasi:keyvalue/atomics@0.2.0-draft2';

  async function attack(packageName: string, world: World, change: (text: string) => string = (text) => text) {
    const packages = (await witOf(packageName)).map((one) => ({ ...one, body: change(one.body) }));
    const bytes = await dummyComponent(await worldOf(packages, world));
    const engine = makeEngine();
    return start(await startHost(engine), bytes, grants(await engine.inspect(bytes)));
  }

  test('is refused with both signatures when a parameter has another type', async () => {
    const change = (text: string): string =>
      text.replace('open: func(identifier: string)', 'open: func(identifier: u32)');
    const error = 'variant { no-such-store, access-denied, other(string) }';
    const rest = `-> result<own<wasi:keyvalue/store.bucket@0.2.0-draft2>, ${error}>`;
    expect(await attack('plugin-keyvalue', { imports: [storeId] }, change)).toEqual({
      state: 'error',
      code: 'ERR_SIGNATURE_MISMATCH',
      message:
        'a function has other types than the host expects; build the component against the WIT of the plugin: ' +
        `component 'guest' imports 'open' of '${storeId}' as func(identifier: u32) ${rest}, ` +
        `but for plugin 'wasi-keyvalue' it is func(identifier: string) ${rest}`,
    });
  });

  test('is refused when it has a resource of its own where the plugin has one of another interface', async () => {
    const change = (text: string): string =>
      text.replace(
        /interface atomics \{\s+use store.\{bucket, error\};/,
        'interface atomics { use store.{error}; resource bucket;',
      );
    const { code, message } = await attack('plugin-keyvalue', { imports: [storeId, atomicsId] }, change);
    expect(code).toBe('ERR_SIGNATURE_MISMATCH');
    expect(message).toContain('borrow<wasi:keyvalue/atomics.bucket@0.2.0-draft2>');
  });

  test('is refused when the handler that it exports takes requests of its own making', async () => {
    const imports = ['wasi:io/poll@0.2.12'];
    const exports = ['wasi:http/types@0.2.12', 'wasi:http/incoming-handler@0.2.12'];
    const { code, message } = await attack('plugin-http', { imports, exports });
    expect(code).toBe('ERR_SIGNATURE_MISMATCH');
    expect(message).toContain('own<"incoming-request" of its export "wasi:http/types@0.2.12">');
  });

  test('is refused when it passes on the resources of another component', async () => {
    const store = await dummyComponent(
      await worldOf(await witOf('plugin-keyvalue'), { imports: [], exports: [storeId] }),
    );
    const atomics = await dummyComponent(await worldOf(await witOf('plugin-keyvalue'), { imports: [atomicsId] }));
    const host = await startHost(makeEngine());
    const components = [
      { name: 'guest', source: { bytes: atomics } },
      { name: 'store', source: { bytes: store } },
    ];
    const hostInterfaces = [{ namespace: 'wasi', package: 'keyvalue', interfaces: ['atomics'] }];
    const workload = { namespace: 'n', name: 'w', components, hostInterfaces };
    const { error } = await host.workloadStart({ workloadId: 'w', workload });
    expect(error).toMatchObject({ code: 'ERR_SIGNATURE_MISMATCH' });
    expect(error?.message).toContain(`borrow<"bucket" of its import "${storeId}">`);
  });
});

describe('what no compiler would make', () => {
  const configId = 'wasi:config/store@0.2.0-rc.1';
  const string = { kind: 'string' } as const;
  const answer: TypeShape = { kind: 'result', ok: string, err: undefined };

  async function startWith(shape: Partial<FunctionShape>) {
    const engine = new MisreadingEngine();
    const host = await startHost(engine);
    const get: FunctionShape = { name: 'get', kind: 'function', isAsync: false, params: [], result: answer, ...shape };
    const imports = [{ externName: configId, id: configId, functions: [get], resources: [] }] as const;
    engine.shape = { imports, exports: [], importedFunctions: [], exportedFunctions: [] };
    return start(host, new Uint8Array(8), grants(engine.shape));
  }

  test('types that double at each of 100 levels cost no more than others', async () => {
    let type: TypeShape = string;
    for (let level = 0; level < 100; level += 1) type = { kind: 'tuple', elements: [type, type] };
    const began = performance.now();
    const { code, message } = await startWith({ result: type });
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(code).toBe('ERR_SIGNATURE_MISMATCH');
    expect(message.length).toBeLessThan(2_000);
  });

  test('types deeper than the stack are cut', async () => {
    let type: TypeShape = string;
    for (let level = 0; level < 100_000; level += 1) type = { kind: 'option', some: type };
    expect(await startWith({ result: type })).toMatchObject({ code: 'ERR_SIGNATURE_MISMATCH' });
  });

  test('names that spell a type do not make one, and show no control characters', async () => {
    const { code, message } = await startWith({ params: [{ name: 'key: string\u001b[2J', type: string }] });
    expect(code).toBe('ERR_SIGNATURE_MISMATCH');
    expect(message).toContain('func("key: string\\u001b[2J": string)');
  });

  test.each(['constructor', 'toString', '__proto__'])(
    'a function named %s is one that the plugin does not have',
    async (name) => {
      expect(await startWith({ name })).toMatchObject({ code: 'ERR_IMPORT_UNMET' });
    },
  );
});

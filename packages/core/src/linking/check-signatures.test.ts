import { describe, expect, it } from 'vitest';
import { HostError } from '../errors.js';
import { planComponents } from '../lifecycle/component-info.js';
import type { FunctionSignatures, HostPlugin, PluginWorld } from '../plugin.js';
import type { FunctionShape, InterfaceShape, TypeShape } from '../shape.js';
import { bytesOf, shapeOf } from '../testing/memory-engine.js';
import type { HostInterfaceSpec } from '../workload.js';
import { ProviderIndex } from './provider-index.js';
import { resolveWorkload } from './resolve.js';

const string: TypeShape = { kind: 'string' };
const storeId = 'acme:shop/store@1.2.0';
const cartId = 'acme:shop/cart@1.2.0';

function fn(name: string, params: Record<string, TypeShape>, result?: TypeShape): FunctionShape {
  const named = Object.entries(params).map(([param, type]) => ({ name: param, type }));
  return { name, kind: 'function', isAsync: false, params: named, result };
}

function imported(externName: string, id: InterfaceShape['id'], ...functions: FunctionShape[]): InterfaceShape {
  return { externName, id, functions, resources: [] };
}

function handle(kind: 'own' | 'borrow', externName: string, resource = 'item'): TypeShape {
  return { kind, resource, owner: { direction: 'import', externName } };
}

function plugin(world: PluginWorld): HostPlugin {
  return {
    specVersion: 1,
    id: 'shop',
    world,
    onWorkloadBind: async () => undefined,
    bindComponent: async () => ({ importsFor: () => ({}) }),
    onWorkloadUnbind: async () => undefined,
  };
}

function serving(functions: FunctionSignatures | readonly string[]): HostPlugin {
  return plugin({ provides: [{ id: storeId, suspends: [], functions, isAmbient: true }] });
}

/** Resolves a component; answers with the error, if any. */
function failure(
  plugins: readonly HostPlugin[],
  shape: { imports?: readonly InterfaceShape[]; exports?: readonly InterfaceShape[] },
  entries: readonly HostInterfaceSpec[] = [],
): HostError | undefined {
  const bytes = bytesOf('a');
  const info = { id: 'w', namespace: 'n', name: 'w', annotations: {} };
  const spec = { namespace: 'n', name: 'w', components: [{ name: 'a', source: { bytes } }] };
  const component = planComponents(info, spec)[0]?.component ?? expect.unreachable();
  try {
    resolveWorkload([{ component, bytes, shape: shapeOf(shape) }], entries, new ProviderIndex(plugins));
    return undefined;
  } catch (error) {
    if (HostError.is(error)) return error;
    throw error;
  }
}

describe('a signature', () => {
  const open = fn('open', { key: string, at: { kind: 'record', fields: [{ name: 'x', type: { kind: 'u8' } }] } });

  it('may be written with other spaces, line breaks and closing commas', () => {
    const text = `func(
      key : string,
      at: record {x: u8,},
    )`;
    expect(failure([serving({ open: text })], { imports: [imported(storeId, storeId, open)] })).toBeUndefined();
  });

  it('is not compared where a plugin states names alone', () => {
    expect(failure([serving(['open'])], { imports: [imported(storeId, storeId, open)] })).toBeUndefined();
  });

  it('is compared for the functions that a component imports only', () => {
    const functions = { open: 'func(key: string, at: record { x: u8 })', newer: 'func() -> u64' };
    expect(failure([serving(functions)], { imports: [imported(storeId, storeId, open)] })).toBeUndefined();
  });

  it('is compared for labelled imports as well', () => {
    const entries = [{ namespace: 'acme', package: 'shop', interfaces: ['store'], name: 'cache' }];
    const error = failure([serving({ open: 'func()' })], { imports: [imported('cache', storeId, open)] }, entries);
    expect(error).toMatchObject({ code: 'ERR_SIGNATURE_MISMATCH' });
    expect(error?.message).toContain("imports 'open' of 'cache' as func(key: string, at: record { x: u8 })");
  });

  it('that is long is shown around the place that differs', () => {
    const cases = Array.from({ length: 500 }, (_, index) => `case-${index}`);
    const wide = (last: string): TypeShape => ({ kind: 'enum', cases: [...cases, last] });
    const functions = { open: `func() -> enum { ${[...cases, 'right'].join(', ')} }` };
    const wrong = fn('open', {}, wide('wrong'));
    const error = failure([serving(functions)], { imports: [imported(storeId, storeId, wrong)] });
    expect(error?.message).toMatch(/as ….*case-499, wrong }, but.*…case-\d+.*case-499, right }$/);
    expect(error?.message.length).toBeLessThan(800);
  });

  it('is one of few that an error names, whatever the number of those that differ', () => {
    const names = Array.from({ length: 50 }, (_, index) => `fn-${index}`);
    const functions = Object.fromEntries(names.map((name) => [name, 'func()']));
    const shapes = names.map((name) => fn(name, { a: string }));
    const error = failure([serving(functions)], { imports: [imported(storeId, storeId, ...shapes)] });
    expect(error?.message).toMatch(/^50 functions have other types.*; and 45 more$/);
    expect(error?.details['mismatches']).toHaveLength(5);
  });
});

describe('a resource in a signature', () => {
  const world: PluginWorld = {
    provides: [
      { id: storeId, suspends: [], functions: {}, isAmbient: true },
      { id: cartId, suspends: [], functions: { add: 'func(i: borrow<acme:shop/store.item@1>)' }, isAmbient: true },
    ],
  };

  it.each([
    ['another minor version', 'acme:shop/store@1.0.7'],
    ['no version', 'acme:shop/store'],
  ] as const)('is that of the interface, imported with %s', (_, id) => {
    const cart = imported(cartId, cartId, fn('add', { i: handle('borrow', id) }));
    expect(failure([plugin(world)], { imports: [imported(id, id), cart] })).toBeUndefined();
  });

  it.each([
    ['owned instead of borrowed', handle('own', storeId)],
    ['of another name', handle('borrow', storeId, 'items')],
    ['of another interface', handle('borrow', cartId)],
    ['of an interface that is not imported', handle('borrow', 'acme:shop/store@1.0.0')],
    ['of an export', { kind: 'borrow', resource: 'item', owner: { direction: 'export', externName: storeId } }],
    ['of nobody', { kind: 'borrow', resource: 'item', owner: undefined }],
  ] satisfies [string, TypeShape][])('is refused when it is %s', (_, type) => {
    const cart = imported(cartId, cartId, fn('add', { i: type }));
    expect(failure([plugin(world)], { imports: [imported(storeId, storeId), cart] })).toMatchObject({
      code: 'ERR_SIGNATURE_MISMATCH',
      details: { mismatches: [{ component: 'a', interface: cartId, function: 'add', plugin: 'shop' }] },
    });
  });
});

describe('a resource of another plugin', () => {
  it('is not one of the plugin that serves the same interface itself', () => {
    const provides = [
      { id: storeId, suspends: [], functions: {} },
      { id: cartId, suspends: [], functions: { add: 'func(i: borrow<acme:shop/store.item@1>)' } },
    ] as const;
    const shape = {
      imports: [imported(storeId, storeId), imported(cartId, cartId, fn('add', { i: handle('borrow', storeId) }))],
    };
    const entry = (name: string, interfaces: string[]): HostInterfaceSpec => {
      return { namespace: 'acme', package: 'shop', interfaces, name };
    };
    const plugins = ['one', 'two'].map((id) => ({ ...plugin({ provides }), id }));
    expect(failure(plugins, shape, [entry('one', ['store', 'cart'])])).toBeUndefined();
    const error = failure(plugins, shape, [entry('one', ['store']), entry('two', ['cart'])]);
    expect(error).toMatchObject({ code: 'ERR_SIGNATURE_MISMATCH', details: { mismatches: [{ plugin: 'two' }] } });
  });
});

describe('an export that a plugin calls', () => {
  const entries = [{ namespace: 'acme', package: 'shop', interfaces: ['cart'] }];
  const calls = [{ id: cartId, functions: { add: 'func(i: string)' } }] as const;
  const exporting = (type: TypeShape) => ({ exports: [imported(cartId, cartId, fn('add', { i: type }))] });

  it('has the types that the plugin hands it', () => {
    expect(failure([plugin({ provides: [], calls })], exporting(string), entries)).toBeUndefined();
    const error = failure([plugin({ provides: [], calls })], exporting({ kind: 'u8' }), entries);
    expect(error?.message).toContain("exports 'add' of 'acme:shop/cart@1.2.0' as func(i: u8), but for plugin 'shop'");
  });

  it('is not looked at without a grant', () => {
    expect(failure([plugin({ provides: [], calls })], exporting({ kind: 'u8' }), [])).toBeUndefined();
  });
});

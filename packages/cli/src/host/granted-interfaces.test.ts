import { type ComponentShape, type HostInterfaceSpec, type InterfaceShape, isInterfaceId } from '@lodge/core';
import { expect, test } from 'vitest';
import { capabilities } from './capabilities.js';
import { type Grants, grantedInterfaces } from './granted-interfaces.js';

/** A component that imports and exports interfaces: an id, or a label with the id behind it. */
function shape(imports: readonly string[], exports: readonly string[] = []): ComponentShape {
  const toInterface = (text: string): InterfaceShape => {
    const [externName = '', id = externName] = text.split(' = ');
    return { externName, id: isInterfaceId(id) ? id : undefined, functions: [], resources: [] };
  };
  return {
    imports: imports.map(toInterface),
    exports: exports.map(toInterface),
    importedFunctions: [],
    exportedFunctions: [],
  };
}

const plugins = await Promise.all(capabilities.map((capability) => capability.describe()));

function grant(component: ComponentShape, entries: readonly HostInterfaceSpec[] = []): Grants {
  return grantedInterfaces({ shapes: [component], plugins, entries });
}

const store = 'wasi:keyvalue/store@0.2.0-draft';
const atomics = 'wasi:keyvalue/atomics@0.2.0-draft';
const keyvalue = { namespace: 'wasi', package: 'keyvalue' };

test('a package that is imported gets one entry, with all its interfaces', () => {
  const { hostInterfaces } = grant(shape([store, atomics, 'wasi:logging/logging@0.1.0-draft']));
  expect(hostInterfaces).toEqual([
    { ...keyvalue, interfaces: ['store', 'atomics'] },
    { namespace: 'wasi', package: 'logging', interfaces: ['logging'] },
  ]);
});

test('an export that a plugin calls is granted, one that none calls is not', () => {
  const { hostInterfaces } = grant(shape([], ['wasmcloud:messaging/handler@0.2.0', 'acme:geo/places@1.0.0']));
  expect(hostInterfaces).toEqual([{ namespace: 'wasmcloud', package: 'messaging', interfaces: ['handler'] }]);
});

test('an import that nobody serves, and one that needs no grant, get none', () => {
  expect(grant(shape(['acme:geo/places@1.0.0', 'wasmcloud:messaging/types@0.2.0'])).hostInterfaces).toEqual([]);
});

test('an entry of the project is widened by what is imported, and keeps its config', () => {
  const config = { buckets: 'visits' };
  const { hostInterfaces } = grant(shape([store, atomics]), [{ ...keyvalue, interfaces: ['store'], config }]);
  expect(hostInterfaces).toEqual([{ ...keyvalue, interfaces: ['store', 'atomics'], config }]);
});

test('imports with a label go to the entry of that name, others to the one without', () => {
  const entries = [
    { ...keyvalue, interfaces: [], name: 'cache' },
    { ...keyvalue, interfaces: [] },
  ];
  const { hostInterfaces } = grant(shape([`cache = ${store}`, atomics]), entries);
  expect(hostInterfaces).toEqual([
    { ...keyvalue, interfaces: ['store'], name: 'cache' },
    { ...keyvalue, interfaces: ['atomics'] },
  ]);
});

test('a label without an entry gets one of its name', () => {
  const { hostInterfaces } = grant(shape([`cache = ${store}`]), [{ ...keyvalue, interfaces: [] }]);
  expect(hostInterfaces).toEqual([{ ...keyvalue, interfaces: ['store'], name: 'cache' }]);
});

test('an entry of another version is left alone', () => {
  const entry = { ...keyvalue, interfaces: [], version: '0.2.0-draft2' };
  const { hostInterfaces, unused } = grant(shape([store]), [entry]);
  expect(hostInterfaces).toEqual([{ ...keyvalue, interfaces: ['store'] }]);
  expect(unused).toEqual([entry]);
});

test('an entry with the id of a plugin as its name is for imports without a label', () => {
  const entry = { ...keyvalue, interfaces: [], name: 'wasi-keyvalue' };
  const { hostInterfaces } = grant(shape([store]), [entry]);
  expect(hostInterfaces).toEqual([{ ...entry, interfaces: ['store'] }]);
});

test('an entry with a name of its own may grant an export', () => {
  const entry = { namespace: 'wasmcloud', package: 'messaging', interfaces: [], name: 'orders' };
  const { hostInterfaces } = grant(shape([], ['wasmcloud:messaging/handler@0.2.0']), [entry]);
  expect(hostInterfaces).toEqual([{ ...entry, interfaces: ['handler'] }]);
});

import type { InterfaceId, InterfaceImports, PluginWorld } from '@lodge/core';
import { signatures } from './generated/signatures.js';
import { watcherIds } from './watches.js';
import { atomics, atomics2 } from './wit/atomics.js';
import { batch } from './wit/batch.js';
import { type OpenBucket, store, store2 } from './wit/store.js';

interface ServedInterface {
  readonly id: keyof typeof signatures;
  /** WIT names of what may have to wait. */
  readonly suspends: readonly string[];
  /** The imports of a component that opens buckets with `open`. */
  make(open: OpenBucket): object;
}

const storeFunctions = [
  'open',
  '[method]bucket.get',
  '[method]bucket.set',
  '[method]bucket.delete',
  '[method]bucket.exists',
  '[method]bucket.list-keys',
];
const batchFunctions = ['get-many', 'set-many', 'delete-many'];

const served: readonly ServedInterface[] = [
  { id: 'wasi:keyvalue/store@0.2.0-draft', suspends: storeFunctions, make: store },
  { id: 'wasi:keyvalue/atomics@0.2.0-draft', suspends: ['increment'], make: () => atomics },
  { id: 'wasi:keyvalue/batch@0.2.0-draft', suspends: batchFunctions, make: () => batch },
  { id: 'wasi:keyvalue/store@0.2.0-draft2', suspends: storeFunctions, make: store2 },
  {
    id: 'wasi:keyvalue/atomics@0.2.0-draft2',
    suspends: ['increment', 'swap', '[static]cas.new'],
    make: () => atomics2,
  },
  { id: 'wasi:keyvalue/batch@0.2.0-draft2', suspends: batchFunctions, make: () => batch },
];

/** What the plugin gives to components and calls of them. */
export const world: PluginWorld = {
  provides: served.map(({ id, suspends }) => ({ id, suspends, functions: signatures[id] })),
  calls: watcherIds.map((id) => ({ id, functions: signatures[id] })),
};

/** What may have to wait in an interface of the world, on a backend that is not synchronous. */
export function suspendingFunctions(id: InterfaceId): readonly string[] {
  return find(id)?.suspends ?? [];
}

/** The imports for an interface of the world. */
export function interfaceImports(id: InterfaceId, open: OpenBucket): InterfaceImports {
  return Object.freeze({ ...find(id)?.make(open) });
}

/** Whether it is `store`: the interface that opens buckets. The others are handed them. */
export function isStore(id: InterfaceId): boolean {
  return id.startsWith('wasi:keyvalue/store@');
}

function find(id: InterfaceId): ServedInterface | undefined {
  return served.find((entry) => entry.id === id);
}

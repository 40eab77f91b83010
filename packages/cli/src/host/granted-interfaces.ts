import {
  type ComponentShape,
  type HostInterfaceSpec,
  type InterfaceShape,
  matchesVersion,
  type ParsedInterfaceId,
  parseInterfaceId,
} from '@lodge/core';
import { findServer, isCalled, type KnownPlugin } from './plugins.js';

/** What entries of `hostInterfaces` are made from. */
export interface GrantOptions {
  /** Of all components of the workload. */
  readonly shapes: readonly ComponentShape[];
  readonly plugins: readonly KnownPlugin[];
  /** What the project says itself. */
  readonly entries?: readonly HostInterfaceSpec[];
}

/** What a manifest would say. */
export interface Grants {
  readonly hostInterfaces: readonly HostInterfaceSpec[];
  /** Entries of the project that no component has a use for. */
  readonly unused: readonly HostInterfaceSpec[];
}

/**
 * What a manifest would grant: every interface that a component imports and a plugin gives, and every one that it exports and a plugin calls. The project's
 * own entries come first and are widened by what fits their package and name; the rest gets one entry for each package and label, in any version,
 * since core matches each import by itself.
 */
export function grantedInterfaces({ shapes, plugins, entries = [] }: GrantOptions): Grants {
  const own = entries.map((entry) => ({ entry, interfaces: [...entry.interfaces], isUsed: false }));
  const written = new Map<string, { namespace: string; package: string; interfaces: string[]; name?: string }>();
  for (const { id, label, direction } of wantedInterfaces(shapes, plugins)) {
    // An export has no label, so that a named entry may be the one that says how it is called.
    const fitting = own.filter(({ entry }) => isFor(entry, id, plugins, direction === 'export' ? entry.name : label));
    const granting = fitting.find(({ interfaces }) => id.interfaces.every((name) => interfaces.includes(name)));
    const chosen = granting ?? fitting.find(({ entry }) => entry.name === label) ?? fitting[0];
    if (chosen !== undefined) {
      chosen.isUsed = true;
      addMissing(chosen.interfaces, id.interfaces);
      continue;
    }
    const key = JSON.stringify([id.namespace, id.package, label]);
    const entry = written.get(key) ?? {
      namespace: id.namespace,
      package: id.package,
      interfaces: [],
      ...(label !== undefined && { name: label }),
    };
    addMissing(entry.interfaces, id.interfaces);
    written.set(key, entry);
  }
  const used = own.filter(({ isUsed }) => isUsed).map(({ entry, interfaces }) => ({ ...entry, interfaces }));
  return {
    hostInterfaces: [...used, ...written.values()],
    unused: own.filter(({ isUsed }) => !isUsed).map(({ entry }) => entry),
  };
}

/** Whether a component exports something that one of `plugins` calls. */
export function isServed({ exports }: ComponentShape, plugins: readonly KnownPlugin[]): boolean {
  return exports.some(({ id }) => id !== undefined && isCalled(id, plugins));
}

/** One interface that a workload needs an entry for. */
export interface WantedInterface {
  readonly id: ParsedInterfaceId;
  readonly label: string | undefined;
  readonly direction: 'import' | 'export';
}

/** What components of these shapes import from `plugins`, and what they export for them to call. */
export function wantedInterfaces(
  shapes: readonly ComponentShape[],
  plugins: readonly KnownPlugin[],
): WantedInterface[] {
  const wanted: WantedInterface[] = [];
  const add = ({ id, externName }: InterfaceShape, direction: WantedInterface['direction']): void => {
    const parsed = id === undefined ? undefined : parseInterfaceId(id);
    const label = externName.includes(':') ? undefined : externName;
    if (parsed !== undefined) wanted.push({ id: parsed, label, direction });
  };
  for (const { imports, exports } of shapes) {
    for (const item of imports) {
      if (item.id !== undefined && findServer(item.id, plugins)?.isAmbient === false) add(item, 'import');
    }
    for (const item of exports) if (item.id !== undefined && isCalled(item.id, plugins)) add(item, 'export');
  }
  return wanted;
}

/** Whether `entry` speaks of the package of `id` under this label, or chooses a plugin for it. */
function isFor(
  entry: HostInterfaceSpec,
  id: ParsedInterfaceId,
  plugins: readonly KnownPlugin[],
  label: string | undefined,
): boolean {
  const isForPlugin = label === undefined && plugins.some((plugin) => plugin.id === entry.name);
  return (
    (entry.name === label || isForPlugin) &&
    entry.namespace === id.namespace &&
    entry.package === id.package &&
    matchesVersion(id.version, entry.version)
  );
}

function addMissing(names: string[], more: readonly string[]): void {
  names.push(...more.filter((name) => !names.includes(name)));
}

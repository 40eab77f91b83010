import type { ComponentShape, HostPlugin, InterfaceId } from '@lodge/core';
import { matchesInterface, parseInterfaceId } from '@lodge/core';

/** The npm packages behind the ids of the plugins that this command carries. */
const packages: Readonly<Record<string, string>> = {
  wasi: '@lodge/wasi',
  'wasi-http': '@lodge/plugin-http',
  'wasi-config': '@lodge/plugin-config',
  'wasi-logging': '@lodge/plugin-logging',
  'wasi-keyvalue': '@lodge/plugin-keyvalue',
  'wasi-blobstore': '@lodge/plugin-blobstore',
  'wasmcloud-messaging': '@lodge/plugin-messaging',
};

/** Who serves an interface. */
export interface InterfaceServer {
  readonly pluginId: string;
  /** The npm package. */
  readonly packageName: string;
  readonly isAmbient: boolean;
}

/** What is known of a plugin without running it. */
export type KnownPlugin = Pick<HostPlugin, 'id' | 'world'>;

/** The plugin that gives `id` to components, if one of `plugins` does. */
export function findServer(id: InterfaceId, plugins: readonly KnownPlugin[]): InterfaceServer | undefined {
  const wanted = parseInterfaceId(id);
  if (wanted === undefined) return undefined;
  for (const plugin of plugins) {
    for (const provided of plugin.world.provides) {
      const offered = parseInterfaceId(provided.id);
      if (offered === undefined || !matchesInterface(wanted, offered)) continue;
      const packageName = packages[plugin.id] ?? plugin.id;
      return { pluginId: plugin.id, packageName, isAmbient: provided.isAmbient ?? false };
    }
  }
  return undefined;
}

/** The functions that `plugins` say may suspend, as the engine names them. */
export function findSuspendingImports(shape: ComponentShape, plugins: readonly KnownPlugin[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { externName, id } of shape.imports) {
    const wanted = id === undefined ? undefined : parseInterfaceId(id);
    if (wanted === undefined) continue;
    for (const provided of plugins.flatMap(({ world }) => world.provides)) {
      const offered = parseInterfaceId(provided.id);
      if (offered === undefined || !matchesInterface(wanted, offered)) continue;
      for (const name of provided.suspends) names.add(`${externName}#${name}`);
    }
  }
  return names;
}

/** Whether one of `plugins` calls the interface `id` of components that export it. */
export function isCalled(id: InterfaceId, plugins: readonly KnownPlugin[]): boolean {
  const offered = parseInterfaceId(id);
  if (offered === undefined) return false;
  return plugins.some(({ world }) =>
    world.calls?.some((called) => {
      const wanted = parseInterfaceId(called.id);
      return wanted !== undefined && matchesInterface(offered, wanted);
    }),
  );
}

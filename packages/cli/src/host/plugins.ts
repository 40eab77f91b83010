import type { HostPlugin, InterfaceId } from '@lodge/core';
import { matchesInterface, parseInterfaceId } from '@lodge/core';

/** The npm packages behind the ids of the plugins that this command carries. */
const packages: Readonly<Record<string, string>> = {
  wasi: '@lodge/wasi',
  'wasi-http': '@lodge/plugin-http',
};

/** Who serves an interface. */
export interface InterfaceServer {
  readonly pluginId: string;
  /** The npm package. */
  readonly packageName: string;
  readonly isAmbient: boolean;
}

/** The plugin that gives `id` to components, if one of `plugins` does. */
export function findServer(id: InterfaceId, plugins: readonly HostPlugin[]): InterfaceServer | undefined {
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

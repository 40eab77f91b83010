import type { InterfaceId } from '../interface-id.js';
import type { ComponentBinding, HostPlugin } from '../plugin.js';

/** A plugin that provides `id`, ambient, with one function `get`, and writes down which hook was called when. */
export function recordingPlugin(
  name: string,
  id: InterfaceId,
  order: string[],
  overrides: Partial<HostPlugin> = {},
): HostPlugin {
  const record = (hook: string): void => void order.push(`${name} ${hook}`);
  return {
    specVersion: 1,
    id: name,
    world: { provides: [{ id, suspends: [], isAmbient: true }] },
    start: async () => record('start'),
    onWorkloadBind: async () => record('bind'),
    bindComponent: async (_, requests): Promise<ComponentBinding> => {
      record('bindComponent');
      const imports = Object.freeze(
        Object.fromEntries(requests.map(({ externName }) => [externName, { get: () => name }])),
      );
      return { importsFor: () => imports };
    },
    onWorkloadResolved: async () => record('resolved'),
    onWorkloadUnbind: async () => record('unbind'),
    stop: async () => record('stop'),
    ...overrides,
  };
}

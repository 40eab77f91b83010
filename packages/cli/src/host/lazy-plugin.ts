import { type HookOptions, HostError, type HostPlugin, type PluginContext } from '@lodge/core';
import type { Capability, CapabilityOptions } from './capabilities.js';
import type { KnownPlugin } from './plugins.js';

/** The plugin that {@link lazyPlugin} makes. */
export interface LazyPlugin extends HostPlugin {
  /** Loads and starts it now, unless it runs. */
  prepare(options: HookOptions): Promise<void>;
}

/** Options of {@link lazyPlugin}. */
export interface LazyPluginOptions extends CapabilityOptions {
  /** What the capability says of its plugin. */
  readonly described: KnownPlugin;
  /** Whether it starts with the host, because a component is known to need it. */
  readonly isNeeded: boolean;
}

/**
 * A plugin that is made and started for the first workload that needs it. So a project may begin to import an interface while it is served, and one that never
 * does pays nothing. A start that fails fails the workload and is tried again for the next one.
 */
export function lazyPlugin(capability: Capability, options: LazyPluginOptions): LazyPlugin {
  let context: PluginContext | undefined;
  let running: Promise<HostPlugin> | undefined;
  let plugin: HostPlugin | undefined;

  async function begin(given: PluginContext, hook: HookOptions): Promise<HostPlugin> {
    const loaded = await capability.load(options);
    try {
      await loaded.start?.(given, hook);
    } catch (error) {
      await loaded.stop?.(hook).catch(() => {});
      throw error;
    }
    return loaded;
  }

  function ready(hook: HookOptions): Promise<HostPlugin> {
    if (context === undefined) return Promise.reject(notRunning(capability));
    const starting = running ?? begin(context, hook);
    running = starting;
    starting.then(
      (loaded) => {
        plugin = loaded;
      },
      () => {
        if (running === starting) running = undefined;
      },
    );
    return starting;
  }

  /** The plugin that has bound a workload, which is there by then. */
  function bound(): HostPlugin {
    if (plugin === undefined) throw notRunning(capability);
    return plugin;
  }

  return {
    specVersion: 1,
    id: options.described.id,
    world: options.described.world,
    async prepare(hook) {
      await ready(hook);
    },
    async start(given, hook) {
      context = given;
      if (options.isNeeded) await ready(hook);
    },
    async onWorkloadBind(workload, requests, hook) {
      return (await ready(hook)).onWorkloadBind(workload, requests, hook);
    },
    bindComponent: (component, requests, state, hook) => bound().bindComponent(component, requests, state, hook),
    async onWorkloadResolved(workload, state, hook) {
      await bound().onWorkloadResolved?.(workload, state, hook);
    },
    onWorkloadUnbind: (workload, state, hook) => bound().onWorkloadUnbind(workload, state, hook),
    async stop(hook) {
      context = undefined;
      const loaded = await running?.catch(() => undefined);
      await loaded?.stop?.(hook);
    },
  };
}

function notRunning({ packageName }: Capability): HostError {
  return new HostError('ERR_HOST_STATE', `${packageName} is not running; start the host first.`);
}

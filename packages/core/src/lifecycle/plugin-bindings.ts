import { HostError } from '../errors.js';
import type { BoundComponent } from '../instances/graph-imports.js';
import type { PluginRequest } from '../linking/resolve.js';
import type { Logger } from '../logger.js';
import type { ComponentBinding, HostPlugin, InterfaceRequest, ResolvedWorkload } from '../plugin.js';
import type { ComponentInfo, WorkloadInfo } from '../workload.js';
import { orAbandon, type Patience } from './patience.js';

interface BoundPlugin {
  readonly plugin: HostPlugin;
  readonly state: unknown;
}

/** The plugins of one workload: binds them in order, unbinds in reverse those whose `onWorkloadBind` returned. */
export class PluginBindings {
  readonly #workload: WorkloadInfo;
  readonly #logger: Logger;
  readonly #bound: BoundPlugin[] = [];
  readonly #bindings = new Map<ComponentInfo, ComponentBinding[]>();
  readonly #suspending = new Map<ComponentInfo, Set<string>>();

  constructor(workload: WorkloadInfo, logger: Logger) {
    this.#workload = workload;
    this.#logger = logger;
  }

  /** Binds `plugins` that have a request. After a failure {@link unbind} must be called. */
  async bind(plugins: readonly HostPlugin[], requests: readonly PluginRequest[], signal: AbortSignal): Promise<void> {
    for (const plugin of plugins) {
      const own = requests.filter((entry) => entry.plugin === plugin);
      if (own.length === 0) continue;
      const state = await this.#bindWorkload(plugin, own, signal);
      this.#bound.push({ plugin, state });
      signal.throwIfAborted();
      for (const component of new Set(own.map(({ request }) => request.component))) {
        const ofComponent = own.filter(({ request }) => request.component === component);
        await this.#bindComponent(plugin, state, component, ofComponent, signal);
      }
    }
  }

  /** What the plugins give a component. */
  boundComponent(component: ComponentInfo): BoundComponent {
    return { component, bindings: this.#bindings.get(component) ?? [] };
  }

  /** The imports of a component that may suspend, as an engine wants them. */
  suspendingImports(component: ComponentInfo): ReadonlySet<string> {
    return this.#suspending.get(component) ?? new Set();
  }

  /** Tells each bound plugin that the workload can be called. */
  async resolved(workload: ResolvedWorkload, signal: AbortSignal): Promise<void> {
    for (const { plugin, state } of this.#bound) {
      if (plugin.onWorkloadResolved === undefined) continue;
      await runHook(plugin, 'onWorkloadResolved', signal, () =>
        plugin.onWorkloadResolved?.(workload, state, { signal }),
      );
    }
  }

  /** Unbinds newest first, each plugin once, over failures; answers with what failed. */
  async unbind(patience: Patience): Promise<unknown[]> {
    const failures: unknown[] = [];
    for (let bound = this.#bound.pop(); bound !== undefined; bound = this.#bound.pop()) {
      const { plugin, state } = bound;
      try {
        await patience.wait(
          callHook(() => plugin.onWorkloadUnbind(this.#workload, state, { signal: patience.signal })),
        );
      } catch (error) {
        const failure = pluginError(plugin, 'onWorkloadUnbind', error);
        this.#logger.log('error', 'a plugin failed to unbind a workload', { plugin: plugin.id, error: failure });
        failures.push(failure);
      }
    }
    return failures;
  }

  async #bindWorkload(plugin: HostPlugin, own: readonly PluginRequest[], signal: AbortSignal): Promise<unknown> {
    const requests = own.map(({ request }) => request);
    const binding = callHook(() => plugin.onWorkloadBind(this.#workload, requests, { signal }));
    try {
      return await orAbandon(binding, signal);
    } catch (error) {
      // Only one that was left behind can still return, and then has something to release.
      if (signal.aborted) this.#unbindLater(plugin, binding);
      throw signal.aborted ? signal.reason : pluginError(plugin, 'onWorkloadBind', error);
    }
  }

  #unbindLater(plugin: HostPlugin, binding: Promise<unknown>): void {
    const { signal } = new AbortController();
    binding
      .then((state) => plugin.onWorkloadUnbind(this.#workload, state, { signal }))
      .catch((error: unknown) =>
        this.#logger.log('debug', 'a late bind came to nothing', { plugin: plugin.id, error }),
      );
  }

  async #bindComponent(
    plugin: HostPlugin,
    state: unknown,
    component: ComponentInfo,
    own: readonly PluginRequest[],
    signal: AbortSignal,
  ): Promise<void> {
    const requests = own.map(({ request }) => request);
    const binding = await runHook(plugin, 'bindComponent', signal, () =>
      plugin.bindComponent(component, requests, state, { signal }),
    );
    if (own.some(({ request }) => request.direction === 'import')) append(this.#bindings, component, binding);
    const narrowed = binding.suspends === undefined ? undefined : new Set(binding.suspends);
    const suspending = this.#suspending.get(component) ?? new Set();
    for (const { request, suspends } of own) {
      for (const name of suspendingFunctions(request, suspends)) {
        if (narrowed === undefined || narrowed.has(name)) suspending.add(name);
      }
    }
    this.#suspending.set(component, suspending);
  }
}

/** Runs a hook; what it throws becomes `ERR_PLUGIN_FAILED` unless it is a `HostError` already. */
export async function runHook<T>(
  plugin: HostPlugin,
  hook: string,
  signal: AbortSignal,
  call: () => PromiseLike<T> | T,
): Promise<Awaited<T>> {
  try {
    const result = await orAbandon(callHook(call), signal);
    signal.throwIfAborted();
    return result;
  } catch (error) {
    throw signal.aborted ? signal.reason : pluginError(plugin, hook, error);
  }
}

/** The error of a plugin, with the plugin's name. */
export function pluginError(plugin: HostPlugin, hook: string, error: unknown): HostError {
  return HostError.from(error, 'ERR_PLUGIN_FAILED', `plugin '${plugin.id}' failed in ${hook}`);
}

/** A hook that throws before it returns its promise rejects like any other. */
export async function callHook<T>(call: () => PromiseLike<T> | T): Promise<Awaited<T>> {
  return await call();
}

function suspendingFunctions({ externName, shape }: InterfaceRequest, suspends: readonly string[]): string[] {
  return shape.functions.filter(({ name }) => suspends.includes(name)).map(({ name }) => `${externName}#${name}`);
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

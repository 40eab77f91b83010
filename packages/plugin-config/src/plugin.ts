import {
  type ComponentBinding,
  type ComponentInfo,
  type HookOptions,
  HostError,
  type HostPlugin,
  type InterfaceRequest,
  type Logger,
  type PluginContext,
  type PluginWorld,
  silentLogger,
  startBackends,
  stopBackends,
  type WorkloadInfo,
} from '@lodge/core';
import { quietLogger } from '@lodge-internal/rate-limit';
import { importTracing } from '@lodge-internal/tracing';
import type { ConfigBackend, ConfigSource } from './backend.js';
import { defaultStore, type EntryConfig, entryError, parseEntryConfig } from './entry-config.js';
import { signatures } from './generated/signatures.js';
import { inMemoryConfig } from './in-memory/backend.js';
import { type ConfigLayer, configStore, fixedLayer } from './wit/store.js';

const world: PluginWorld = {
  provides: [
    { id: 'wasi:config/store@0.2.0-rc.1', suspends: [], functions: signatures['wasi:config/store@0.2.0-rc.1'] },
    {
      id: 'wasi:config/runtime@0.2.0-draft',
      suspends: [],
      functions: signatures['wasi:config/runtime@0.2.0-draft'],
    },
  ],
};

/** Options of {@link configPlugin}. */
export interface ConfigPluginOptions {
  /** Where values come from besides the specs. The first serves entries that name no `backend`. @default `[inMemoryConfig()]`, empty */
  readonly backends?: readonly ConfigBackend[];
  /** Whether a component's `localResources.environment` is part of its configuration, above everything else. @default false */
  readonly copyEnvironment?: boolean;
}

/** What the plugin knows of one workload: where the values of each entry's `config` come from. */
export interface ConfigWorkload {
  readonly entries: ReadonlyMap<InterfaceRequest['config'], ConfigEntry>;
}

/** One entry of a workload. */
export interface ConfigEntry {
  readonly values: ConfigLayer;
  /** Unset: there is no such place, and the entry does not insist on one. */
  readonly source: ConfigSource | undefined;
}

/**
 * `wasi:config`: the values of a component, the weakest first, are those of its entry in `hostInterfaces`, of the backend, of its
 * `localResources.config`, and with `copyEnvironment` of its environment.
 *
 * @throws HostError `ERR_CONFIG_INVALID` when two backends have one name, or there is none.
 */
export function configPlugin(options: ConfigPluginOptions = {}): HostPlugin<ConfigWorkload> {
  const { backends = [inMemoryConfig()], copyEnvironment = false } = options;
  const [defaultBackend] = backends;
  const names = backends.map(({ name }) => name);
  if (defaultBackend === undefined || new Set(names).size < names.length) {
    const message = `backends must name each backend once, not [${names.join(', ')}].`;
    throw new HostError('ERR_CONFIG_INVALID', message, { details: { path: 'backends' } });
  }
  let logger: Logger = silentLogger;

  async function openSource(
    request: InterfaceRequest,
    entry: EntryConfig,
    { namespace }: WorkloadInfo,
    hook: HookOptions,
  ): Promise<ConfigSource | undefined> {
    if (entry.kind === 'values') return defaultBackend?.open({ namespace, store: defaultStore }, hook);
    const backend = backends.find(({ name }) => name === entry.backend);
    if (backend === undefined) {
      throw entryError(request, 'backend', `is '${entry.backend}'; this host has ${names.join(', ')}`);
    }
    const { store, isShared } = entry;
    const source = await backend.open({ namespace: isShared ? undefined : namespace, store }, hook);
    if (source !== undefined) return source;
    const owner = isShared ? 'that is shared' : `of namespace '${namespace}'`;
    throw entryError(request, 'store', `is '${store}'; backend '${backend.name}' has no such store ${owner}`);
  }

  return {
    specVersion: 1,
    id: 'wasi-config',
    world,
    async start(context: PluginContext, hook: HookOptions): Promise<void> {
      logger = context.logger;
      await startBackends(backends, context, hook);
    },
    async onWorkloadBind(workload: WorkloadInfo, requests: readonly InterfaceRequest[], hook: HookOptions) {
      const entries = new Map<InterfaceRequest['config'], ConfigEntry>();
      try {
        for (const request of requests) {
          // Core hands out one object per entry, whatever the number of components that use it.
          if (entries.has(request.config)) continue;
          const entry = parseEntryConfig(request);
          const values = fixedLayer(entry.kind === 'values' ? entry.values : {});
          entries.set(request.config, { values, source: await openSource(request, entry, workload, hook) });
        }
        hook.signal.throwIfAborted();
      } catch (error) {
        await closeAll(entries);
        throw error;
      }
      return { entries };
    },
    async bindComponent(
      component: ComponentInfo,
      requests: readonly InterfaceRequest[],
      { entries }: ConfigWorkload,
    ): Promise<ComponentBinding> {
      const { config, environment } = component.localResources;
      const ownLayers = [fixedLayer(config), ...(copyEnvironment ? [fixedLayer(environment)] : [])];
      const imports: Record<string, unknown> = {};
      const quiet = quietLogger(logger);
      for (const request of requests) {
        const entry = entries.get(request.config);
        if (entry === undefined) continue;
        const layers = [entry.values, ...(entry.source === undefined ? [] : [entry.source]), ...ownLayers];
        imports[request.externName] = configStore(layers, quiet);
      }
      const traced = importTracing({ prefix: 'wasi.config', component })(Object.freeze(imports));
      return { importsFor: () => traced };
    },
    async onWorkloadUnbind(_workload: WorkloadInfo, { entries }: ConfigWorkload): Promise<void> {
      await closeAll(entries);
    },
    async stop(hook: HookOptions): Promise<void> {
      await stopBackends(backends, hook);
    },
  };
}

async function closeAll(entries: ReadonlyMap<unknown, ConfigEntry>): Promise<void> {
  await Promise.all([...entries.values()].map(({ source }) => source?.close()));
}

import {
  type ComponentBinding,
  type ComponentInfo,
  HostError,
  type HostPlugin,
  type InterfaceImports,
  type InterfaceRequest,
  type Logger,
  type ResolvedWorkload,
  silentLogger,
  startBackends,
  stopBackends,
  type WorkloadInfo,
} from '@lodge/core';
import { quietLogger } from '@lodge-internal/rate-limit';
import { importTracing } from '@lodge-internal/tracing';
import type { KeyValueBackend } from './backend.js';
import { readConfig } from './config.js';
import { inMemoryKeyValue } from './in-memory/backend.js';
import { interfaceImports, isStore, suspendingFunctions, world } from './interfaces.js';
import { type KeyValueLimits, resolveKeyValueLimits } from './limits.js';
import { StoreAccess } from './store-access.js';
import { unlessAborted } from './unless-aborted.js';
import { Watches } from './watches.js';

/** Options of {@link keyValuePlugin}. */
export interface KeyValuePluginOptions {
  /**
   * What workloads may choose with the key `backend` of their host interface entries. The first one serves entries without that key.
   *
   * @default `[inMemoryKeyValue()]`
   */
  readonly backends?: readonly KeyValueBackend[];
  /** Bounds for guests. Unset ones have their defaults. */
  readonly limits?: Partial<KeyValueLimits>;
}

const id = 'wasi-keyvalue';

/** What the plugin knows of one workload. */
export interface KeyValueWorkload {
  /** What each request may open. */
  readonly accesses: ReadonlyMap<InterfaceRequest, StoreAccess>;
  readonly watches: Watches;
}

/**
 * `wasi:keyvalue` 0.2.0-draft and 0.2.0-draft2: `store`, `atomics` and `batch` for components that import them, `watcher` for those that export it.
 *
 * @throws HostError `ERR_CONFIG_INVALID` for limits that are none, and for two backends of one name
 */
export function keyValuePlugin(options: KeyValuePluginOptions = {}): HostPlugin<KeyValueWorkload> {
  const { backends = [inMemoryKeyValue()] } = options;
  const limits = resolveKeyValueLimits(options.limits);
  checkNames(backends);
  let logger: Logger = silentLogger;
  return {
    specVersion: 1,
    id,
    world,
    async start(context, hook) {
      logger = context.logger;
      await startBackends(backends, context, hook);
    },
    async onWorkloadBind(
      workload: WorkloadInfo,
      requests: readonly InterfaceRequest[],
      hook,
    ): Promise<KeyValueWorkload> {
      const accesses = new Map<InterfaceRequest, StoreAccess>();
      const known: { readonly request: InterfaceRequest; readonly access: StoreAccess }[] = [];
      for (const request of requests) {
        let access = known.find((other) => isSameEntry(other.request, request))?.access;
        if (access === undefined) {
          access = new StoreAccess(readConfig(request, backends, id), workload, limits);
          const { backend, config } = access.entry;
          await unlessAborted(hook.signal, async () => backend.bind?.(config, hook));
          known.push({ request, access });
        }
        accesses.set(request, access);
      }
      const watches = new Watches(limits, quietLogger(logger));
      try {
        await unlessAborted(hook.signal, () => addWatches(watches, accesses));
      } catch (error) {
        await watches.stop();
        throw error;
      }
      return { accesses, watches };
    },
    async bindComponent(
      component: ComponentInfo,
      requests: readonly InterfaceRequest[],
      { accesses }: KeyValueWorkload,
    ): Promise<ComponentBinding> {
      const imported = requests.filter(({ direction }) => direction === 'import');
      // A bucket brings its backend along, so `atomics` and `batch` wait if any bucket of the component may.
      const stores = imported.filter((request) => isStore(request.id));
      const mayWait = (request: InterfaceRequest): boolean => !accesses.get(request)?.entry.backend.isSynchronous;
      const imports: Record<string, InterfaceImports> = {};
      const waiting: string[] = [];
      for (const request of imported) {
        const { id: interfaceId, externName } = request;
        const access = accesses.get(request);
        if (access === undefined) continue;
        imports[externName] = interfaceImports(interfaceId, access.open);
        if (isStore(interfaceId) ? !mayWait(request) : !stores.some(mayWait)) continue;
        waiting.push(...suspendingFunctions(interfaceId).map((name) => `${externName}#${name}`));
      }
      const traced = importTracing({ prefix: 'wasi.keyvalue', component })(Object.freeze(imports));
      return { importsFor: () => traced, suspends: waiting };
    },
    async onWorkloadResolved(workload: ResolvedWorkload, { watches }: KeyValueWorkload): Promise<void> {
      watches.start(workload);
    },
    async onWorkloadUnbind(_workload: WorkloadInfo, { watches }: KeyValueWorkload): Promise<void> {
      await watches.stop();
    },
    async stop(hook) {
      await stopBackends(backends, hook);
    },
  };
}

/** Two entries that say the same are as good as one. */
function isSameEntry(a: InterfaceRequest, b: InterfaceRequest): boolean {
  return a.name === b.name && hasSameConfig(a, b);
}

function hasSameConfig({ config: a }: InterfaceRequest, { config: b }: InterfaceRequest): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

async function addWatches(watches: Watches, accesses: ReadonlyMap<InterfaceRequest, StoreAccess>): Promise<void> {
  const requests = [...accesses.keys()];
  const exported = requests.filter(({ direction }) => direction === 'export');
  for (const [request, access] of accesses) {
    if (request.direction === 'export') {
      const { id: watcherId, component } = request;
      for (const bucket of access.entry.watch)
        await watches.add({ id: watcherId, component: component.name, access, bucket });
    } else if (access.entry.watch.length > 0 && !exported.some((other) => hasSameConfig(other, request))) {
      const message =
        "The key 'watch' of wasi:keyvalue is set, but no component of the workload exports wasi:keyvalue/watcher, or the entry does not list 'watcher'.";
      throw new HostError('ERR_CONFIG_INVALID', message, { details: { path: 'config.watch' } });
    }
  }
}

function checkNames(backends: readonly KeyValueBackend[]): void {
  const names = backends.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined && names.length > 0) return;
  const message =
    twice === undefined
      ? 'keyValuePlugin needs at least one backend.'
      : `keyValuePlugin has two backends named '${twice}'; give one of them another name.`;
  throw new HostError('ERR_CONFIG_INVALID', message, { details: { path: 'backends' } });
}

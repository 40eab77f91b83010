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
import { abortable } from './abortable.js';
import type { BlobstoreBackend } from './backend.js';
import type { BoundStore } from './bound-store.js';
import { entryError, parseEntryConfig } from './entry-config.js';
import { signatures } from './generated/signatures.js';
import { inMemoryBlobstore } from './in-memory/backend.js';
import { type StreamLimits, StreamQuota } from './stream-quota.js';
import { blobstore } from './wit/blobstore.js';
import { Container } from './wit/container.js';
import { IncomingValue } from './wit/incoming-value.js';
import { outgoingValueClass } from './wit/outgoing-value.js';
import { StreamObjectNames } from './wit/stream-object-names.js';

const id = 'wasi-blobstore';

const blobstoreFunctions = [
  'create-container',
  'get-container',
  'delete-container',
  'container-exists',
  'copy-object',
  'move-object',
];
const waitingContainerFunctions = [
  '[method]container.info',
  '[method]container.get-data',
  '[method]container.write-data',
  '[method]container.list-objects',
  '[method]container.delete-object',
  '[method]container.delete-objects',
  '[method]container.has-object',
  '[method]container.object-info',
  '[method]container.clear',
  '[method]stream-object-names.read-stream-object-names',
  '[method]stream-object-names.skip-stream-object-names',
];
const waitingTypeFunctions = ['[static]outgoing-value.finish', '[static]incoming-value.incoming-value-consume-sync'];

const world: PluginWorld = {
  provides: [
    {
      id: 'wasi:blobstore/blobstore@0.2.0-draft',
      suspends: blobstoreFunctions,
      functions: signatures['wasi:blobstore/blobstore@0.2.0-draft'],
    },
    {
      id: 'wasi:blobstore/container@0.2.0-draft',
      suspends: waitingContainerFunctions,
      functions: signatures['wasi:blobstore/container@0.2.0-draft'],
    },
    {
      id: 'wasi:blobstore/types@0.2.0-draft',
      suspends: waitingTypeFunctions,
      functions: signatures['wasi:blobstore/types@0.2.0-draft'],
    },
  ],
};

/** Options of {@link blobstorePlugin}. */
export interface BlobstorePluginOptions extends StreamLimits {
  /** Where objects are. The first serves entries that name no `backend`. @default `[inMemoryBlobstore()]` */
  readonly backends?: readonly BlobstoreBackend[];
  /** Containers that a workload may create through one host interface entry while it runs. @default 1_000 */
  readonly maxContainers?: number;
}

/** What the plugin knows of one workload: a store for each entry's `config`. */
export interface BlobstoreWorkload {
  readonly quota: StreamQuota;
  /** `wasi:blobstore/types` for the workload. */
  readonly types: object;
  readonly stores: ReadonlyMap<InterfaceRequest['config'], BoundStore>;
  /** Aborted at the unbind. */
  readonly controller: AbortController;
}

/**
 * `wasi:blobstore`: containers of objects, which stream both ways. What a workload may use is said by the `config` of its entry in
 * `hostInterfaces`; its containers are its namespace's own unless that says `shared`.
 *
 * @throws HostError `ERR_CONFIG_INVALID` for bounds that are none, when two backends have one name, or there is none.
 */
export function blobstorePlugin(options: BlobstorePluginOptions = {}): HostPlugin<BlobstoreWorkload> {
  const { backends = [inMemoryBlobstore()], maxContainers = 1_000 } = options;
  checkBounds(options);
  const names = backends.map(({ name }) => name);
  if (backends.length === 0 || new Set(names).size < names.length) {
    const message = `backends must name each backend once, not [${names.join(', ')}].`;
    throw new HostError('ERR_CONFIG_INVALID', message, { details: { path: 'backends' } });
  }
  let logger: Logger = silentLogger;

  function backendOf(request: InterfaceRequest): BlobstoreBackend {
    const { backend: name } = request.config;
    const backend = name === undefined ? backends[0] : backends.find((candidate) => candidate.name === name);
    if (backend === undefined) throw entryError(request, 'backend', `is '${name}'; this host has ${names.join(', ')}`);
    return backend;
  }

  async function bindStore(
    request: InterfaceRequest,
    { namespace }: WorkloadInfo,
    limits: Pick<BoundStore, 'quota' | 'signal'>,
    hook: HookOptions,
  ): Promise<BoundStore> {
    const backend = backendOf(request);
    const entry = parseEntryConfig(request, backend.configKeys);
    const { store = labelOf(request) ?? 'default', isShared, maxObjectBytes = Number.POSITIVE_INFINITY } = entry;
    return {
      backend: await bindBackend(backend, entry.own, hook),
      namespace: isShared ? undefined : namespace,
      store: isShared ? undefined : store,
      buckets: entry.buckets,
      isReadOnly: entry.isReadOnly,
      maxObjectBytes,
      created: new Set(),
      maxContainers,
      ...limits,
      logger: quietLogger(logger),
    };
  }

  return {
    specVersion: 1,
    id,
    world,
    async start(context: PluginContext, hook: HookOptions): Promise<void> {
      logger = context.logger;
      await startBackends(backends, context, hook);
    },
    async onWorkloadBind(workload: WorkloadInfo, requests: readonly InterfaceRequest[], hook: HookOptions) {
      hook.signal.throwIfAborted();
      const controller = new AbortController();
      const quota = new StreamQuota(options);
      const types = Object.freeze({ OutgoingValue: outgoingValueClass(quota), IncomingValue });
      const stores = new Map<InterfaceRequest['config'], BoundStore>();
      try {
        for (const request of requests) {
          // Core hands out one object per entry, whatever the number of interfaces and components that use it.
          if (stores.has(request.config)) continue;
          stores.set(request.config, await bindStore(request, workload, { quota, signal: controller.signal }, hook));
        }
      } catch (error) {
        await unbindAll(stores, hook).catch(() => {});
        throw error;
      }
      return { stores, quota, types, controller };
    },
    async bindComponent(
      component: ComponentInfo,
      requests: readonly InterfaceRequest[],
      { stores, types }: BlobstoreWorkload,
    ): Promise<ComponentBinding> {
      const imports: Record<string, unknown> = {};
      for (const request of requests) {
        const store = stores.get(request.config);
        if (store !== undefined) imports[request.externName] = functionsOf(request, store, types);
      }
      const traced = importTracing({ prefix: 'wasi.blobstore', component })(Object.freeze(imports));
      return { importsFor: () => traced };
    },
    async onWorkloadUnbind(_workload: WorkloadInfo, { controller, stores }: BlobstoreWorkload, hook: HookOptions) {
      controller.abort(new HostError('ERR_WORKLOAD_STOPPED', 'the workload has stopped'));
      await unbindAll(stores, hook);
    },
    async stop(hook: HookOptions): Promise<void> {
      await stopBackends(backends, hook);
    },
  };
}

/** The name of an entry, unless it is there to choose this plugin. */
function labelOf({ name }: InterfaceRequest): string | undefined {
  return name === id ? undefined : name;
}

/** Containers know their store; so their classes are the same for every entry. */
function functionsOf(request: InterfaceRequest, store: BoundStore, types: object): object {
  if (request.id.startsWith('wasi:blobstore/types')) return types;
  if (request.id.startsWith('wasi:blobstore/container')) return containerFunctions;
  return blobstore(store);
}

const containerFunctions = Object.freeze({ Container, StreamObjectNames });

/** What serves an entry. What comes when nobody waits for it any more is let go of. */
async function bindBackend(
  backend: BlobstoreBackend,
  config: Readonly<Record<string, string>>,
  hook: HookOptions,
): Promise<BlobstoreBackend> {
  if (backend.bind === undefined) return backend;
  const binding = backend.bind(config, hook);
  try {
    return await abortable(binding, hook.signal);
  } catch (error) {
    binding.then((bound) => bound.unbind?.(hook)).catch(() => {});
    throw error;
  }
}

async function unbindAll(stores: BlobstoreWorkload['stores'], hook: HookOptions): Promise<void> {
  const outcomes = await Promise.allSettled([...stores.values()].map(({ backend }) => backend.unbind?.(hook)));
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failures.length > 0) throw new AggregateError(failures, 'blob store backends failed to unbind');
}

/** A number that is none compares with nothing, and so would bound nothing. */
function checkBounds({ maxContainers, maxOpenStreams, maxSpooledBytes }: BlobstorePluginOptions): void {
  for (const [path, value] of Object.entries({ maxContainers, maxOpenStreams, maxSpooledBytes })) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue;
    const message = `blobstorePlugin: ${path} must be a whole number, 0 or more.`;
    throw new HostError('ERR_CONFIG_INVALID', message, { details: { path } });
  }
}

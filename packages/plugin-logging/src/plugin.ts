import {
  type ComponentBinding,
  type ComponentInfo,
  type HookOptions,
  HostError,
  type HostPlugin,
  type InstanceScope,
  type InterfaceRequest,
  type PluginContext,
  type PluginWorld,
  startBackends,
  stopBackends,
  type WorkloadInfo,
} from '@lodge/core';
import type { LoggingBackend } from './backend.js';
import { entryError, parseEntryConfig } from './entry-config.js';
import { signatures } from './generated/signatures.js';
import { hostLogging } from './host-logger/backend.js';
import { type LoggingLimits, resolveLoggingLimits } from './limits.js';
import { logging } from './wit/logging.js';
import { EntryLog, WorkloadLog } from './workload-log.js';

const loggingId = 'wasi:logging/logging@0.1.0-draft';
const world: PluginWorld = { provides: [{ id: loggingId, suspends: [], functions: signatures[loggingId] }] };

/** Options of {@link loggingPlugin}. */
export interface LoggingPluginOptions {
  /** Where records go. The first takes those of entries that name no `backend`. @default `[hostLogging()]` */
  readonly backends?: readonly LoggingBackend[];
  /** Bounds per workload. Unset ones have their defaults. */
  readonly limits?: Partial<LoggingLimits>;
}

/** What the plugin knows of one workload: where the records of each entry's `config` go. */
export interface LoggingWorkload {
  readonly entries: ReadonlyMap<InterfaceRequest['config'], LogEntry>;
}

/** One entry of a workload, open. */
export interface LogEntry {
  /** Delivers what waits, and ends. */
  close(options: HookOptions): Promise<void>;
}

/**
 * `wasi:logging`: what guests log becomes structured records, bounded in size and number, with the identity of who said it and the active trace.
 *
 * @throws HostError `ERR_CONFIG_INVALID` for limits that are none, when two backends have one name, or there is none.
 */
export function loggingPlugin(options: LoggingPluginOptions = {}): HostPlugin<LoggingWorkload> {
  const { backends = [hostLogging()] } = options;
  const limits = resolveLoggingLimits(options.limits);
  const names = backends.map(({ name }) => name);
  if (backends.length === 0 || new Set(names).size < names.length) {
    const message = `backends must name each backend once, not [${names.join(', ')}].`;
    throw new HostError('ERR_CONFIG_INVALID', message, { details: { path: 'backends' } });
  }

  async function openEntry(request: InterfaceRequest, log: WorkloadLog, workload: WorkloadInfo, hook: HookOptions) {
    const { backend: wanted, level } = parseEntryConfig(request);
    const backend = wanted === undefined ? backends[0] : backends.find(({ name }) => name === wanted);
    if (backend === undefined)
      throw entryError(request, 'backend', `is '${wanted}'; this host has ${names.join(', ')}`);
    return new EntryLog(log, await backend.open(workload, hook), level);
  }

  return {
    specVersion: 1,
    id: 'wasi-logging',
    world,
    async start(context: PluginContext, hook: HookOptions): Promise<void> {
      await startBackends(backends, context, hook);
    },
    async onWorkloadBind(workload: WorkloadInfo, requests: readonly InterfaceRequest[], hook: HookOptions) {
      const log = new WorkloadLog(workload, limits);
      const entries = new Map<InterfaceRequest['config'], EntryLog>();
      try {
        for (const request of requests) {
          // Core hands out one object per entry, whatever the number of components that use it.
          if (entries.has(request.config)) continue;
          entries.set(request.config, await openEntry(request, log, workload, hook));
        }
        hook.signal.throwIfAborted();
      } catch (error) {
        await closeAll(entries, hook);
        throw error;
      }
      return { entries };
    },
    async bindComponent(
      _component: ComponentInfo,
      requests: readonly InterfaceRequest[],
      { entries }: LoggingWorkload,
    ): Promise<ComponentBinding> {
      const bound = requests.flatMap(({ config, externName }) => {
        const entry = entries.get(config);
        return entry instanceof EntryLog ? [{ externName, entry }] : [];
      });
      return {
        // A record names the instance, so each instance has functions of its own.
        importsFor(scope: InstanceScope) {
          const imports: Record<string, unknown> = {};
          for (const { externName, entry } of bound) imports[externName] = logging(entry, scope);
          return Object.freeze(imports);
        },
      };
    },
    async onWorkloadUnbind(_workload: WorkloadInfo, { entries }: LoggingWorkload, hook: HookOptions): Promise<void> {
      await closeAll(entries, hook);
    },
    async stop(hook: HookOptions): Promise<void> {
      await stopBackends(backends, hook);
    },
  };
}

async function closeAll(entries: LoggingWorkload['entries'], hook: HookOptions): Promise<void> {
  await Promise.all([...entries.values()].map((entry) => entry.close(hook)));
}

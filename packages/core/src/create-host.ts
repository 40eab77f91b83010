import { HostError } from './errors.js';
import { messageChain } from './failure.js';
import { isFriendlyName, randomFriendlyName } from './friendly-name.js';
import { composeHeartbeat } from './heartbeat.js';
import type {
  Host,
  HostEvents,
  HostHeartbeat,
  HostOptions,
  HostUsage,
  StartOptions,
  StopOptions,
  WorkloadStartRequest,
} from './host.js';
import { EventListeners } from './host-events.js';
import { Deadlines } from './instances/deadlines.js';
import { GuestMemory } from './instances/guest-memory.js';
import { orAbort, Patience } from './lifecycle/patience.js';
import { callHook, pluginError } from './lifecycle/plugin-bindings.js';
import { WorkloadTable } from './lifecycle/workload-table.js';
import { ProviderIndex } from './linking/provider-index.js';
import { type Logger, silentLogger, withFields } from './logger.js';
import type { HostInfo, HostPlugin } from './plugin.js';
import { SharedThings } from './shared-things.js';
import { Telemetry } from './telemetry.js';
import { composeUsage } from './usage.js';
import { version } from './version.js';
import type { WorkloadStatus } from './workload.js';

const defaultCleanupMs = 10_000;

/**
 * Makes a host. Nothing runs before its `start()`.
 *
 * @throws HostError `ERR_PLUGIN_DUPLICATE` when two plugins have one id, `ERR_CONFIG_INVALID` for a friendly name or a plugin's world
 *   that is none.
 */
export function createHost(options: HostOptions): Host {
  return new LodgeHost(options);
}

type HostState = 'new' | 'starting' | 'running' | 'stopping' | 'stopped';

class LodgeHost implements Host {
  readonly id: string = crypto.randomUUID();
  readonly friendlyName: string;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly #options: HostOptions;
  readonly #plugins: readonly HostPlugin[];
  readonly #index: ProviderIndex;
  readonly #logger: Logger;
  readonly #events: EventListeners;
  readonly #shared = new SharedThings();
  readonly #deadlines = new Deadlines();
  readonly #memory: GuestMemory;
  readonly #createdAt = new Date();
  /** Aborts the start when the host is stopped meanwhile. */
  readonly #startAbort = new AbortController();
  /** Tells plugins that the host stops. */
  readonly #stopBegun = new AbortController();
  readonly #started: HostPlugin[] = [];
  #state: HostState = 'new';
  #table: WorkloadTable | undefined;
  #endObservation: (() => void) | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#plugins = [...(options.plugins ?? [])];
    this.#logger = withFields(options.logger ?? silentLogger, { host: this.id });
    this.#events = new EventListeners(this.#logger);
    this.friendlyName = checkFriendlyName(options.friendlyName ?? randomFriendlyName());
    this.version = options.version ?? version;
    this.labels = Object.freeze({ ...options.labels });
    checkPlugins(this.#plugins);
    checkInterruption(options);
    this.#memory = new GuestMemory(checkMemory(options), this.#logger);
    this.#index = new ProviderIndex(this.#plugins);
  }

  start(): Promise<void> {
    if (this.#state !== 'new') return Promise.reject(this.#stateError('cannot be started again'));
    this.#state = 'starting';
    this.#starting = this.#start();
    return this.#starting;
  }

  stop(options: StopOptions = {}): Promise<void> {
    this.#stopping ??= this.#stop(options);
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  workloadStart(request: WorkloadStartRequest, options?: StartOptions): Promise<WorkloadStatus> {
    if (this.#state !== 'running' || this.#table === undefined) {
      return Promise.reject(this.#stateError('takes no workloads; start() it first'));
    }
    return this.#table.start(request, options);
  }

  workloadStatus(workloadId: string): WorkloadStatus {
    return (
      this.#table?.status(workloadId) ?? {
        workloadId,
        state: 'not-found',
        message: `Workload not found: ${workloadId}`,
      }
    );
  }

  workloadStop(workloadId: string, options?: StopOptions): Promise<WorkloadStatus> {
    const notFound: WorkloadStatus = { workloadId, state: 'not-found', message: 'Workload not found' };
    return this.#table?.stop(workloadId, options) ?? Promise.resolve(notFound);
  }

  usage(): HostUsage {
    return composeUsage(this.#memory);
  }

  heartbeat(): HostHeartbeat {
    return composeHeartbeat({
      info: this,
      startedAt: this.#createdAt,
      plugins: this.#plugins,
      options: this.#options,
      logger: this.#logger,
      componentCount: this.#table?.runningComponentCount ?? 0,
      workloadCount: this.#table?.size ?? 0,
    });
  }

  on<Name extends keyof HostEvents>(event: Name, listener: (event: HostEvents[Name]) => void): () => void {
    return this.#events.on(event, listener);
  }

  async #start(): Promise<void> {
    const { signal } = this.#startAbort;
    const info: HostInfo = Object.freeze({
      id: this.id,
      friendlyName: this.friendlyName,
      version: this.version,
      labels: this.labels,
    });
    for (const plugin of this.#plugins) {
      // Counted before it has started: a stop is idempotent and works half-way, and may find something to release.
      this.#started.push(plugin);
      try {
        const shared = this.#shared.get.bind(this.#shared);
        const logger = withFields(this.#logger, { plugin: plugin.id });
        const context = { logger, host: info, stopping: this.#stopBegun.signal, shared };
        await orAbort(
          callHook(() => plugin.start?.(context, { signal })),
          signal,
        );
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        const failure = pluginError(plugin, 'start', error);
        this.#started.pop();
        await this.#stopPlugins({});
        this.#state = 'stopped';
        throw failure;
      }
    }
    if (signal.aborted) throw signal.reason;
    const telemetry = new Telemetry(version);
    this.#endObservation = telemetry.observeMemory(() => this.#memory.use());
    this.#table = new WorkloadTable({
      engine: this.#options.engine,
      interruption: this.#options.interruption ?? 'fetched',
      plugins: this.#plugins,
      index: this.#index,
      loader: this.#options.loader,
      logger: this.#logger,
      deadlines: this.#deadlines,
      memory: this.#memory,
      telemetry,
      events: this.#events,
    });
    this.#state = 'running';
  }

  async #stop(options: StopOptions): Promise<void> {
    const wasStarting = this.#state === 'starting';
    this.#state = 'stopping';
    this.#stopBegun.abort(this.#stateError('takes in nothing more'));
    if (wasStarting) {
      this.#startAbort.abort(this.#stateError('was stopped while starting'));
      await this.#starting?.catch(() => undefined);
    }
    const failures = (await this.#table?.stopAll(options)) ?? [];
    failures.push(...(await this.#stopPlugins(options)));
    this.#deadlines.close();
    this.#memory.close();
    this.#endObservation?.();
    this.#state = 'stopped';
    if (failures.length === 0) return;
    const messages = failures.map(messageChain).join('; ');
    throw new AggregateError(failures, `the host stopped, but not all of it in order: ${messages}`);
  }

  async #stopPlugins({ cleanupMs = defaultCleanupMs }: StopOptions): Promise<unknown[]> {
    const patience = new Patience(cleanupMs, 'stopping the plugins');
    const failures: unknown[] = [];
    for (const plugin of this.#started.splice(0).reverse()) {
      try {
        await patience.wait(callHook(() => plugin.stop?.({ signal: patience.signal })));
      } catch (error) {
        const failure = pluginError(plugin, 'stop', error);
        this.#logger.log('error', 'a plugin failed to stop', { plugin: plugin.id, error: failure });
        failures.push(failure);
      }
    }
    failures.push(...(await this.#shared.close((work) => patience.wait(work))));
    patience.end();
    return failures;
  }

  #stateError(problem: string): HostError {
    return new HostError('ERR_HOST_STATE', `the host is ${this.#state} and ${problem}`, {
      details: { state: this.#state },
    });
  }
}

function checkFriendlyName(name: string): string {
  if (isFriendlyName(name)) return name;
  throw new HostError(
    'ERR_CONFIG_INVALID',
    `friendlyName must be lower-case letters, digits and inner hyphens, at most 63 in all, not ${JSON.stringify(name.slice(0, 100))}`,
    { details: { path: 'friendlyName' } },
  );
}

function checkMemory({ maxGuestMemoryBytes: bytes = Number.POSITIVE_INFINITY }: HostOptions): number {
  if (bytes > 0) return bytes;
  throw new HostError('ERR_CONFIG_INVALID', `maxGuestMemoryBytes must be a number of bytes above 0, not ${bytes}`, {
    details: { path: 'maxGuestMemoryBytes' },
  });
}

function checkInterruption({ interruption, engine }: HostOptions): void {
  if (interruption !== 'always' || engine.supports.interruption) return;
  throw new HostError(
    'ERR_ENGINE_UNSUPPORTED',
    `the engine '${engine.name}' cannot interrupt guests; use another engine or another 'interruption' than 'always'`,
    { details: { engine: engine.name, ability: 'interruption' } },
  );
}

function checkPlugins(plugins: readonly HostPlugin[]): void {
  const ids = new Set<string>();
  for (const plugin of plugins) {
    if (plugin.specVersion !== 1) {
      throw new HostError(
        'ERR_PLUGIN_UNSUPPORTED',
        `plugin '${plugin.id}' has spec version ${plugin.specVersion}; this host knows 1`,
      );
    }
    if (ids.has(plugin.id))
      throw new HostError(
        'ERR_PLUGIN_DUPLICATE',
        `Duplicate plugin ID '${plugin.id}'; give each plugin an id of its own`,
      );
    ids.add(plugin.id);
  }
}

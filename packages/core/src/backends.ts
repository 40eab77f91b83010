import type { HookOptions, PluginContext } from './plugin.js';

/** What the backends of all plugins have in common: a beginning and an end. */
export interface PluginBackend {
  /** Once, when the host starts. Throwing fails the start. */
  start?(context: PluginContext, options: HookOptions): void | Promise<void>;
  /** Once, when the host stops, or when another backend of the plugin could not be started. Idempotent. */
  stop?(options: HookOptions): void | Promise<void>;
}

/**
 * Starts the backends of a plugin one after the other: all, or none. For `HostPlugin.start`; those that had started when one fails, or when
 * `options.signal` aborts, are stopped again, since a host stops only plugins that have started.
 *
 * @throws what the backend threw that could not be started, or the reason of the signal
 */
export async function startBackends(
  backends: readonly PluginBackend[],
  context: PluginContext,
  options: HookOptions,
): Promise<void> {
  const started: PluginBackend[] = [];
  try {
    for (const backend of backends) {
      await startOne(backend, context, options);
      started.push(backend);
    }
    options.signal.throwIfAborted();
  } catch (error) {
    await stopBackends(started, options).catch(() => undefined);
    throw error;
  }
}

/**
 * Stops the backends of a plugin, each whatever the others do. For `HostPlugin.stop`.
 *
 * @throws AggregateError with what they threw
 */
export async function stopBackends(backends: readonly PluginBackend[], options: HookOptions): Promise<void> {
  const outcomes = await Promise.allSettled(backends.map(async (backend) => backend.stop?.(options)));
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} backends failed to stop`);
}

/** Does not wait for one that goes on after an abort: that is stopped when it has started after all. */
async function startOne(backend: PluginBackend, context: PluginContext, options: HookOptions): Promise<void> {
  const { signal } = options;
  signal.throwIfAborted();
  const starting = Promise.resolve(backend.start?.(context, options));
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(signal.reason);
    starting.then(() => backend.stop?.(options)).catch(() => undefined);
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([starting, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

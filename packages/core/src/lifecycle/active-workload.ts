import type { ComponentExports } from '../engine.js';
import { HostError } from '../errors.js';
import type { StopOptions } from '../host.js';
import { invoke } from '../instances/call.js';
import type { CallRegistry } from '../instances/call-registry.js';
import type { InstanceSource } from '../instances/instance-source.js';
import { type InterfaceId, matchesInterface, parseInterfaceId } from '../interface-id.js';
import type { LoadedUnit } from '../linking/unit.js';
import type { ExportHandle, InvokeOptions, ResolvedWorkload } from '../plugin.js';
import type { CallScope } from '../scope.js';
import type { ComponentInfo, WorkloadInfo } from '../workload.js';
import { BoundExport, InstanceUse } from './export-handle.js';
import { Patience } from './patience.js';
import type { PluginBindings } from './plugin-bindings.js';
import type { ServiceRunner } from './service-runner.js';

const defaultDrainMs = 5_000;
const defaultCleanupMs = 10_000;

/** What an active workload is made of; the start fills it step by step, so that it can be released from any of them. */
export interface ActiveWorkloadOptions {
  readonly info: WorkloadInfo;
  readonly registry: CallRegistry;
  readonly bindings: PluginBindings;
  readonly components: readonly ComponentInfo[];
  /** A plugin or the service has declared the workload failed. */
  onFail(reason: Error): void;
}

/** The running side of a workload: what can be called, and what has to be released. */
export class ActiveWorkload implements ResolvedWorkload {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly components: readonly ComponentInfo[];
  service: ServiceRunner | undefined;
  readonly #options: ActiveWorkloadOptions;
  readonly #stop = new AbortController();
  readonly #sources = new Map<LoadedUnit, InstanceSource>();
  #released: Promise<unknown[]> | undefined;

  constructor(options: ActiveWorkloadOptions) {
    this.id = options.info.id;
    this.namespace = options.info.namespace;
    this.name = options.info.name;
    this.annotations = options.info.annotations;
    this.components = options.components;
    this.#options = options;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Makes a component callable. */
  addSource(unit: LoadedUnit, source: InstanceSource): void {
    this.#sources.set(unit, source);
  }

  exports(id: InterfaceId, name: string): readonly ExportHandle[] {
    const wanted = parseInterfaceId(id);
    if (wanted === undefined) throw new TypeError(`${JSON.stringify(id)} is no interface id`);
    const handles: ExportHandle[] = [];
    for (const [{ component, shape }, source] of this.#sources) {
      if (component.kind === 'service') continue;
      for (const offered of shape.exports) {
        const offeredId = offered.id === undefined ? undefined : parseInterfaceId(offered.id);
        if (offeredId === undefined || !matchesInterface(wanted, offeredId)) continue;
        if (!offered.functions.some((entry) => entry.name === name && entry.kind === 'function')) continue;
        handles.push(new BoundExport(source, offered.externName, name));
        break;
      }
    }
    return handles;
  }

  useInstance<T>(
    component: string,
    use: (exports: ComponentExports, scope: CallScope) => T | PromiseLike<T>,
    options: InvokeOptions = {},
  ): Promise<T> {
    for (const [unit, source] of this.#sources) {
      if (unit.component.name !== component || unit.component.kind === 'service') continue;
      // What `use` answers with is what the call settles with.
      return invoke(source, new InstanceUse(component, use), options) as Promise<T>;
    }
    const known = this.components.some(({ name }) => name === component);
    const problem = known ? 'only serves other components, or is the service' : 'is not part of the workload';
    return Promise.reject(
      new HostError('ERR_COMPONENT_NOT_FOUND', `component '${component}' cannot be called: it ${problem}`),
    );
  }

  fail(reason: Error): void {
    this.#options.onFail(reason);
  }

  /**
   * No new calls, drain, interrupt what is left, end all instances, unbind in reverse, let go of what was compiled. Once: a second
   * call gets the first one's promise. Answers with what failed; never rejects.
   */
  release(options: StopOptions = {}): Promise<unknown[]> {
    this.#released ??= this.#release(options);
    return this.#released;
  }

  async #release({ drainMs = defaultDrainMs, cleanupMs = defaultCleanupMs }: StopOptions): Promise<unknown[]> {
    const { registry, bindings } = this.#options;
    registry.close();
    this.#stop.abort(registry.stoppedError());
    const serviceStopped = this.service?.stop();
    await this.#drain(drainMs);
    const patience = new Patience(cleanupMs, `stopping workload ${this.id}`);
    const failures: unknown[] = [];
    try {
      await patience.wait(this.#endInstances(serviceStopped));
    } catch (error) {
      this.#options.registry.logger.log('error', 'a workload did not end in time', { error });
      failures.push(error);
    }
    failures.push(...(await bindings.unbind(patience)));
    for (const source of this.#sources.values()) source.dispose();
    this.#sources.clear();
    patience.end();
    return failures;
  }

  async #drain(drainMs: number): Promise<void> {
    const { registry } = this.#options;
    if (registry.runningCount === 0) return;
    const patience = new Patience(drainMs, 'draining');
    await registry.drained(patience.signal);
    patience.end();
    registry.interruptAll();
  }

  async #endInstances(serviceStopped: Promise<void> | undefined): Promise<void> {
    const { registry } = this.#options;
    // Interrupted calls end in a microtask of their own; their instances go before the warm ones that nobody uses.
    await registry.drained(new AbortController().signal);
    await serviceStopped;
    for (const source of this.#sources.values()) source.close();
    await registry.releases.settled();
  }
}

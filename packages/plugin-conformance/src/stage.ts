import assert from 'node:assert/strict';
import type {
  ComponentBinding,
  ComponentImports,
  ComponentInfo,
  GuestFunction,
  HostPlugin,
  InstanceScope,
  InterfaceRequest,
  WorkloadInfo,
} from '@lodge/core';
import { silentLogger } from '@lodge/core';
import { SharedThings } from '@lodge-internal/conformance';
import { resolvedWorkload } from './resolved-workload.js';
import { componentInfo, interfaceRequests, type Spelling, workloadInfo } from './samples.js';
import type { HostPluginSetup, WorkloadSample } from './setup.js';

/** Milliseconds that a hook may go on after its signal has aborted. */
const patienceMs = 2_000;

/** A workload that `onWorkloadBind` returned for. */
export interface BoundWorkload {
  readonly workload: WorkloadInfo;
  readonly component: ComponentInfo;
  readonly requests: readonly InterfaceRequest[];
  readonly state: unknown;
}

/** A component that can be instantiated. */
export interface BoundComponent extends BoundWorkload {
  readonly binding: ComponentBinding;
}

/** How {@link Stage.bindWorkload} and {@link Stage.bind} ask. */
export interface BindOptions {
  readonly sample?: WorkloadSample | undefined;
  readonly signal?: AbortSignal;
  readonly spelling?: Spelling;
  /** A further entry with this `config`, which serves labelled imports of the same interfaces. */
  readonly also?: WorkloadSample;
  /** Chooses among the interfaces of the setup. @default all */
  readonly wants?: (id: string) => boolean;
}

/** A small host for one plugin: calls its hooks in the order that core keeps, with what core would give them. */
export class Stage {
  readonly plugin: HostPlugin;
  readonly setup: HostPluginSetup;
  readonly #shared = new SharedThings();
  readonly #bound: BoundWorkload[] = [];
  #instances = 0;

  constructor(plugin: HostPlugin, setup: HostPluginSetup) {
    this.plugin = plugin;
    this.setup = setup;
  }

  async start(signal: AbortSignal = neverAborted()): Promise<void> {
    const host = Object.freeze({ id: 'host', friendlyName: 'host', version: '0.0.0', labels: Object.freeze({}) });
    const shared = this.#shared.get.bind(this.#shared);
    await this.plugin.start?.(Object.freeze({ logger: silentLogger, host, stopping: neverAborted(), shared }), {
      signal,
    });
  }

  /** `onWorkloadBind` for a workload with one component. */
  async bindWorkload(id: string, options: BindOptions = {}): Promise<BoundWorkload> {
    const { sample = this.setup.workloads?.[0] ?? {}, signal = neverAborted(), spelling = 'versioned' } = options;
    const workload = workloadInfo(id, sample);
    const component = componentInfo(workload, sample);
    const { provides, calls = [] } = this.plugin.world;
    const wants = options.wants ?? (() => true);
    const samples = provides.map((provided) => {
      return this.setup.interfaces.find((entry) => entry.id === provided.id) ?? { id: provided.id, functions: [] };
    });
    const called = calls.map(({ id }) => {
      return this.setup.interfaces.find((entry) => entry.id === id) ?? { id, functions: [] };
    });
    const wanted = samples.filter((entry) => wants(entry.id));
    const requests = Object.freeze([
      ...interfaceRequests(component, wanted, 'import', sample, spelling),
      ...(options.also ? interfaceRequests(component, wanted, 'import', options.also, 'labelled') : []),
      ...interfaceRequests(component, called, 'export', sample, 'versioned'),
    ]);
    const state = await this.plugin.onWorkloadBind(workload, requests, { signal });
    const bound = { workload, component, requests, state };
    this.#bound.push(bound);
    return bound;
  }

  /** `onWorkloadBind` and `bindComponent`. */
  async bind(id: string, options: BindOptions = {}): Promise<BoundComponent> {
    const { signal = neverAborted() } = options;
    const bound = await this.bindWorkload(id, options);
    const { component, requests, state } = bound;
    return { ...bound, binding: await this.plugin.bindComponent(component, requests, state, { signal }) };
  }

  /** `onWorkloadResolved`; answers with the interfaces that the plugin looked for among the exports. */
  async resolve(bound: BoundWorkload): Promise<readonly string[]> {
    const asked: string[] = [];
    const workload = resolvedWorkload(bound.workload, bound.component, this.setup, asked);
    await this.plugin.onWorkloadResolved?.(workload, bound.state, { signal: neverAborted() });
    return asked;
  }

  async unbind(bound: BoundWorkload, signal: AbortSignal = neverAborted()): Promise<void> {
    const index = this.#bound.findIndex((entry) => entry.workload === bound.workload);
    if (index >= 0) this.#bound.splice(index, 1);
    await this.plugin.onWorkloadUnbind(bound.workload, bound.state, { signal });
  }

  /** What a new instance imports. */
  importsOf(bound: BoundComponent): ComponentImports {
    return bound.binding.importsFor(this.scopeOf(bound));
  }

  scopeOf({ component }: BoundComponent): InstanceScope {
    this.#instances += 1;
    return { id: `${component.workload.id}/main/${this.#instances}`, component, signal: neverAborted(), defer() {} };
  }

  /** What a guest sees; `around` may wrap the functions that it calls. */
  async observe(bound: BoundComponent, around: Around = (_id, functions) => functions): Promise<unknown> {
    const scope = this.scopeOf(bound);
    const imports = bound.binding.importsFor(scope);
    const { workload, component, requests } = bound;
    const guest = {
      plugin: this.plugin,
      workload,
      component,
      scope,
      imports: (id: string) => {
        const request = requests.find((entry) => entry.direction === 'import' && isNamed(entry.id, id));
        assert.ok(request, `observe asks for ${id}, which is not in the plugin's world`);
        return around(request.id, imports[request.externName] as Readonly<Record<string, GuestFunction>>);
      },
    };
    return plainData(await this.setup.observe(guest));
  }

  /** How much the plugin holds; 0 where the setup does not count. */
  async held(): Promise<number> {
    return (await this.setup.held?.(this.plugin)) ?? 0;
  }

  /** Takes down whatever the rule left standing, over failures: the rule has its own verdict. */
  async close(): Promise<void> {
    for (const bound of [...this.#bound].reverse()) await settledSoon(this.unbind(bound));
    await settledSoon(this.plugin.stop?.({ signal: neverAborted() }));
    await settledSoon(this.#shared.close());
    await this.setup.dispose?.(this.plugin);
  }
}

/** Wraps the functions of an interface. */
export type Around = (
  id: string,
  functions: Readonly<Record<string, GuestFunction>>,
) => Readonly<Record<string, GuestFunction>>;

/** Runs a rule with a new, started plugin, and takes it down. */
export async function withPlugin(setup: HostPluginSetup, rule: (stage: Stage) => Promise<void>): Promise<void> {
  await withUnstarted(setup, async (stage) => {
    await stage.start();
    await rule(stage);
  });
}

/** Runs a rule with a new plugin that was not started, and takes it down. */
export async function withUnstarted(
  setup: HostPluginSetup,
  rule: (stage: Stage) => Promise<void>,
  create: () => HostPlugin | Promise<HostPlugin> = () => setup.create(),
): Promise<void> {
  const stage = new Stage(await create(), setup);
  try {
    await rule(stage);
  } finally {
    await stage.close();
  }
}

/** Waits for `work` that has been told to give up, whatever comes of it. @throws AssertionError when it goes on. */
export async function givesUp(work: Promise<unknown>, what: string): Promise<void> {
  const late = Promise.withResolvers<never>();
  const message = `${what} went on for ${patienceMs} ms after its signal had aborted: pass the signal on`;
  const timer = setTimeout(() => late.reject(new assert.AssertionError({ message })), patienceMs);
  try {
    await Promise.race([settled(work), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** `PromiseLike` or nothing, whatever its outcome. */
async function settled(work: PromiseLike<unknown> | undefined): Promise<void> {
  await Promise.allSettled([work]);
}

/** Taking down what is broken must not hang. */
async function settledSoon(work: PromiseLike<unknown> | undefined): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, patienceMs);
  await Promise.race([settled(work), late.promise]);
  clearTimeout(timer);
}

function plainData(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch (cause) {
    throw new assert.AssertionError({ message: `observe must answer with plain data: ${String(cause)}` });
  }
}

function isNamed(id: string, name: string): boolean {
  return id === name || id.startsWith(`${name}@`);
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

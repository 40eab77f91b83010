import type { CompiledComponent, Engine } from '../engine.js';
import { HostError } from '../errors.js';
import type { HostEvents, InterruptionMode, ServiceEndEvent, StopOptions } from '../host.js';
import { CallRegistry } from '../instances/call-registry.js';
import type { Deadlines } from '../instances/deadlines.js';
import { GraphImports } from '../instances/graph-imports.js';
import type { GuestMemory } from '../instances/guest-memory.js';
import { InstanceSource } from '../instances/instance-source.js';
import { Releases } from '../instances/releases.js';
import { type GraphPlan, planGraphs } from '../linking/compile-plan.js';
import type { ProviderIndex } from '../linking/provider-index.js';
import { type Resolution, resolveWorkload } from '../linking/resolve.js';
import type { LoadedUnit } from '../linking/unit.js';
import { type Logger, withFields } from '../logger.js';
import type { HostPlugin } from '../plugin.js';
import type { Telemetry } from '../telemetry.js';
import type { WorkloadInfo, WorkloadSpec } from '../workload.js';
import { ActiveWorkload } from './active-workload.js';
import type { LoadedComponent } from './load.js';
import { orAbandon } from './patience.js';
import { PluginBindings } from './plugin-bindings.js';
import { ServiceRunner } from './service-runner.js';

/** What every workload of a host shares. */
export interface WorkloadContext {
  readonly engine: Engine;
  readonly interruption: InterruptionMode;
  readonly plugins: readonly HostPlugin[];
  readonly index: ProviderIndex;
  readonly logger: Logger;
  readonly deadlines: Deadlines;
  readonly telemetry: Telemetry;
  readonly memory: GuestMemory;
}

/** One start. */
export interface StartRequest {
  readonly info: WorkloadInfo;
  readonly spec: WorkloadSpec;
  readonly loaded: readonly LoadedComponent[];
  /** Aborts when the workload is stopped meanwhile. */
  readonly signal: AbortSignal;
  /** How patient a stop is that has come meanwhile. */
  stopOptions(): StopOptions;
  onFail(reason: Error): void;
  onServiceEnd(end: Omit<ServiceEndEvent, 'workloadId'>): void;
  emit<Name extends keyof HostEvents>(event: Name, data: HostEvents[Name]): void;
}

/**
 * Brings loaded components up: inspect, resolve, bind, compile, tell the plugins; the service is ready to be started. Whatever fails, or a stop,
 * releases what was done so far, newest first, before it rejects.
 */
export async function startWorkload(request: StartRequest, context: WorkloadContext): Promise<ActiveWorkload> {
  const { info, spec, loaded, signal } = request;
  const logger = withFields(context.logger, { workload: info.id });
  const units = await inspectAll(loaded, context, signal);
  const resolution = resolveWorkload(units, spec.hostInterfaces ?? [], context.index);
  for (const { component, externName } of resolution.uncalled) {
    logger.log('warn', 'an exported interface is granted, but no plugin calls it', {
      component,
      interface: externName,
    });
  }
  const releases = new Releases(logger);
  const { deadlines, telemetry } = context;
  const registry = new CallRegistry({ workload: info, deadlines, telemetry, releases, logger });
  const bindings = new PluginBindings(info, logger);
  const components = units.map(({ component }) => component);
  const active = new ActiveWorkload({ info, registry, bindings, components, onFail: request.onFail });
  try {
    // Planned before anything is bound: what the engine cannot do is known by now.
    const plan = (): GraphPlan[] => planFor(units, resolution, bindings, context.engine);
    plan();
    await bindings.bind(context.plugins, resolution.requests, signal);
    for (const graph of plan()) {
      const serviceRegistry = new CallRegistry({ workload: info, deadlines, telemetry, releases, logger });
      const isService = graph.unit.component.kind === 'service';
      const source = await compileGraph(
        graph,
        loaded,
        bindings,
        isService ? serviceRegistry : registry,
        context,
        signal,
      );
      active.addSource(graph.unit, source);
      if (isService) active.service = makeService(graph, source, request);
    }
    signal.throwIfAborted();
    await bindings.resolved(active, signal);
    return active;
  } catch (error) {
    await active.release({ ...request.stopOptions(), drainMs: 0 });
    throw error;
  }
}

async function inspectAll(
  loaded: readonly LoadedComponent[],
  { engine, interruption }: WorkloadContext,
  signal: AbortSignal,
): Promise<LoadedUnit[]> {
  const units: LoadedUnit[] = [];
  for (const { component, bytes, source } of loaded) {
    try {
      const shape = await orAbandon(engine.inspect(bytes, { signal }), signal);
      const isWanted = interruption === 'always' || (interruption === 'fetched' && 'image' in source);
      units.push({ component, bytes, shape, isInterruptible: isWanted && engine.supports.interruption });
    } catch (error) {
      throw signal.aborted ? signal.reason : componentError(component.name, error);
    }
    signal.throwIfAborted();
  }
  return units;
}

function planFor(
  units: readonly LoadedUnit[],
  { links, requests }: Resolution,
  bindings: PluginBindings,
  engine: Engine,
): GraphPlan[] {
  const callable = new Set<LoadedUnit>();
  const suspending = new Map<LoadedUnit, ReadonlySet<string>>();
  for (const unit of units) {
    suspending.set(unit, bindings.suspendingImports(unit.component));
    const isCalled = requests.some(
      ({ request }) => request.component === unit.component && request.direction === 'export',
    );
    if (isCalled) callable.add(unit);
  }
  return planGraphs(units, links, suspending, callable, engine);
}

async function compileGraph(
  graph: GraphPlan,
  loaded: readonly LoadedComponent[],
  bindings: PluginBindings,
  registry: CallRegistry,
  context: WorkloadContext,
  signal: AbortSignal,
): Promise<InstanceSource> {
  const { component } = graph.unit;
  const members = [graph.unit, ...graph.linked].map((unit) =>
    loaded.find((entry) => entry.component === unit.component),
  );
  // A warm instance keeps the state of the whole graph, so every component of it has to agree.
  const isPoolable = members.every((member) => member !== undefined && member.poolSize > 0);
  const [own] = members;
  try {
    const compiled = await context.telemetry.compile(component, () => compileUntil(graph, context.engine, signal));
    return new InstanceSource({
      component,
      compiled,
      imports: new GraphImports(
        bindings.boundComponent(component),
        graph.linked.map((unit) => bindings.boundComponent(unit.component)),
      ),
      policy: { poolSize: isPoolable ? (own?.poolSize ?? 0) : 0, maxInvocations: own?.maxInvocations ?? 0 },
      registry,
      memory: context.memory,
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : componentError(component.name, error);
  }
}

/** An engine that goes on after an abort is left behind; what it makes then is let go of. */
async function compileUntil(graph: GraphPlan, engine: Engine, signal: AbortSignal): Promise<CompiledComponent> {
  const compiling = engine.compile(graph.unit.bytes, { ...graph.options, signal });
  try {
    return await orAbandon(compiling, signal);
  } catch (error) {
    compiling.then(
      (late) => late.dispose(),
      () => undefined,
    );
    throw error;
  }
}

function makeService(graph: GraphPlan, source: InstanceSource, request: StartRequest): ServiceRunner {
  return new ServiceRunner({
    source,
    shape: graph.unit.shape,
    maxRestarts: Math.max(0, request.spec.service?.maxRestarts ?? 0),
    onRestart: (attempt, delayMs, reason) =>
      request.emit('service-restart', { workloadId: request.info.id, attempt, delayMs, reason }),
    onEnd: request.onServiceEnd,
  });
}

/** The engine speaks of bytes; who reads the error wants to know whose. */
function componentError(component: string, error: unknown): HostError {
  const code = HostError.is(error) ? error.code : 'ERR_COMPONENT_INVALID';
  const details = HostError.is(error) ? error.details : {};
  const message = error instanceof Error ? error.message : String(error);
  return new HostError(code, `component '${component}': ${message}`, {
    cause: error,
    details: { ...details, component },
  });
}

import { readFile } from 'node:fs/promises';
import type {
  CompiledComponent,
  ComponentImports,
  ComponentInfo,
  ComponentInstance,
  Engine,
  InstanceScope,
} from '@lodge/core';

/** A compiled component together with what its instances are given. */
export interface Startable {
  readonly compiled: CompiledComponent;
  instantiate(): ComponentInstance | Promise<ComponentInstance>;
}

/** Who does not give instances back must not be told that there are too many. */
const leftToCollector = Number.POSITIVE_INFINITY;

/** The engine of a subject. */
export async function engineOf(subject: string): Promise<Engine> {
  if (subject === 'jco') return (await import('@lodge/engine-jco')).jcoEngine();
  const { lodgeEngine } = await import('@lodge/engine');
  return subject === 'lodge plain' ? lodgeEngine({ maxLiveMemories: leftToCollector }) : lodgeEngine();
}

/** Reads a component's file. */
export async function readComponent(path: string | undefined): Promise<Uint8Array> {
  if (path === undefined) throw new TypeError('the task names no such component');
  return new Uint8Array(await readFile(path));
}

const componentName = 'component';

/** Compiles a component; `suspending` as in `ComponentUnit.suspendingImports`. */
export function compile(
  engine: Engine,
  bytes: Uint8Array,
  suspending: readonly string[] = [],
  isInterruptible = false,
): Promise<CompiledComponent> {
  return engine.compile(bytes, { name: componentName, suspendingImports: new Set(suspending), isInterruptible });
}

/** Makes ready to instantiate `compiled` with `imports`, the same object each time. */
export function startable(compiled: CompiledComponent, imports: ComponentImports): Startable {
  const graph = new Map([[componentName, imports]]);
  return { compiled, instantiate: () => compiled.instantiate(graph, scope) };
}

const info: ComponentInfo = {
  name: componentName,
  kind: 'component',
  workload: { id: 'bench', namespace: 'bench', name: 'bench', annotations: {} },
  localResources: {
    memoryLimitMb: 0,
    cpuLimit: 0,
    config: {},
    environment: {},
    arguments: [],
    volumeMounts: [],
    allowedHosts: [],
    allowedIpNameLookups: [],
    allowedHostLoopbackPorts: [],
  },
  callConcurrency: 0,
};

const scope: InstanceScope = { id: 'bench', component: info, signal: new AbortController().signal, defer() {} };

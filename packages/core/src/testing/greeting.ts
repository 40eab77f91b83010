import { createHost } from '../create-host.js';
import type { GuestFunction } from '../engine.js';
import type { Host, HostOptions } from '../host.js';
import type { CallOptions, ComponentBinding, ExportHandle, HostPlugin, ResolvedWorkload } from '../plugin.js';
import type { ComponentSpec, HostInterfaceSpec, WorkloadSpec } from '../workload.js';
import { bytesOf, interfaceOf, MemoryEngine, type Program, shapeOf } from './memory-engine.js';

/** An interface that programs export in tests. */
export const greetId = 'test:greeting/greet@1.0.0';

/** The entry that lets the caller plugin call it. */
export const greetEntry: HostInterfaceSpec = { namespace: 'test', package: 'greeting', interfaces: ['greet'] };

/** A program that exports `greet.say-hello`; `make` is called once per instance. */
export function greeter(make: () => GuestFunction): Program {
  return {
    shape: shapeOf({ exports: [interfaceOf(greetId, ['say-hello'])] }),
    create: () => ({ [greetId]: { sayHello: make() } }),
  };
}

/** A program whose instances count their calls. */
export function counter(): Program {
  return greeter(() => {
    let calls = 0;
    return () => {
      calls += 1;
      return calls;
    };
  });
}

/** A plugin that calls `greet` and hands the workloads to the test. */
export interface GreetingCaller extends HostPlugin<undefined> {
  readonly resolved: ResolvedWorkload[];
  /** The only handle of the newest workload. */
  handle(): ExportHandle;
  call(options?: Partial<CallOptions>): Promise<unknown>;
}

export function greetingCaller(): GreetingCaller {
  const resolved: ResolvedWorkload[] = [];
  const handle = (): ExportHandle => {
    const [found] = resolved.at(-1)?.exports(greetId, 'say-hello') ?? [];
    if (found === undefined) throw new Error('no workload exports greet');
    return found;
  };
  return {
    specVersion: 1,
    id: 'greeting-caller',
    world: { provides: [], calls: [{ id: greetId }] },
    resolved,
    handle,
    call: (options = {}) => handle().call({ args: () => [], ...options }),
    onWorkloadBind: async () => undefined,
    bindComponent: async (): Promise<ComponentBinding> => ({ importsFor: () => ({}) }),
    onWorkloadResolved: async (workload) => {
      resolved.push(workload);
    },
    onWorkloadUnbind: async () => undefined,
  };
}

/** A spec with these programs as components, named like them, with the grant for `greet`. */
export function specOf(
  programs: readonly (string | Partial<ComponentSpec>)[],
  more: Partial<WorkloadSpec> = {},
): WorkloadSpec {
  const components = programs.map((program): ComponentSpec => {
    const given = typeof program === 'string' ? { name: program } : program;
    const name = given.name ?? 'main';
    return { source: { bytes: bytesOf(name) }, ...given, name };
  });
  return { namespace: 'test', name: 'greeting', components, hostInterfaces: [greetEntry], ...more };
}

/** A started host with a caller and these programs. */
export async function startGreetingHost(
  programs: Readonly<Record<string, Program>>,
  options: Partial<HostOptions> = {},
): Promise<{ host: Host; engine: MemoryEngine; caller: GreetingCaller }> {
  const engine = new MemoryEngine(programs);
  const caller = greetingCaller();
  const host = createHost({ engine, ...options, plugins: [caller, ...(options.plugins ?? [])] });
  await host.start();
  return { host, engine, caller };
}

import {
  consoleLogger,
  createHost,
  type ExportHandle,
  type Host,
  type HostInterfaceSpec,
  type HostPlugin,
  type ResolvedWorkload,
} from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { readComponent } from '../engine/start-component.ts';

/** The interface of the benchmark that components export. */
const loops = 'lodge:bench/loops';

const maxCallMs = 600_000;

/** How a {@link Guest} is run. */
export interface GuestOptions {
  /** Unique on its host. */
  readonly name: string;
  readonly file: string;
  readonly hostInterfaces: readonly HostInterfaceSpec[];
  /** Instances kept warm; 0: new state for each call. */
  readonly poolSize: number;
}

/** A host whose components can be told what to do. */
export class GuestHost {
  readonly #host: Host;
  readonly #workloads = new Map<string, ResolvedWorkload>();

  constructor(plugins: readonly HostPlugin[]) {
    const logger = consoleLogger({ level: 'error' });
    this.#host = createHost({ engine: lodgeEngine(), plugins: [...plugins, this.#caller()], logger });
  }

  start(): Promise<void> {
    return this.#host.start();
  }

  /**
   * Starts a workload of one component.
   *
   * @throws Error when it does not run
   */
  async run({ name, file, hostInterfaces, poolSize }: GuestOptions): Promise<Guest> {
    const bytes = await readComponent(file);
    const status = await this.#host.workloadStart({
      workloadId: name,
      workload: {
        namespace: 'bench',
        name,
        components: [{ name: 'component', source: { bytes }, poolSize }],
        hostInterfaces: [{ namespace: 'lodge', package: 'bench', interfaces: ['loops'] }, ...hostInterfaces],
      },
    });
    const workload = this.#workloads.get(name);
    if (status.state !== 'running' || workload === undefined) throw new Error(status.message);
    return new Guest(workload);
  }

  /** Keeps the workloads that it may call. */
  #caller(): HostPlugin<undefined> {
    return {
      specVersion: 1,
      id: 'bench-caller',
      world: { provides: [], calls: [{ id: loops }] },
      onWorkloadBind: async () => undefined,
      bindComponent: async () => ({ importsFor: () => ({}) }),
      onWorkloadResolved: async (workload) => void this.#workloads.set(workload.id, workload),
      onWorkloadUnbind: async () => undefined,
    };
  }
}

/** A component that runs. */
export class Guest {
  readonly #workload: ResolvedWorkload;
  readonly #handles = new Map<string, ExportHandle>();

  constructor(workload: ResolvedWorkload) {
    this.#workload = workload;
  }

  /** Calls a function of the component's `loops`. */
  call(name: string, args: readonly unknown[]): Promise<unknown> {
    return this.#handle(name).call({ args: () => args, deadlineMs: maxCallMs });
  }

  #handle(name: string): ExportHandle {
    const handle = this.#handles.get(name) ?? this.#workload.exports(loops, name)[0];
    if (handle === undefined) throw new Error(`the component has no ${name}`);
    this.#handles.set(name, handle);
    return handle;
  }
}

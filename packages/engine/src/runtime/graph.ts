import type { ComponentExports, InstanceLimits } from '@lodge/core';
import { ComponentState } from './component-state.js';
import { Life, type LifeDescription } from './life.js';
import { Pacer, type Turns } from './pacer.js';
import { Snapshot } from './snapshot.js';

/** What the generated function makes: one instance graph, without a life of its own. */
export interface GraphCode {
  readonly memories: readonly WebAssembly.Memory[];
  /** Copies every mutable global aside, and back. */
  save(): void;
  restore(): void;
  /** Makes the graph serve another life. */
  rebind(life: Life, hosts: readonly unknown[]): void;
  /** The exports of one life. */
  open(life: Life): ComponentExports;
}

/** The generated function. */
export type InstantiateCode = (
  life: Life,
  hosts: readonly unknown[],
  modules: readonly WebAssembly.Module[],
  components: readonly ComponentState[],
  limits: readonly InstanceLimits[],
  pacer: Pacer | undefined,
) => GraphCode;

/** A graph with its memories as views, and what is known of its state. */
export interface Graph {
  readonly code: GraphCode;
  readonly components: readonly ComponentState[];
  /** Of its memories; one is detached, and so empty, when its memory has grown. */
  readonly views: readonly Uint8Array[];
  /** Whether its state after instantiation is the same for every instance. */
  readonly isReproducible: boolean;
}

/** Idle graphs and their memory are bounded: beyond that, a graph that comes back is let go. */
const maxIdleGraphs = 128;
const maxIdleBytes = 268_435_456;

/** What a {@link GraphSource} makes graphs of. */
export interface GraphSourceOptions {
  readonly instantiate: InstantiateCode;
  readonly modules: readonly WebAssembly.Module[];
  /** By component instance. */
  readonly limits: readonly InstanceLimits[];
  readonly description: LifeDescription;
  /** Whether, as far as the sections of the modules tell, a graph can be made new again. */
  readonly mayRecycle: boolean;
  /** Reads the code of the modules for state that memories and globals do not hold. Called when the first life ends. */
  readonly hasHiddenState: () => Promise<boolean>;
  /** Unset: guests are not interrupted. */
  readonly turns: Turns | undefined;
}

/** Makes instance graphs, and takes back those whose state can be made new again. */
export class GraphSource {
  /** Whether graphs may be used again, as far as is known: `maybe` until the code of the core modules has been read. */
  #recycling: 'maybe' | 'yes' | 'no';
  #hasHiddenState: (() => Promise<boolean>) | undefined;
  readonly #instantiate: InstantiateCode;
  readonly #modules: readonly WebAssembly.Module[];
  readonly #limits: readonly InstanceLimits[];
  readonly #description: LifeDescription;
  readonly #turns: Turns | undefined;
  readonly #idle: Graph[] = [];
  #idleBytes = 0;
  /** Of every memory of a new graph; undefined until the first one is made. */
  #snapshots: readonly Snapshot[] | undefined = undefined;

  constructor({ instantiate, modules, limits, description, mayRecycle, hasHiddenState, turns }: GraphSourceOptions) {
    this.#instantiate = instantiate;
    this.#modules = modules;
    this.#limits = limits;
    this.#description = description;
    this.#recycling = mayRecycle ? 'maybe' : 'no';
    this.#hasHiddenState = hasHiddenState;
    this.#turns = turns;
  }

  /** A graph in the state of a new one, and the life that begins on it. */
  open(hosts: readonly unknown[]): { graph: Graph; life: Life } {
    const idle = this.#idle.pop();
    if (idle === undefined) return this.#create(hosts);
    this.#idleBytes -= sizeOf(idle);
    const life = new Life(this.#description, idle.components);
    idle.code.rebind(life, hosts);
    return { graph: idle, life };
  }

  /** Ends a life; keeps its graph, made new, if that is possible. */
  close(graph: Graph, life: Life): void {
    this.#decide();
    const isReusable = this.#recycling === 'yes' && graph.isReproducible && life.isClean && !this.#hasGrown(graph);
    life.close();
    const size = sizeOf(graph);
    if (!isReusable || this.#idle.length >= maxIdleGraphs || this.#idleBytes + size > maxIdleBytes) return;
    graph.views.forEach((view, index) => {
      this.#snapshots?.[index]?.restore(view);
    });
    graph.code.restore();
    this.#idle.push(graph);
    this.#idleBytes += size;
  }

  /** Lets go of every idle graph; none is kept from now on. */
  clear(): void {
    this.#recycling = 'no';
    this.#idle.length = 0;
    this.#idleBytes = 0;
  }

  /** Not before there is something to recycle: a large module takes longer to read than a first request should wait. */
  #decide(): void {
    const hasHiddenState = this.#hasHiddenState;
    this.#hasHiddenState = undefined;
    if (this.#recycling !== 'maybe' || hasHiddenState === undefined) return;
    const settle = (isHidden: boolean): void => {
      if (this.#recycling === 'maybe') this.#recycling = isHidden ? 'no' : 'yes';
    };
    hasHiddenState().then(settle, () => settle(true));
  }

  #create(hosts: readonly unknown[]): { graph: Graph; life: Life } {
    const clock = { now: 0 };
    const components = this.#limits.map(({ maxHandles }) => new ComponentState(maxHandles, clock));
    const life = new Life(this.#description, components);
    const pacer = this.#turns && new Pacer(this.#turns);
    if (pacer !== undefined) pacer.life = life;
    const code = life.start(() => this.#instantiate(life, hosts, this.#modules, components, this.#limits, pacer));
    const views = code.memories.map((memory) => new Uint8Array(memory.buffer));
    const isReproducible = this.#recycling !== 'no' && !life.calledOutAtStart;
    if (isReproducible) {
      this.#snapshots ??= views.map((view) => new Snapshot(view));
      code.save();
    }
    return { graph: { code, components, views, isReproducible }, life };
  }

  /** A memory that grew cannot shrink again. */
  #hasGrown({ views }: Graph): boolean {
    return views.some((view, index) => view.length !== this.#snapshots?.[index]?.size);
  }
}

function sizeOf({ views }: Graph): number {
  return views.reduce((sum, view) => sum + view.length, 0);
}
